"""Joint examinations of which one agency has still to be told that they will not take place."""

from collections.abc import Iterable

from sqlalchemy import Connection

from agencykit.storage.rows import change, delete_in, insert, run, run_many
from gateway.domain.examination import CalledOff, Examination
from gateway.domain.identifiers import Micros
from gateway.storage.tables import called_off

_DUE = """
SELECT o.number, o.round, e.version, e.update_time, o.refusals, c.trace
FROM called_off AS o
JOIN cases AS c ON c.number = o.number
JOIN examinations AS e ON e.number = o.number AND e.round = o.round
WHERE o.agency = ? AND o.due_time <= ? ORDER BY o.due_time, o.number, o.round LIMIT ?
"""
_PUT_OFF = """
UPDATE called_off SET refusals = refusals + 1, due_time = ? WHERE agency = ? AND number = ? AND round = ?
"""
_TRY_AGAIN = "UPDATE called_off SET refusals = 0, due_time = ? WHERE agency = ? AND number = ? AND round = ?"


def insert_called_off(
    connection: Connection, agencies: Iterable[str], examination: Examination, due_time: Micros
) -> None:
    """Each of these agencies is to be told."""
    rows = [(agency, examination.number, examination.round, 0, due_time) for agency in agencies]
    insert(connection, called_off, rows, "ignore")


def due_called_off(connection: Connection, agency: str, now: Micros, limit: int) -> list[CalledOff]:
    """The oldest that are due for one agency."""
    return [CalledOff(*row) for row in run(connection, _DUE, (agency, now, limit))]


def forget_called_off(connection: Connection, agency: str, told: Iterable[CalledOff]) -> None:
    """Removes what the agency has receipted."""
    delete_in(connection, called_off, ("agency", "number", "round"), [(agency, one.number, one.round) for one in told])


def put_off_called_off(connection: Connection, agency: str, one: CalledOff, due_time: Micros | None) -> None:
    """Counts a refusal and sets when it is told again; None sets it aside."""
    run_many(connection, _PUT_OFF, [(due_time, agency, one.number, one.round)])


def retry_called_off(connection: Connection, number: str, now: Micros) -> int:
    """Has what one case's agencies could not be told be told again at once, set aside or not; returns how many."""
    return change(connection, "UPDATE called_off SET refusals = 0, due_time = ? WHERE number = ?", (now, number))


def tell_called_off_again(connection: Connection, aside: Iterable[tuple[str, str, int]], now: Micros) -> None:
    """Has these (agency, number, round) be told again at once."""
    run_many(connection, _TRY_AGAIN, [(now, *each) for each in aside])
