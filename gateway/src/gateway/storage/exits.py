"""What left the port, as the port told it."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in
from gateway.domain.exit import Exit
from gateway.domain.identifiers import Micros
from gateway.domain.intervention import Act
from gateway.storage.tables import cases, exits, interventions

_COLUMNS = tuple(each.name for each in exits.columns if each.name != "home")
_LEASES = ("number", "claimed_by", "due_time")


def insert_exits(connection: Connection, told: Iterable[Exit], record_time: Micros, homes: Mapping[str, str]) -> None:
    """Exits just told; one that is there already stays. `homes` of cases that a partner declared, by number."""
    rows = [
        (
            *(e.number, e.position, e.version, e.order_number, e.container, e.way, e.exit_time, int(e.last)),
            *(record_time, homes.get(e.number, "")),
        )
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


def load_out(connection: Connection, numbers: Iterable[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Number -> containers that have left and not come back, in the port's order, and those that were recovered.

    No query for no number, and none for recoveries where nothing has left.
    """
    columns = ("number", "position", "container", "record_time")
    left: dict[str, dict[str, Micros]] = {}
    for number, _, container, record_time in sorted(rows_in(connection, exits, columns, ("number",), set(numbers))):
        left.setdefault(number, {})[container] = record_time
    recovered = _recovered(connection, left)
    found: dict[str, tuple[list[str], list[str]]] = {}
    for number, containers in left.items():
        found[number] = ([], [])
        for container, record_time in containers.items():
            found[number][recovered.get((number, container), -1) >= record_time].append(container)
    return found


def _recovered(connection: Connection, numbers: Iterable[str]) -> dict[tuple[str, str], Micros]:
    """When each (number, container) was recorded as recovered last; of those that this was not taken back of."""
    columns = ("number", "act_time", "container", "act")
    found: dict[tuple[str, str], Micros] = {}
    for number, act_time, container, act in sorted(
        rows_in(connection, interventions, columns, ("number",), set(numbers))
    ):
        if act == Act.RECOVER:
            found[number, container] = act_time
        elif act == Act.CANCEL_RECOVERY:
            found.pop((number, container), None)
    return found


def idle_cases(connection: Connection, numbers: Iterable[str]) -> set[str]:
    """Those that nobody works on and nobody is called to."""
    rows = rows_in(connection, cases, _LEASES, ("number",), dict.fromkeys(numbers))
    return {number for number, claimed_by, due_time in rows if not claimed_by and due_time is None}
