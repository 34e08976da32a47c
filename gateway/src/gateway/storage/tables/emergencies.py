"""Emergencies (应急) as they were declared, and how much of their caps is used."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Table, Text

from gateway.storage.tables.base import metadata

emergencies = Table(
    "emergencies",
    metadata,
    Column("number", Text, primary_key=True),
    Column("plan_version", Text, nullable=False),
    Column("measure", Text, nullable=False),
    # domain.emergency.EmergencyState
    Column("state", Integer, nullable=False),
    # From its declaration on, and at the latest until; NULL while it is only proposed.
    Column("begin_time", BigInteger),
    Column("end_time", BigInteger),
    Column("hours", Integer, nullable=False),
    # Releases under it, and the sum of what was guaranteed for them, within what the plan allows.
    Column("releases", Integer, nullable=False),
    Column("most_releases", Integer, nullable=False),
    Column("units", BigInteger, nullable=False),
    Column("most_units", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    CheckConstraint("state BETWEEN 1 AND 4", name="emergencies_state_known"),
    CheckConstraint("releases BETWEEN 0 AND most_releases", name="emergencies_in_number"),
    CheckConstraint("units BETWEEN 0 AND most_units", name="emergencies_in_amount"),
    CheckConstraint("releases = 0 OR begin_time IS NOT NULL", name="emergencies_are_declared_first"),
    sqlite_with_rowid=False,
)
