"""What agencies are still to be told, and the examinations that some of it is about."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from gateway.storage.tables.base import metadata

# Outcomes that nobody has been told of yet; a row goes when every agency has been told, or has it in its outbox.
untold = Table(
    "untold",
    metadata,
    Column("number", Text, primary_key=True),
    Column("order_number", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("outcome_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What one agency could not be told at once; a row goes when it has receipted it.
outbox = Table(
    "outbox",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("order_number", BigInteger, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("outcome_time", BigInteger, nullable=False),
    Column("refusals", Integer, nullable=False),
    # Not before this moment; NULL once it is set aside.
    Column("due_time", BigInteger),
    Index("outbox_by_due_time", "agency", "due_time"),
    Index("outbox_by_number", "number"),
    sqlite_with_rowid=False,
)

# How far each agency has receipted that it was told everything, and who is told again all that stands.
assurances = Table(
    "assurances",
    metadata,
    Column("agency", Text, primary_key=True),
    # The newest moment that it receipted; NULL where none counts.
    Column("receipted_time", BigInteger),
    # The number up to which it was told again, empty at first; NULL where it need not be.
    Column("retold", Text),
    sqlite_with_rowid=False,
)

# Joint examinations: one appointment, one opening for several agencies.
examinations = Table(
    "examinations",
    metadata,
    Column("number", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("state", Integer, nullable=False),
    # JSON lists.
    Column("agencies", Text, nullable=False),
    Column("containers", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("operator", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("appointment_id", Text, nullable=False),
    Column("decline_reason", Text, nullable=False),
    # JSON of the opening; empty before it.
    Column("opening", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Of which of them one agency has still to be told that they will not take place; a row goes when it has receipted it.
called_off = Table(
    "called_off",
    metadata,
    Column("agency", Text, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("refusals", Integer, nullable=False),
    # Not before this moment; NULL once it is set aside.
    Column("due_time", BigInteger),
    Index("called_off_by_due_time", "agency", "due_time"),
    Index("called_off_by_number", "number"),
    sqlite_with_rowid=False,
)
