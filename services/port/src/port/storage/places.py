"""Where goods are, and how much of a yard they take up."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from agencykit.storage.bulk import select_in
from agencykit.storage.rows import rows_in, run, run_many
from port.storage.tables import gate_outs, places

_IN_USE = "SELECT COUNT(DISTINCT container) FROM places WHERE yard = ?"
_FREE = "UPDATE places SET yard = '' WHERE document = ? AND container = ?"


def places_of(connection: Connection, documents: Iterable[str]) -> dict[str, list[Any]]:
    """Rows of `places` by document, each list in the order of the containers."""
    found: dict[str, list[Any]] = {}
    for row in sorted(select_in(connection, places, places.c.document, documents)):
        found.setdefault(row.document, []).append(row)
    return found


def in_use(connection: Connection, yard: str) -> int:
    """Containers that have their place in the yard now."""
    [(count,)] = run(connection, _IN_USE, (yard,))
    return int(count)


def free_places(connection: Connection, left: Sequence[tuple[str, str]]) -> None:
    """Whatever (document, container) has left takes up no room; where it was stays known."""
    run_many(connection, _FREE, left)


def departed(connection: Connection, documents: Iterable[str]) -> set[tuple[str, str]]:
    """(document, container) of what has left of these."""
    return set(rows_in(connection, gate_outs, ("document", "subject"), ("document",), sorted(set(documents))))
