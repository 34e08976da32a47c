"""Who does what, what was done, numbers that grow, and what is left of what was purged."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from gateway.storage.tables.base import metadata

# Work that one replica at a time does: `follow:customs`, `tell:customs`.
duties = Table(
    "duties",
    metadata,
    Column("name", Text, primary_key=True),
    Column("claimed_by", Text, nullable=False),
    Column("claimed_until", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)

# What was done or kept out, written in the transaction of the act itself. No state changes without its row.
audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time", BigInteger, nullable=False),
    Column("replica", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("details", Text, nullable=False),
    Index("audit_by_number", "number"),
)

# Numbers that grow without gaps in the order of commits: `changes`.
counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# Tombstones of what was purged: a number, or the digest of whose reference it was (storage.purged). For ever.
purged = Table(
    "purged",
    metadata,
    Column("key", Text, primary_key=True),
    # The clearance or movement that it was.
    Column("number", Text, nullable=False),
    Column("purge_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
