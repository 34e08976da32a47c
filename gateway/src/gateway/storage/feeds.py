"""How far each agency's decision logs have been read."""

from collections.abc import Mapping

from sqlalchemy import Connection

from agencykit.storage.rows import run, run_many

_STORE = """
INSERT INTO feed_positions (agency, log, sequence) VALUES (?, ?, ?)
ON CONFLICT (agency, log) DO UPDATE SET sequence = excluded.sequence
"""


def load_positions(connection: Connection, agency: str) -> dict[str, int]:
    """Log -> last sequence read."""
    found = run(connection, "SELECT log, sequence FROM feed_positions WHERE agency = ?", (agency,))
    return {row[0]: row[1] for row in found}


def store_positions(connection: Connection, agency: str, positions: Mapping[str, int]) -> None:
    """Moves the positions of the logs named."""
    run_many(connection, _STORE, [(agency, log, sequence) for log, sequence in sorted(positions.items())])
