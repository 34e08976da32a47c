"""What officers do with work, each act one transaction: take, return, record.

    state       take                 return                record
    OPEN        → TAKEN              stays                 StateForbids
    TAKEN       stays if his own     → OPEN if his own     → DONE if his own     (another's: WorkTaken)
    DONE        StateForbids         StateForbids          StateForbids
    CANCELLED   StateForbids         StateForbids          StateForbids

The state is moved by a conditional update, so that of two officers at once one wins.
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
from agencykit.decisions.lookups import CANCELLED, CLEARED, DONE, OPEN, SAMPLED, TAKEN
from agencykit.decisions.open_work import EXAMINATION
from agencykit.decisions.requests import Claim, claim_request
from agencykit.refusals import NotFound, StateForbids, WorkTaken
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


Find = tuple[int, str, tuple[int, ...]]
RecordWork = Callable[[Connection, WorkDone], None]


@dataclass(frozen=True, slots=True)
class Result:
    """An officer's result: `outcome` is the number of clearance.agency.v1.WorkResult.Outcome, finds as in WorkDone."""

    outcome: int = 0
    reason: str = ""
    # (quantity, found, limit)
    measurements: tuple[tuple[str, str, str], ...] = ()
    finds: tuple[Find, ...] = ()

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
    record_work: RecordWork | None = None,
) -> Row[*tuple[Any, ...]]:
    """Performs the act of the officer `claim.scope` and returns the work; a replay returns it as it stands.

    Recording marks the clearance as due for a new decision, and `record_work` hears of the result. Refuses with
    RequestIdReused, NotFound, WorkTaken or StateForbids.
    """
    if not claim_request(connection, claim, now):
        return _work(connection, work_id)
    row = _work(connection, work_id)
    state = _next_state(row, act, claim.scope)
    if result.outcome == SAMPLED and row.kind != EXAMINATION:
        raise StateForbids(STATES[row.state], "sample")
    if state != row.state:
        _move(connection, row, act, state, claim.scope, result, now)
        details = {"work_id": work_id, "outcome": result.outcome}
        write_audit(connection, [AuditEntry(now, claim.scope, f"work_{act.value}", row.clearance_number, details)])
    if act is Act.RECORD:
        mark_due(connection, [row.clearance_number])
        # A sample taken is no result yet: the laboratory's is.
        if record_work is not None and result.outcome != SAMPLED:
            record_work(connection, _done(row, claim.scope, result, now))
    return _work(connection, work_id)


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


def _move(
    connection: Connection, row: Row[*tuple[Any, ...]], act: Act, state: int, officer: str, result: Result, now: int
) -> None:
    values: dict[str, Any] = {"state": state, "update_time": now, "officer": "" if state == OPEN else officer}
    if act is Act.RECORD:
        values |= {"outcome": result.outcome, "reason": result.reason, "finds": json.dumps(result.finds)}
        values |= {"measurements": json.dumps(result.measurements, ensure_ascii=False), "measured": result.measured}
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
        cleared=result.outcome == CLEARED,
        finds=result.finds,
        officer=officer,
        time=from_micros(now),
    )


def rule_ids(row: Row[*tuple[Any, ...]]) -> list[str]:
    """The rules whose findings the work settles."""
    return sorted(json.loads(row.subjects))
