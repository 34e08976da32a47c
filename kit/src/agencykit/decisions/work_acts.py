"""What officers do with work, each act one transaction: take, return, record.

    state       take                 return                record
    OPEN        → TAKEN              stays                 StateForbids
    TAKEN       stays if his own     → OPEN if his own     → DONE if his own     (another's: WorkTaken)
    DONE        StateForbids         StateForbids          StateForbids
    CANCELLED   StateForbids         StateForbids          StateForbids

Work by which documents were asked for is DONE; returned while the broker is still waited for, it is CANCELLED instead:
nothing is asked any more, and the matter is open again.

Whoever has done one of two kinds of work that the agency keeps apart neither takes nor records the other on the same
clearance (StateForbids, OF_THE_SAME_OFFICER). Acts on one clearance come one after the other, and the state is moved by
a conditional update, so that of two officers at once one wins.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from agencykit.agency import WorkDone
from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.due import mark_due
from agencykit.decisions.evaluate import IMAGE_OUTCOMES
from agencykit.decisions.lookups import CANCELLED, DONE, EXAMINATION, FOLLOW_UP, LABORATORY, OPEN, REVIEW, SCAN, TAKEN
from agencykit.decisions.requests import Claim, claim_request
from agencykit.decisions.work_parts import parted
from agencykit.refusals import FormInvalid, NotFound, StateForbids, Violation, WorkTaken
from agencykit.rules import Part, WorkOutcome
from agencykit.storage.times import from_micros

RESOURCE = "work"
STATES = {OPEN: "OPEN", TAKEN: "TAKEN", DONE: "DONE", CANCELLED: "CANCELLED"}


class Act(Enum):
    """An officer's act; the value stands in refusals and in the audit."""

    TAKE = "take"
    RETURN = "return"
    RECORD = "record"


# (act, state) → state after it; what is not here is refused.
_TRANSITIONS = {
    (Act.TAKE, OPEN): TAKEN,
    (Act.TAKE, TAKEN): TAKEN,
    (Act.RETURN, OPEN): OPEN,
    (Act.RETURN, TAKEN): OPEN,
    (Act.RECORD, TAKEN): DONE,
}

# What may be recorded of work beside that it is cleared or refused.
_SETTLING = frozenset({WorkOutcome.CLEARED, WorkOutcome.REFUSED})
_OUTCOMES = {
    EXAMINATION: _SETTLING | {WorkOutcome.SAMPLED},
    REVIEW: _SETTLING | {WorkOutcome.DOCUMENTS_REQUESTED},
    LABORATORY: _SETTLING,
    FOLLOW_UP: _SETTLING,
    # An image alone refuses nothing: the goods are opened.
    SCAN: IMAGE_OUTCOMES | {WorkOutcome.CLEARED},
}
# How long a broker may be waited for, in microseconds.
LONGEST_TERM = 90 * 86_400_000_000
_TERM = Violation("result.answer_until_time", "term", "must be to come, and at most 90 days ahead", "message")

Find = tuple[int, str, tuple[int, ...]]
RecordWork = Callable[[Connection, WorkDone], None]


@dataclass(frozen=True, slots=True)
class WorkRules:
    """What the agency adds to officers' acts (agencykit.agency.AgencyDefinition says of each what it is)."""

    record_work: RecordWork | None = None
    kept_apart: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """An officer's result: `outcome` is the number of clearance.agency.v1.WorkResult.Outcome, finds as in WorkDone."""

    outcome: int = 0
    reason: str = ""
    # (quantity, found, limit)
    measurements: tuple[tuple[str, str, str], ...] = ()
    finds: tuple[Find, ...] = ()
    # (kind, reason) of documents asked for, and until when, in microseconds since 1970.
    documents: tuple[tuple[str, str], ...] = ()
    answer_until: int | None = None
    # What of the goods it is about, as stated; None: all that the work is about.
    part: Part | None = None

    @property
    def measured(self) -> str:
        """`lead 120 mg/kg (at most 90 mg/kg); …`"""
        return "; ".join(
            f"{quantity} {found} ({limit})" if limit else f"{quantity} {found}"
            for quantity, found, limit in self.measurements
        )


