"""Movements in transit: each side's view, what happened, what is to be said to other districts, what was heard."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from gateway.storage.tables.base import metadata
from gateway.storage.tables.clearances import DUE
from gateway.storage.tables.guarantees import release_columns

movements = Table(
    "movements",
    metadata,
    # 1 departure, 2 destination, 3 offices of transit: all may be of one district.
    Column("side", Integer, primary_key=True),
    Column("mrn", Text, primary_key=True),
    Column("state", Integer, nullable=False),
    Column("other", Text, nullable=False),
    Column("office_code", Text, nullable=False),
    Column("lrn", Text, nullable=False),
    Column("declarant", Text, nullable=False),
    Column("declaration", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("trace", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("update_time", BigInteger, nullable=False),
    # JSON; empty before it is known.
    Column("departure", Text, nullable=False),
    Column("arrival", Text, nullable=False),
    Column("remarks", Text, nullable=False),
    # JSON list of districts.
    Column("former", Text, nullable=False),
    # JSON list of [district, office of transit].
    Column("via", Text, nullable=False),
    # JSON; empty before it has passed one.
    Column("passages", Text, nullable=False),
    # Why it is to be invalidated, and a JSON list of districts that have not said yet that nothing passed there.
    Column("reason", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("found", Integer, nullable=False),
    Column("in_conflict", Integer, nullable=False),
    Column("fraud_suspected", Integer, nullable=False),
    Column("wait_time", BigInteger),
    # When something happens by itself; NULL: nothing does.
    Column("due_time", BigInteger),
    Column("etag", BigInteger, nullable=False),
    # LRN, which is its declarant's own; on other sides the MRN.
    Column("reference", Text, nullable=False),
    UniqueConstraint("declarant", "reference", name="movements_one_for_each_reference"),
    CheckConstraint("side BETWEEN 1 AND 3 AND state BETWEEN 1 AND 23 AND etag >= 1", name="movements_sound"),
    Index("movements_by_due_time", "due_time", sqlite_where=DUE, postgresql_where=DUE),
    Index("movements_by_create_time", "create_time", "mrn"),
)

# Appended, never changed: `sequence` is the etag that the movement had after it.
movement_events = Table(
    "movement_events",
    metadata,
    Column("side", Integer, primary_key=True),
    Column("mrn", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("time", BigInteger, nullable=False),
    Column("event", Text, nullable=False),
    Column("state_before", Integer, nullable=False),
    Column("state_after", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    Column("refused", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# How far each stream has come, for ever: by direction (1 said, 2 heard), district, side that is spoken to, and
# movement.
movement_streams = Table(
    "movement_streams",
    metadata,
    Column("direction", Integer, primary_key=True),
    Column("district", Text, primary_key=True),
    Column("side", Integer, primary_key=True),
    Column("mrn", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What is said and was not receipted. Of a stream only the first is due; those after it wait.
movement_letters = Table(
    "movement_letters",
    metadata,
    Column("district", Text, primary_key=True),
    Column("side", Integer, primary_key=True),
    Column("mrn", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    # JSON.
    Column("content", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_aside", Integer, nullable=False),
    # NULL: it waits for the one before it, or for somebody.
    Column("due_time", BigInteger),
    Index("movement_letters_by_due_time", "district", "due_time", sqlite_where=DUE, postgresql_where=DUE),
    # A partner may be away for weeks; whoever looks at one movement does not read all that waits.
    Index("movement_letters_by_mrn", "mrn"),
    sqlite_with_rowid=False,
)

# What was heard and refused as out of sequence, so that it is refused alike whenever it comes again.
movement_refusals = Table(
    "movement_refusals",
    metadata,
    Column("district", Text, primary_key=True),
    Column("side", Integer, primary_key=True),
    Column("mrn", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("state_met", Text, nullable=False),
    sqlite_with_rowid=False,
)

movement_guarantees = Table(
    "movement_guarantees",
    metadata,
    *release_columns(),
    CheckConstraint("generation >= 1 AND units > 0 AND state BETWEEN 1 AND 9", name="movement_guarantees_sound"),
    Index("movement_guarantees_by_due_time", "home", "due_time", sqlite_where=DUE, postgresql_where=DUE),
    sqlite_with_rowid=False,
)
