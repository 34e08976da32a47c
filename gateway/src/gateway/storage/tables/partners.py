"""Partner districts: their newest trust bundles, so that this one goes on while they are away, and how they stand."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Table, Text

from gateway.storage.tables.base import metadata

partners = Table(
    "partners",
    metadata,
    Column("district", Text, primary_key=True),
    # SignedTrustBundle as it came, and its version.
    Column("bundle", LargeBinary, nullable=False),
    Column("bundle_version", BigInteger, nullable=False),
    # Why the newest bundle offered was not taken; empty where it was.
    Column("bundle_fault", Text, nullable=False),
    # Version of the contract that is used; 0: none is common, NULL: none was agreed.
    Column("contract_version", Integer),
    Column("gateway_version", Text, nullable=False),
    # The last answer after which something had changed.
    Column("reach_time", BigInteger),
    Column("unreached_since", BigInteger),
    Column("reason", Text, nullable=False),
    CheckConstraint("bundle_version >= 1", name="partners_bundle_has_a_version"),
)

# Notices of unavailability: the own ones, under the own district, and partners' as they told them last.
notices = Table(
    "notices",
    metadata,
    Column("district", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("scope", Integer, nullable=False),
    Column("from_time", BigInteger, nullable=False),
    Column("until_time", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("announce_time", BigInteger, nullable=False),
    Column("withdraw_time", BigInteger),
)

# Revision of the notices: the own one, and for each partner the one that it told, and of ours the one it was told.
notice_revisions = Table(
    "notice_revisions",
    metadata,
    Column("district", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("told_revision", BigInteger, nullable=False),
)
