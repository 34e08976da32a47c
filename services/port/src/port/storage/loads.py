"""Loose goods leave load by load: how many packages there are, and how many of them are still there."""

from collections.abc import Iterable

from sqlalchemy import Connection

from agencykit.storage.rows import rows_in
from port.domain.goods import Goods, countable
from port.storage.releases import GateOut
from port.storage.tables import manifests, tallies

_COLUMNS = ("document", "packages")


def countable_packages(connection: Connection, goods: Iterable[Goods]) -> dict[Goods, int]:
    """Packages of loose goods that may leave in all, of those that anybody has counted."""
    loose = [each for each in goods if not each.containers]
    documents = sorted({each.document for each in loose})
    tallied: dict[str, int] = dict(rows_in(connection, tallies, _COLUMNS, ("document",), documents))
    manifested: dict[str, int] = dict(rows_in(connection, manifests, _COLUMNS, ("document",), documents))
    counts = {
        each: countable(each.packages, tallied.get(each.document), manifested.get(each.document)) for each in loose
    }
    return {each: count for each, count in counts.items() if count is not None}


def remaining(count: int | None, exits: Iterable[GateOut]) -> int | None:
    """Packages still there after these exits; None where they are not counted."""
    return None if count is None else max(count - sum([each.packages for each in exits]), 0)
