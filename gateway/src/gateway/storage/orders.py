"""Orders as issued, and what is still to be told to the agencies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.domain.identifiers import Micros
from gateway.storage.rows import Fields, delete_in, insert, rows_in, run, run_many
from gateway.storage.tables import orders, outbox

_COLUMNS = tuple(orders.columns.keys())
_DUE = """
SELECT o.agency, o.number, o.order_number, o.version, o.kind, o.outcome_time, o.request_id, o.refusals,
       d.order_bytes, d.signature, c.trace
FROM outbox AS o
LEFT JOIN orders AS d ON d.number = o.number AND d.order_number = o.order_number
JOIN cases AS c ON c.number = o.number
WHERE o.agency = ? AND o.due_time <= ? ORDER BY o.due_time, o.number, o.order_number LIMIT ?
"""
_PUT_OFF = """
UPDATE outbox SET refusals = refusals + 1, due_time = ? WHERE agency = ? AND number = ? AND order_number = ?
"""


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing to tell one agency about one case."""

    agency: str
    number: str
    order_number: int
    version: int
    kind: int
    outcome_time: Micros
    request_id: str
    refusals: int = 0
    # The order it is about, if one was issued, and the case's trace; read with the row.
    order_bytes: bytes = b""
    signature: bytes = b""
    trace: str = ""

    @property
    def size(self) -> int:
        """About how many bytes it takes in a call."""
        return len(self.order_bytes) + 512

    @property
    def attempts(self) -> int:
        """How often it was refused before."""
        return self.refusals


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


def put_in_outbox(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    """What must be told; due at once."""
    rows = [
        (*(o.agency, o.number, o.order_number, o.version, o.kind, o.outcome_time, o.request_id, o.refusals), 0)
        for o in outcomes
    ]
    insert(connection, outbox, rows)


def due_outcomes(connection: Connection, agency: str, now: Micros, limit: int) -> list[Outcome]:
    """The oldest that are due for one agency; those of one case in their order."""
    return [_outcome(row) for row in run(connection, _DUE, (agency, now, limit))]


def _outcome(row: Fields) -> Outcome:
    agency, number, order_number, version, kind, moment, request_id, refusals, order_bytes, signature, trace = row
    order = (bytes(order_bytes or b""), bytes(signature or b""))
    return Outcome(agency, number, order_number, version, kind, moment, request_id, refusals, *order, trace)


def forget_outcomes(connection: Connection, told: Iterable[Outcome]) -> None:
    """Removes what the agency has receipted."""
    keys = [(outcome.agency, outcome.number, outcome.order_number) for outcome in told]
    delete_in(connection, outbox, ("agency", "number", "order_number"), keys)


def put_off_outcome(connection: Connection, outcome: Outcome, due_time: Micros | None) -> None:
    """Counts a refusal and sets when it is told again; None sets it aside."""
    run_many(connection, _PUT_OFF, [(due_time, outcome.agency, outcome.number, outcome.order_number)])
