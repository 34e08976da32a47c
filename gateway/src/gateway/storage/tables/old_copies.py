"""When this database was found, or put back, behind what others hold of it."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, Text

from gateway.storage.tables.base import metadata

# Until one has an end nothing is written (agencykit.backup.old_copies).
old_copies = Table(
    "old_copies",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("create_time", BigInteger, nullable=False),
    # `restored` by whoever put a backup back, or `witnessed` where somebody holds what is not here.
    Column("cause", Text, nullable=False),
    Column("witness", Text, nullable=False),
    # The chain of sheets and the number of what he holds; or a clearance and the number of its order.
    Column("chain", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    # Who said that it may go on, and who said so as well.
    Column("first_by", Text, nullable=False),
    Column("second_by", Text, nullable=False),
    Column("end_time", BigInteger),
    Column("generation", Integer, nullable=False),
    CheckConstraint("end_time IS NULL OR second_by <> first_by", name="old_copies_are_resumed_by_two"),
)
