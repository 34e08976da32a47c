"""Holds that are in force."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from agencykit.storage.bulk import select_in
from port.domain.facts import Hold
from port.storage.tables import holds


def holds_on(connection: Connection, subjects: Iterable[str]) -> Mapping[str, list[Hold]]:
    """Holds that are not lifted, by what they hold, each list in the order of their ids."""
    held: dict[str, list[Hold]] = {}
    for row in sorted(select_in(connection, holds, holds.c.subject, subjects)):
        if not row.lifted:
            held.setdefault(row.subject, []).append(Hold(row.id, row.subject))
    return held
