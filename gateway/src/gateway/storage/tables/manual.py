"""What officers released by hand; who proposed and ordered it stands in `proposals`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text, text

from gateway.storage.tables.base import metadata

# Somebody must still act. Queries must say the same in the same words.
UNRECONCILED = text("state IN (1, 2, 3)")

manual_releases = Table(
    "manual_releases",
    metadata,
    Column("number", Text, primary_key=True),
    Column("serial", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
    # The part of the goods (storage.scopes); empty: the whole.
    Column("scope", Text, nullable=False),
    # Agencies that had not answered, as `customs border`.
    Column("absent", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("paper_number", Text, nullable=False),
    Column("table_version", Text, nullable=False),
    # domain.manual.ManualState
    Column("state", Integer, nullable=False),
    Column("second_reason", Text, nullable=False),
    # Number of the order by which goods went first; 0: none yet.
    Column("order_number", BigInteger, nullable=False),
    # Who took it back, and who settled its conflict.
    Column("revoker", Text, nullable=False),
    Column("revoke_reason", Text, nullable=False),
    Column("revoke_time", BigInteger),
    Column("settler", Text, nullable=False),
    Column("settle_reason", Text, nullable=False),
    Column("settle_time", BigInteger),
    # Under an emergency plan: its number, which release it is, and on which guarantee; else empty and 0.
    Column("emergency", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("used_units", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("guarantee", Text, nullable=False),
    CheckConstraint("serial >= 1 AND state BETWEEN 1 AND 5", name="manual_releases_sound"),
    CheckConstraint("(state IN (1, 5)) = (order_number = 0)", name="manual_releases_ordered_by_an_order"),
    Index("manual_releases_unreconciled", "number", "serial", sqlite_where=UNRECONCILED, postgresql_where=UNRECONCILED),
    Index("manual_releases_by_emergency", "emergency", "number", "serial"),
    sqlite_with_rowid=False,
)
