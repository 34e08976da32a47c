"""What left the port, as the port told it."""

from collections.abc import Iterable

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in
from gateway.domain.exit import Exit
from gateway.domain.identifiers import Micros
from gateway.storage.tables import cases, exits

_COLUMNS = tuple(exits.columns.keys())
_LEASES = ("number", "claimed_by", "due_time")


def insert_exits(connection: Connection, told: Iterable[Exit], record_time: Micros) -> None:
    """Exits just told; one that is there already stays."""
    rows = [
        (e.number, e.position, e.version, e.order_number, e.container, e.way, e.exit_time, int(e.last), record_time)
        for e in told
    ]
    insert(connection, exits, rows, "ignore")


def load_exits(connection: Connection, numbers: Iterable[str]) -> dict[str, list[Exit]]:
    """Number -> its exits in the port's order."""
    found: dict[str, list[Exit]] = {}
    for row in sorted(rows_in(connection, exits, _COLUMNS, ("number",), dict.fromkeys(numbers))):
        number, position, version, order_number, container, way, exit_time, last, _ = row
        exit = Exit(number, position, version, order_number, container, way, exit_time, bool(last))
        found.setdefault(number, []).append(exit)
    return found


def idle_cases(connection: Connection, numbers: Iterable[str]) -> set[str]:
    """Those that nobody works on and nobody is called to."""
    rows = rows_in(connection, cases, _LEASES, ("number",), dict.fromkeys(numbers))
    return {number for number, claimed_by, due_time in rows if not claimed_by and due_time is None}