def perform(
    connection: Connection,
    claim: Claim,
    work_id: str,
    act: Act,
    result: Result,
    now: int,
    rules: WorkRules = WorkRules(),
) -> Row[*tuple[Any, ...]]:
    """Performs the act of the officer `claim.scope` and returns the work; a replay returns it as it stands.

    Recording marks the clearance as due for a new decision, and `rules.record_work` hears of the result. Refuses with
    RequestIdReused, NotFound, WorkTaken, StateForbids or FormInvalid.
    """
    if not claim_request(connection, claim, now):
        return _work(connection, work_id)
    if result.answer_until is not None and not now < result.answer_until <= now + LONGEST_TERM:
        raise FormInvalid([_TERM])
    _hold(connection, work_id)
    row = _work(connection, work_id)
    asking = act is Act.RETURN and row.state == DONE and _is_waited_for(connection, row)
    state = CANCELLED if asking else _next_state(row, act, claim.scope)
    if act is not Act.RETURN:
        _check_apart(connection, row, act, claim.scope, rules.kept_apart)
    if act is Act.RECORD and result.outcome not in _OUTCOMES[row.kind]:
        raise StateForbids(STATES[row.state], WorkOutcome(result.outcome).name.lower())
    if state != row.state:
        _move(connection, row, act, state, claim.scope, result, now)
        details = {"work_id": work_id, "outcome": result.outcome}
        write_audit(connection, [AuditEntry(now, claim.scope, f"work_{act.value}", row.clearance_number, details)])
    if asking or act is Act.RECORD:
        mark_due(connection, [row.clearance_number])
    # A sample taken, a document asked for are no results yet: what comes of them is.
    if act is Act.RECORD and rules.record_work is not None and result.outcome in _SETTLING:
        rules.record_work(connection, _done(row, claim.scope, result, now))
    return _work(connection, work_id)


def _hold(connection: Connection, work_id: str) -> None:
    """Holds the work's clearance, as decisions do before they touch work: acts on it come one after the other."""
    work, cases = tables.work.c, tables.cases.c
    number = select(work.clearance_number).where(work.id == work_id).scalar_subquery()
    connection.execute(select(cases.version).where(cases.clearance_number == number).with_for_update())


def _work(connection: Connection, work_id: str) -> Row[*tuple[Any, ...]]:
    query = select(tables.work).where(tables.work.c.id == work_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("work", work_id)
    return row


def _next_state(row: Row[*tuple[Any, ...]], act: Act, officer: str) -> int:
    if row.state == TAKEN and row.officer != officer:
        raise WorkTaken(row.id)
    state = _TRANSITIONS.get((act, row.state))
    if state is None:
        raise StateForbids(STATES[row.state], act.value)
    return state


def _is_waited_for(connection: Connection, row: Row[*tuple[Any, ...]]) -> bool:
    """Whether it asked for documents, and neither answer nor term has opened work on the matter since."""
    if row.outcome != WorkOutcome.DOCUMENTS_REQUESTED:
        return False
    work = tables.work.c
    alike = (work.clearance_number == row.clearance_number, work.kind == row.kind, work.create_time > row.create_time)
    return connection.execute(select(work.id).where(*alike)).first() is None


def _check_apart(
    connection: Connection,
    row: Row[*tuple[Any, ...]],
    act: Act,
    officer: str,
    kept_apart: frozenset[tuple[int, int]],
) -> None:
    others = {kind for pair in kept_apart if row.kind in pair for kind in pair if kind != row.kind}
    if not others:
        return
    work = tables.work.c
    done = select(work.id).where(
        work.clearance_number == row.clearance_number,
        work.state == DONE,
        work.officer == officer,
        work.kind.in_(sorted(others)),
    )
    if connection.execute(done).first() is not None:
        raise StateForbids("OF_THE_SAME_OFFICER", act.value)


def _move(
    connection: Connection, row: Row[*tuple[Any, ...]], act: Act, state: int, officer: str, result: Result, now: int
) -> None:
    values: dict[str, Any] = {"state": state, "update_time": now}
    if state != CANCELLED:
        values["officer"] = "" if state == OPEN else officer
    if act is Act.RECORD:
        values |= {"outcome": result.outcome, "reason": result.reason, "finds": json.dumps(result.finds)}
        values |= {"documents": json.dumps(result.documents, ensure_ascii=False), "answer_until": result.answer_until}
        values |= {"measurements": json.dumps(result.measurements, ensure_ascii=False), "measured": result.measured}
        values |= parted(connection, row, result.part)
    work = tables.work.c
    moved = connection.execute(update(tables.work).where(work.id == row.id, work.state == row.state).values(values))
    if moved.rowcount != 1:
        raise WorkTaken(row.id)


def _done(row: Row[*tuple[Any, ...]], officer: str, result: Result, now: int) -> WorkDone:
    return WorkDone(
        work_id=row.id,
        clearance_number=row.clearance_number,
        kind=row.kind,
        rule_ids=tuple(rule_ids(row)),
        cleared=result.outcome == WorkOutcome.CLEARED,
        finds=result.finds,
        officer=officer,
        time=from_micros(now),
    )


def rule_ids(row: Row[*tuple[Any, ...]]) -> list[str]:
    """The rules whose findings the work settles."""
    return sorted(json.loads(row.subjects))
