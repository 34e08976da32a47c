"""Complaints as they are kept. Whoever moves one holds its row."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in, run, update
from gateway.domain.complaint import Answer, Channel, Complaint, Escalation, Outcome, State
from gateway.domain.identifiers import Micros
from gateway.storage.tables import complaint_contacts, complaints

_MOVING = (
    *("state", "agency", "answer_outcome", "answer_paragraphs", "answer_agency", "answer_officer", "answer_time"),
    *("contest_due", "escalation", "escalate_time", "contest", "arbitrate_due", "end_time", "due_time"),
)
_FIXED = (
    *("number", "kind", "channel", "filer", "token_digest", "named_agency", "clearance_number", "trace_id"),
    *("paragraphs", "month", "file_time", "answer_due"),
)
_COLUMNS = (*_FIXED, *_MOVING)
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM complaints"
_TAKE = "UPDATE counters SET value = value + 1 WHERE name = 'complaints' RETURNING value"
_FILED = "SELECT count(*) FROM complaints WHERE filer = ? AND file_time > ?"
_DUE = "SELECT number FROM complaints WHERE due_time IS NOT NULL AND due_time <= ? ORDER BY due_time LIMIT ?"
_FIGURES = """
SELECT month, kind, agency, count(*), sum(CASE WHEN end_time IS NULL THEN 1 ELSE 0 END),
sum(CASE WHEN answer_time <= answer_due THEN 1 ELSE 0 END),
sum(CASE WHEN answer_time > answer_due
    OR (answer_time IS NULL AND answer_due < COALESCE(end_time, ?)) THEN 1 ELSE 0 END),
sum(CASE WHEN escalation > 0 THEN 1 ELSE 0 END), sum(CASE WHEN state = 5 THEN 1 ELSE 0 END),
sum(CASE WHEN state = 5 AND EXISTS (
    SELECT 1 FROM arbitrations AS a WHERE a.number = complaints.number AND a.state = 2 AND a.ruling IN (1, 2)
) THEN 1 ELSE 0 END),
sum(CASE WHEN state = 8 THEN 1 ELSE 0 END)
FROM complaints WHERE month >= ? GROUP BY month, kind, agency ORDER BY month DESC, kind, agency
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which complaints a list is about; what is empty is all."""

    states: tuple[int, ...] = ()
    agency: str = ""
    clearance_number: str = ""
    # What was due by then goes on.
    overdue: Micros | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """How whoever complains can be reached: personal data."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one month, kind and agency."""

    month: str
    kind: str
    agency: str
    filed: int
    open: int
    in_time: int
    late: int
    escalated: int
    arbitrated: int
    upheld: int
    withdrawn: int


def lock_complaints(connection: Connection) -> None:
    """Nobody else files one until this transaction ends."""
    run(connection, "UPDATE counters SET value = value WHERE name = 'complaints'")


def take_serial(connection: Connection) -> int:
    """Serial of a new complaint."""
    [(serial,)] = run(connection, _TAKE)
    return int(serial)


def filed_since(connection: Connection, filer: str, since: Micros) -> int:
    """How many a caller has filed."""
    [(count,)] = run(connection, _FILED, (filer, since))
    return int(count)


def insert_complaint(connection: Connection, made: Complaint, contact: Contact | None) -> None:
    """A new one."""
    head = (made.number, made.kind, int(made.channel), made.filer, made.token_digest, made.named_agency)
    body = (made.clearance_number, made.trace_id, _text(made.paragraphs), made.month, made.file_time, made.answer_due)
    insert(connection, complaints, [(*head, *body, *_moving(made))], columns=_COLUMNS)
    if contact is not None:
        insert(connection, complaint_contacts, [(made.number, contact.name, contact.address)])


def load_complaints(connection: Connection, numbers: Iterable[str], *, lock: bool = False) -> dict[str, Complaint]:
    """By number; who is not known is left out. `lock` keeps them until the end of the transaction."""
    wanted = dict.fromkeys(numbers)
    rows = rows_in(connection, complaints, _COLUMNS, ("number",), wanted, lock="wait" if lock else "")
    return {row[0]: _complaint(row) for row in rows}


def move_complaints(connection: Connection, after: Sequence[Complaint]) -> None:
    """To where they stand now."""
    rows = [(*_moving(each), each.number) for each in after]
    if update(connection, complaints, _MOVING, ("number",), rows) != len(rows):
        raise RuntimeError("a complaint went although its row was locked")


def due_complaints(connection: Connection, now: Micros, limit: int) -> list[str]:
    """Those to which something happens by itself."""
    return [number for (number,) in run(connection, _DUE, (now, limit))]


def page_of_complaints(connection: Connection, wanted: Wanted, before: str, limit: int) -> list[Complaint]:
    """The newest first, from below a number."""
    text, parameters = f"{_SELECT} WHERE (? = '' OR number < ?)", list[Any]([before, before])
    for column, value in (("agency", wanted.agency), ("clearance_number", wanted.clearance_number)):
        if value:
            text, parameters = f"{text} AND {column} = ?", [*parameters, value]
    if wanted.states:
        text = f"{text} AND state IN ({', '.join(str(int(state)) for state in wanted.states)})"
    if wanted.overdue is not None:
        text = f"{text} AND ((state IN (1, 2) AND answer_due <= ?) OR (state = 4 AND arbitrate_due <= ?))"
        parameters += [wanted.overdue, wanted.overdue]
    return [_complaint(row) for row in run(connection, f"{text} ORDER BY number DESC LIMIT ?", (*parameters, limit))]


def contact_of(connection: Connection, number: str) -> Contact | None:
    """None where nothing is kept, or no longer."""
    rows = rows_in(connection, complaint_contacts, ("name", "address"), ("number",), [number])
    return Contact(*rows[0]) if rows else None


def contacts_kept(connection: Connection, numbers: Iterable[str]) -> set[str]:
    """Of whom it is known how to reach them."""
    rows = rows_in(connection, complaint_contacts, ("number",), ("number",), dict.fromkeys(numbers))
    return {number for (number,) in rows}


def figures_since(connection: Connection, month: str, now: Micros) -> list[Figures]:
    """The newest month first."""
    return [Figures(row[0], row[1], row[2], *map(int, row[3:])) for row in run(connection, _FIGURES, (now, month))]


def _moving(c: Complaint) -> Fields:
    answer = c.answer
    if answer is None:
        said: Fields = (0, "[]", "", "", None)
    else:
        said = (int(answer.outcome), _text(answer.paragraphs), answer.agency, answer.officer, answer.time)
    escalated = (int(c.escalation), c.escalate_time, _text(c.contest), c.arbitrate_due)
    return (int(c.state), c.agency, *said, c.contest_due, *escalated, c.end_time, c.due_time)


def _complaint(row: Fields) -> Complaint:
    number, kind, channel, filer, token, named, clearance, trace, paragraphs, month, filed, due, *moving = row
    state, agency, outcome, words, answerer, officer, answered, contest_due, escalation, *rest = moving
    escalated, contest, arbitrate_due, ended, _ = rest
    answer = Answer(Outcome(outcome), _read(words), answerer, officer, answered) if outcome else None
    return Complaint(
        *(number, kind, Channel(channel), filer, bytes(token), named, clearance, trace, _read(paragraphs), month),
        *(filed, due, State(state), agency, answer, contest_due, Escalation(escalation), escalated, _read(contest)),
        *(arbitrate_due, ended),
    )


def _text(paragraphs: Sequence[str]) -> str:
    return json.dumps(paragraphs, ensure_ascii=False)


def _read(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
