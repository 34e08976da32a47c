"""What partners declared and is verified here, and what was said of it to them."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, text

from gateway.storage.tables.base import metadata

# Beside the case of the same number; alone it is the tombstone of one that was withdrawn before it came.
verifications = Table(
    "verifications",
    metadata,
    Column("number", Text, primary_key=True),
    # District that declared it.
    Column("home", Text, nullable=False),
    # Version that was withdrawn before it came; 0: none.
    Column("withdrawn_version", BigInteger, nullable=False),
    # Of the newest decision; 0 before the first. What it says (domain.verification.Said), and home's order obeyed.
    Column("revision", BigInteger, nullable=False),
    Column("said", Text, nullable=False),
    Column("obeyed", BigInteger, nullable=False),
    # 1: the gate has not receipted an order to stop yet, so that it is looked at again.
    Column("due", Integer, nullable=False),
    Index("verifications_due", "due", sqlite_where=text("due = 1"), postgresql_where=text("due = 1")),
    sqlite_with_rowid=False,
)

# The log of what is said to each home, and its decisions as they were signed. Rows are never changed.
verification_logs = Table(
    "verification_logs",
    metadata,
    Column("home", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
)
verification_decisions = Table(
    "verification_decisions",
    metadata,
    Column("home", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("number", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("signed", LargeBinary, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Index("verification_decisions_by_revision", "number", "revision", unique=True),
)
