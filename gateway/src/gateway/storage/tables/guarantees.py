"""Uses of guarantees for clearances, and how far each has come."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from gateway.storage.tables.base import metadata
from gateway.storage.tables.clearances import DUE


def release_columns() -> tuple[Column[Any], ...]:
    """The columns of a table of uses: `number` is a clearance's, or a movement's."""
    return (
        Column("number", Text, primary_key=True),
        # From 1; every request is a new one.
        Column("generation", Integer, primary_key=True),
        Column("state", Integer, nullable=False),
        # JSON list of what is open, and the amount in the currency's smallest unit.
        Column("kinds", Text, nullable=False),
        Column("units", BigInteger, nullable=False),
        Column("currency_code", Text, nullable=False),
        # JSON list; access codes are kept nowhere.
        Column("grns", Text, nullable=False),
        # District that keeps them.
        Column("home", Text, nullable=False),
        Column("broker", Text, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("request_time", BigInteger, nullable=False),
        Column("confirm_time", BigInteger),
        Column("end_time", BigInteger),
        # JSON list of reasons.
        Column("refusals", Text, nullable=False),
        Column("amend_until", BigInteger),
        Column("claimant", Text, nullable=False),
        Column("claim_reason", Text, nullable=False),
        # When the next step is to be taken; NULL while nothing is to be done.
        Column("due_time", BigInteger),
        Column("attempts", Integer, nullable=False),
        # Version of the consignment that is guaranteed.
        Column("version", BigInteger, nullable=False),
        # Whether a scheme granted it without being asked.
        Column("by_scheme", Integer, nullable=False),
        # Until when what it stands for must be settled.
        Column("settle_by", BigInteger),
        # Request id of who took it back or claimed it; empty where nobody did.
        Column("end_request_id", Text, nullable=False),
    )


guarantee_releases = Table(
    "guarantee_releases",
    metadata,
    *release_columns(),
    CheckConstraint("generation >= 1 AND units > 0 AND state BETWEEN 1 AND 9", name="guarantee_releases_sound"),
    Index("guarantee_releases_by_due_time", "home", "due_time", sqlite_where=DUE, postgresql_where=DUE),
    sqlite_with_rowid=False,
)
