"""The kit's tables, for a service's first migration.

from agencykit.storage import agency_tables

def upgrade() -> None:
    agency_tables.create(op)
"""

from typing import Protocol

from sqlalchemy import Connection

from agencykit.decisions.tables import metadata


class Operations(Protocol):
    """`alembic.op`, as far as it is used here."""

    def get_bind(self) -> Connection:
        """The connection of the running migration."""
        ...


def create(op: Operations) -> None:
    """Creates them all, with their indexes."""
    metadata.create_all(op.get_bind(), checkfirst=False)


def drop(op: Operations) -> None:
    """Drops them all, and every decision in them."""
    metadata.drop_all(op.get_bind(), checkfirst=False)
