"""Inspection's own tables. Times are microseconds since 1970; numbers are folded as the rules compare them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

certificates = Table(
    "certificates",
    metadata,
    Column("number", String(70), primary_key=True),
    Column("kind", Integer, nullable=False),  # numbers of the contract
    Column("issue_country_code", String(8), nullable=False),
    Column("commodity_prefixes", Text, nullable=False),  # separated by blanks
    Column("limit_net_mass_kg", Float(53)),  # NULL: without limit
    Column("valid_until_time", BigInteger),
    Column("revoked", Boolean, nullable=False),
    Column("transport_document_number", String(35), nullable=False),  # empty: bound to none
)

# How much of each certificate all clearances together have written off: the sum of its write-offs, in grams. A row
# comes with the certificate and stays. Apart from `certificates`, because who decides locks it and who lodges does not.
certificate_balances = Table(
    "certificate_balances",
    metadata,
    Column("number", String(70), primary_key=True),
    Column("used_grams", BigInteger, nullable=False),
    CheckConstraint("used_grams >= 0", name="certificate_balances_used"),
)

# Entries are appended, never changed; the sum for a clearance is what its newest decision writes off.
write_offs = Table(
    "write_offs",
    metadata,
    Column("clearance_number", String(35), primary_key=True),
    Column("certificate_number", String(70), primary_key=True),
    Column("entry", Integer, primary_key=True),  # from 1 for each clearance and certificate
    Column("version", BigInteger, nullable=False),  # of the consignment that was decided
    Column("grams", BigInteger, nullable=False),  # below zero: given back
    Column("write_time", BigInteger, nullable=False),
    CheckConstraint("grams <> 0", name="write_offs_move"),
    Index("write_offs_by_certificate", "certificate_number", "write_time"),
)

# Certificates of inspection at origin on their way to a port (电子转单): those issued here, and those from elsewhere.
transfers = Table(
    "transfers",
    metadata,
    Column("number", String(64), primary_key=True),
    Column("certificate_number", String(70), nullable=False),
    Column("certificate", LargeBinary, nullable=False),  # the contract's message
    Column("origin_district", String(35), nullable=False),
    Column("destination_district", String(35), nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("password_hash", LargeBinary, nullable=False),
    Column("state", Integer, nullable=False),  # numbers of the contract
    Column("tries_left", Integer, nullable=False),
    Column("issue_time", BigInteger, nullable=False),
    Column("claim_time", BigInteger),
    Column("claimant", Text, nullable=False),  # identity; empty while nobody has claimed it
    Column("dispatch_id", Text, nullable=False),  # request id under which it was handed over; empty while it was not
    CheckConstraint("tries_left >= 0", name="transfers_tries"),
    Index("transfers_by_certificate", "certificate_number"),
    Index("transfers_by_destination", "destination_district", "state", "issue_time"),
    Index("transfers_by_dispatch", "dispatch_id"),
)

exemptions = Table(
    "exemptions",
    metadata,
    Column("number", String(35), primary_key=True),
    Column("holder_identifier", String(35), nullable=False),
    Column("commodity_prefixes", Text, nullable=False),
    Column("valid_until_time", BigInteger),
    Column("revoked", Boolean, nullable=False),
    Column("suspended_by", String(35), nullable=False),  # clearance whose spot check failed; empty: in force
    Index("exemptions_by_holder", "holder_identifier"),
)

# Exempt consignments and what was drawn for each: once for each clearance and exemption.
spot_checks = Table(
    "spot_checks",
    metadata,
    Column("clearance_number", String(35), primary_key=True),
    Column("exemption_number", String(35), primary_key=True),
    Column("drawn", Integer, nullable=False),  # 0 to 999,999; below per_million it is checked
    Column("per_million", Integer, nullable=False),
    Column("checked", Boolean, nullable=False),
    Column("failed", Boolean, nullable=False),
    Column("draw_time", BigInteger, nullable=False),
    Index("spot_checks_by_exemption", "exemption_number"),
)

# The secret that draws are keyed by; one row, made at the first draw.
draw_secrets = Table(
    "draw_secrets",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("secret", LargeBinary, nullable=False),
)

# Goods whose approval is taken back (召回): of one clearance, or of one producer.
recalls = Table(
    "recalls",
    metadata,
    Column("number", String(35), primary_key=True),
    Column("clearance_number", String(35), nullable=False),  # empty: a producer's
    Column("producer_identifier", String(35), nullable=False),  # empty: a clearance's
    Column("commodity_prefixes", Text, nullable=False),  # separated by blanks; empty: all of the producer's
    Column("reason", String(256), nullable=False),
    Column("lifted", Boolean, nullable=False),
    Column("enter_time", BigInteger, nullable=False),
    Index("recalls_by_clearance", "clearance_number"),
    Index("recalls_by_producer", "producer_identifier"),
)

producers = Table(
    "producers",
    metadata,
    Column("identifier", String(35), primary_key=True),
    Column("name", String(256), nullable=False),
    Column("inspection_class", Integer, nullable=False),  # 1 (best) to 3
)
