"""Orders as issued."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in
from gateway.domain.identifiers import Micros
from gateway.storage.tables import orders

_COLUMNS = tuple(orders.columns.keys())


@dataclass(frozen=True, slots=True)
class Order:
    """One signed order. `order_bytes` is the serialised message that the signature covers."""

    number: str
    order_number: int
    kind: int
    version: int
    order_bytes: bytes
    signature: bytes
    issue_time: Micros


def insert_orders(connection: Connection, issued: Sequence[Order]) -> None:
    """Orders just issued."""
    rows = [(o.number, o.order_number, o.kind, o.version, o.order_bytes, o.signature, o.issue_time) for o in issued]
    insert(connection, orders, rows)


def load_orders(connection: Connection, numbers: Iterable[str]) -> dict[str, list[Order]]:
    """Number -> its orders, in their order."""
    found: dict[str, list[Order]] = {}
    for row in rows_in(connection, orders, _COLUMNS, ("number",), dict.fromkeys(numbers)):
        found.setdefault(row[0], []).append(_order(row))
    return {number: sorted(issued, key=lambda order: order.order_number) for number, issued in found.items()}


def _order(row: Fields) -> Order:
    number, order_number, kind, version, order_bytes, signature, issue_time = row
    return Order(number, order_number, kind, version, bytes(order_bytes), bytes(signature), issue_time)
