"""Arbitrations: proposed, decided once; and who has receipted them."""

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, change, insert, rows_in, run
from gateway.domain.arbitration import Arbitration, ArbitrationState, Measure, MeasureKind, Ruling
from gateway.domain.identifiers import Micros
from gateway.storage.tables import arbitration_receipts, arbitrations

_COLUMNS = (
    *("number", "serial", "state", "ruling", "reasons", "measures", "agency", "clearance_number", "takes_two"),
    *("proposer", "propose_time", "second", "decide_time", "position"),
)
_AFTER = f"SELECT {', '.join(_COLUMNS)} FROM arbitrations WHERE state = 2 AND position > ? ORDER BY position LIMIT ?"
_TAKE = "UPDATE counters SET value = value + 1 WHERE name = 'arbitrations' RETURNING value"
_NEWEST = "SELECT value FROM counters WHERE name = 'arbitrations'"
_END = """
UPDATE arbitrations SET state = ?, second = ?, decide_time = ?, position = ?
WHERE number = ? AND serial = ? AND state = 1
"""


def take_position(connection: Connection) -> int:
    """Place of one that is decided now; who comes next waits until this transaction ends."""
    [(position,)] = run(connection, _TAKE)
    return int(position)


def newest_position(connection: Connection) -> int:
    """Of all that are decided."""
    [(position,)] = run(connection, _NEWEST)
    return int(position)


def insert_arbitration(connection: Connection, made: Arbitration) -> None:
    """One that is proposed, or decided by one alone."""
    measures = json.dumps([[m.agency, int(m.kind), m.text, m.due_time] for m in made.measures], ensure_ascii=False)
    head = (made.number, made.serial, int(made.state), int(made.ruling), json.dumps(made.reasons, ensure_ascii=False))
    about = (measures, made.agency, made.clearance_number, int(made.takes_two))
    who = (made.proposer, made.propose_time, made.second, made.decide_time, made.position)
    insert(connection, arbitrations, [(*head, *about, *who)], columns=_COLUMNS)


def end_arbitration(connection: Connection, after: Arbitration) -> None:
    """Decided or withdrawn, on condition that it is proposed. Whoever calls holds the complaint's row."""
    row = (int(after.state), after.second, after.decide_time, after.position, after.number, after.serial)
    if change(connection, _END, row) != 1:
        raise RuntimeError("an arbitration that was proposed under the complaint's lock is not")


def arbitrations_of(connection: Connection, numbers: Iterable[str]) -> dict[str, list[Arbitration]]:
    """Number of the complaint -> all that was proposed or decided on it, the oldest first."""
    wanted = list(dict.fromkeys(numbers))
    receipts = _receipts(connection, wanted)
    found: dict[str, list[Arbitration]] = {}
    for row in sorted(rows_in(connection, arbitrations, _COLUMNS, ("number",), wanted), key=lambda row: row[:2]):
        found.setdefault(row[0], []).append(_arbitration(row, receipts))
    return found


def decided_after(connection: Connection, position: int, limit: int) -> list[Arbitration]:
    """The next ones of the list."""
    rows = run(connection, _AFTER, (position, limit))
    receipts = _receipts(connection, [row[0] for row in rows])
    return [_arbitration(row, receipts) for row in rows]


def keep_receipt(connection: Connection, number: str, agency: str, officer: str, now: Micros) -> None:
    """The first counts."""
    insert(connection, arbitration_receipts, [(number, agency, officer, now)], "ignore")


def _receipts(connection: Connection, numbers: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    wanted = list(dict.fromkeys(numbers))
    for number, agency in rows_in(connection, arbitration_receipts, ("number", "agency"), ("number",), wanted):
        found.setdefault(number, set()).add(agency)
    return found


def _arbitration(row: Fields, receipts: Mapping[str, set[str]]) -> Arbitration:
    number, serial, state, ruling, reasons, measures, agency, clearance, _, proposer, proposed, *rest = row
    second, decided, position = rest
    ordered = tuple(Measure(who, MeasureKind(kind), text, due) for who, kind, text, due in json.loads(measures))
    return Arbitration(
        *(number, serial, Ruling(ruling), tuple(json.loads(reasons)), ordered, proposer, proposed, agency, clearance),
        *(ArbitrationState(state), second, decided, position),
        frozenset(receipts.get(number, ()) if state == ArbitrationState.DECIDED else ()),
    )
