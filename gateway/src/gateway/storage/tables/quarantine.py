"""Items that were set aside, each until somebody has it tried again; what became of them stays with their case."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, text

from gateway.storage.tables.base import metadata

# Queries must say the same in the same words.
ASIDE = text("state = 1")

quarantine = Table(
    "quarantine",
    metadata,
    # It follows from the next four (domain.quarantine.item_id).
    Column("id", Text, primary_key=True),
    Column("kind", Integer, nullable=False),
    Column("party", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("subject", Text, nullable=False),
    # domain.quarantine.Standing
    Column("state", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_time", BigInteger, nullable=False),
    Column("last_time", BigInteger, nullable=False),
    Column("trace", Text, nullable=False),
    # SHA-256 and size of the content, of which the first part is kept; empty where the item has none of its own.
    Column("digest", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("requeues", Integer, nullable=False),
    Column("requeuer", Text, nullable=False),
    Column("requeue_reason", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("requeue_time", BigInteger),
    CheckConstraint("kind BETWEEN 1 AND 11 AND state BETWEEN 1 AND 3 AND tries >= 1", name="quarantine_sound"),
    Index("quarantine_set_aside", "first_time", "id", sqlite_where=ASIDE, postgresql_where=ASIDE),
    Index("quarantine_by_number", "number", "kind"),
)
