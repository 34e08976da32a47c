"""Orders as notices: the kit numbers them in the order in which they were told, and we send some again."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection

from agencykit.decisions import tables as kit
from agencykit.decisions.due import claim_facts
from agencykit.decisions.outcomes import LIST, lock_numbers
from agencykit.decisions.positions import take_positions
from agencykit.storage.bulk import select_in
from agencykit.storage.rows import Fields, rows_in, run, run_many
from port.domain.interests import about_goods
from port.storage.releases import ORDER
from port.storage.tables import delivery_orders

_AFTER = f"SELECT {', '.join(ORDER)}, position FROM outcomes WHERE position > ? ORDER BY position LIMIT ?"
_RENEW = "UPDATE outcomes SET position = ? WHERE clearance_number = ? AND order_number = ?"


def orders_after(connection: Connection, position: int, limit: int) -> list[Fields]:
    """Rows of ORDER and the position, after this position."""
    return run(connection, _AFTER, (position, limit))


def renew_notices(connection: Connection, documents: Collection[str]) -> None:
    """Puts the newest order about the goods of each document at the end of the list, as if told now."""
    if not documents:
        return
    claim_facts(connection)
    keys = [about_goods(document) for document in sorted(documents)]
    concerned = rows_in(connection, kit.waits, ("clearance_number",), ("fact_kind", "fact_key"), keys)
    numbers = sorted({number for (number,) in concerned})
    lock_numbers(connection, numbers)  # an order that is being told at this moment is the newest
    rows = rows_in(connection, kit.outcomes, ("clearance_number", "order_number"), ("clearance_number",), numbers)
    newest: list[Fields] = sorted(dict(sorted(rows)).items())
    first = take_positions(connection, LIST, len(newest))
    run_many(connection, _RENEW, [(first + place, *order) for place, order in enumerate(newest)])


def orders_of(connection: Connection, documents: Iterable[str]) -> dict[str, Any]:
    """Rows of `delivery_orders` by document, withdrawn ones too."""
    found = select_in(connection, delivery_orders, delivery_orders.c.document, documents)
    return {row.document: row for row in found}


def rights_of(connection: Connection, documents: Iterable[str], haulier: str) -> dict[str, bool]:
    """Whether this haulier may fetch the goods of each document, of those that he may or once might."""
    found = orders_of(connection, documents).values()
    return {
        row.document: row.haulier == haulier and not row.withdrawn
        for row in found
        if haulier in (row.haulier, *row.former.split())
    }


def hauliers_of(connection: Connection, documents: Iterable[str]) -> dict[str, str]:
    """Who may fetch the goods of each document that has a delivery order in force."""
    return {row.document: row.haulier for row in orders_of(connection, documents).values() if not row.withdrawn}
