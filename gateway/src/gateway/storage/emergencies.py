"""Declared emergencies. What is used of their caps is taken by one conditional statement: nobody goes beyond."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, change, insert, rows_in, run
from gateway.domain.emergency import DECLARE, END, Emergency, EmergencyState
from gateway.domain.identifiers import Micros
from gateway.domain.proposal import Proposal, ProposalState
from gateway.storage.proposals import proposals_of
from gateway.storage.tables import emergencies

_COLUMNS = tuple(emergencies.columns.keys())
_USE = """
UPDATE emergencies SET releases = releases + 1, units = units + ?
WHERE number = ? AND state = 2 AND begin_time <= ? AND end_time > ? AND currency = ?
AND releases < most_releases AND units <= most_units - ?
"""
_UNRECONCILED = """
SELECT emergency, count(*) FROM manual_releases WHERE state IN (1, 2, 3) AND emergency <> '' GROUP BY emergency
"""
_LOCK = "UPDATE counters SET value = value WHERE name = 'emergencies'"
_TAKE = "UPDATE counters SET value = value + 1 WHERE name = 'emergencies' RETURNING value"
_MOVE = "UPDATE emergencies SET state = ?, begin_time = ?, end_time = ? WHERE number = ? AND state = ?"


def lock_emergencies(connection: Connection) -> None:
    """Nobody else declares or ends one until this transaction ends."""
    run(connection, _LOCK)


def take_number(connection: Connection, code: str, now: Micros) -> str:
    """The next number: `F`, the district's code, the year, and a serial."""
    [(serial,)] = run(connection, _TAKE)
    year = datetime.fromtimestamp(now / 1_000_000, UTC).year
    return f"F{code}{year}{serial:04}"


def unreconciled(connection: Connection, numbers: Iterable[str]) -> dict[str, int]:
    """Number -> how many releases under it are not reconciled; those with none are left out.

    Counted where they stand: of all releases under it only these are read.
    """
    wanted = set(numbers)
    return {number: count for number, count in run(connection, _UNRECONCILED) if number in wanted}


def load_emergencies(connection: Connection, numbers: Iterable[str], *, lock: bool = False) -> dict[str, Emergency]:
    """By number; who is not known is left out. `lock` keeps them until the end of the transaction."""
    wanted = dict.fromkeys(numbers)
    rows = rows_in(connection, emergencies, _COLUMNS, ("number",), wanted, lock="wait" if lock else "")
    declaring, ending = (proposals_of(connection, act, wanted) for act in (DECLARE, END))
    return {row[0]: _emergency(row, declaring, ending) for row in rows}


def _emergency(
    row: Fields, declaring: Mapping[str, Sequence[Proposal]], ending: Mapping[str, Sequence[Proposal]]
) -> Emergency:
    number, plan, measure, state, begin, end, hours, releases, most_releases, units, most_units, currency = row
    ends = [each for each in ending.get(number, ()) if each.state is not ProposalState.WITHDRAWN]
    return Emergency(
        *(number, plan, measure, EmergencyState(state), hours, most_releases, most_units, currency),
        *(declaring[number][-1], ends[-1] if ends else None, begin, end, releases, units),
    )


def all_emergencies(connection: Connection) -> list[Emergency]:
    """The newest first. A district has few."""
    numbers = [number for (number,) in run(connection, "SELECT number FROM emergencies ORDER BY number DESC LIMIT 100")]
    found = load_emergencies(connection, numbers)
    return [found[number] for number in numbers]


def insert_emergency(connection: Connection, made: Emergency) -> None:
    """One that is proposed."""
    caps = (made.hours, 0, made.most_releases, 0, made.most_units, made.currency)
    row = (made.number, made.plan_version, made.measure, int(made.state), None, None, *caps)
    insert(connection, emergencies, [row])


def move_emergency(connection: Connection, before: Emergency, after: Emergency) -> None:
    """To its next state, on condition of the one before. Whoever calls holds its row."""
    row = (int(after.state), after.begin_time, after.end_time, after.number, int(before.state))
    if change(connection, _MOVE, row) != 1:
        raise RuntimeError("an emergency changed although its row was locked")


def use_emergency(connection: Connection, number: str, units: int, currency: str, now: Micros) -> bool:
    """Takes one release and its amount out of the caps; whether they, and its time, allowed it."""
    return change(connection, _USE, (units, number, now, now, currency, units)) == 1
