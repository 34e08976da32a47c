"""How far each agency's decision logs have been read."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from agencykit.storage import insert_rows
from gateway.storage.tables import feed_positions


def load_positions(connection: Connection, agency: str) -> dict[str, int]:
    """Log -> last sequence read."""
    c = feed_positions.c
    return {row[0]: row[1] for row in connection.execute(select(c.log, c.sequence).where(c.agency == agency))}


def store_positions(connection: Connection, agency: str, positions: Mapping[str, int]) -> None:
    """Moves the positions of the logs named."""
    rows = [(agency, log, sequence) for log, sequence in sorted(positions.items())]
    insert_rows(connection, feed_positions, rows, on_conflict="replace")
