"""Officers decide cases: each act one transaction.

OPEN        → CLEARED | CONFIRMED
CLEARED     StateForbids
CONFIRMED   StateForbids
"""

from typing import Any

from sqlalchemy import Connection

from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.due import wake
from agencykit.decisions.requests import Claim, claim_request
from agencykit.refusals import NotFound, StateForbids
from agencykit.storage.bulk import select_in
from agencykit.storage.rows import change, run
from border.domain.interests import about_call
from border.operations.comparing import CLEARED, CONFIRMED, OPEN
from border.storage.tables import watch_cases

_NAMES = {OPEN: "OPEN", CLEARED: "CLEARED", CONFIRMED: "CONFIRMED"}
_DECIDE = "UPDATE watch_cases SET state = ?, officer = ?, reason = ?, decide_time = ? WHERE id = ? AND state = 1"


def list_cases(connection: Connection, state: int, after: str, size: int) -> list[Any]:
    """Cases in this state by identifier, after this one."""
    text = "SELECT id FROM watch_cases WHERE state = ? AND id > ? ORDER BY id LIMIT ?"
    ids = [id_ for (id_,) in run(connection, text, (state or OPEN, after, size))]
    return sorted(select_in(connection, watch_cases, watch_cases.c.id, ids))


def decide_case(connection: Connection, claim: Claim, case_id: str, state: int, reason: str, now: int) -> Any:
    """Decides an open case and wakes the goods on the conveyance; a replay answers it as it stands."""
    replayed = not claim_request(connection, claim, now)
    case = _case(connection, case_id)
    if replayed:
        return case
    if change(connection, _DECIDE, (state, claim.scope, reason, now, case_id)) != 1:
        raise StateForbids(_NAMES[_case(connection, case_id).state], "decide")
    wake(connection, [about_call(case.call)])
    details = {"watch_case_id": case_id, "state": _NAMES[state]}
    write_audit(connection, [AuditEntry(now, claim.scope, "watch_case_decided", "", details)])
    return _case(connection, case_id)


def _case(connection: Connection, case_id: str) -> Any:
    found = select_in(connection, watch_cases, watch_cases.c.id, [case_id])
    if not found:
        raise NotFound("watch case", case_id)
    return found[0]
