"""An operator's act on one case, in one transaction: act with identity and reason, audit, and the case after it.

The case is taken over from whoever holds it; what he still records is fenced off and comes again.
"""

import hashlib

from sqlalchemy import Connection

from agencykit.refusals import NotFound, StateForbids
from gateway.domain.case import AskState, Case
from gateway.domain.deadlines import next_deadline
from gateway.domain.decision import standings
from gateway.domain.identifiers import Micros
from gateway.domain.intervention import Act, Intervention, intervened
from gateway.domain.quarantine import Kind
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.operations.fold import moved_entries
from gateway.operations.quarantine import WaitChange
from gateway.storage.audit import Entry, write_audit
from gateway.storage.called_off import retry_called_off
from gateway.storage.cases import Hold, load_cases, take_over, update_cases
from gateway.storage.changes import take_changes
from gateway.storage.decisions import load_decisions
from gateway.storage.exits import idle_cases
from gateway.storage.interventions import insert_intervention
from gateway.storage.outcomes import retry_outcomes
from gateway.storage.quarantine import take_up
from gateway.storage.requests import INTERVENTION, Request, remember

# As refusals name them: the contract's.
_OPERATIONS = {
    Act.EXPEDITE: "ExpediteClearance",
    Act.RELAX: "RelaxClearance",
    Act.RETRY: "RetryClearance",
    Act.ESCALATE: "EscalateClearance",
    Act.SETTLE: "SettleEscalation",
    Act.RECOVER: "RecordRecovery",
    Act.CANCEL_RECOVERY: "CancelRecovery",
}


def intervene(connection: Connection, act: Intervention, context: Context) -> None:
    """Does it; a replay does nothing. Raises RequestIdReused, NotFound or StateForbids, and then changes nothing."""
    request = _request(act)
    if replayed(connection, request):
        return
    case = load_cases(connection, [act.number], lock=True).get(act.number)
    if case is None:
        raise NotFound("clearance", act.number)
    found = standings(case.policy.asked, case.version, load_decisions(connection, [act.number])[act.number])
    due = context.lease_now(connection)
    untold = 0
    if act.act is Act.RETRY:
        untold = _tell_again(connection, act.number, due)
        told = (Kind.OUTCOME, Kind.CALLED_OFF)
        gone = take_up(connection, act.number, told, act.operator, act.reason, context.now)
        case = case.changed(waiting=WaitChange(gone=frozenset(gone))(case.waiting))
    after = intervened(case, act, found, context.now)
    if after is None or (act.act is Act.RETRY and after.asks == case.asks and not untold):
        raise StateForbids(case.state.name, _OPERATIONS[act.act])
    remember(connection, [request], context.now)
    insert_intervention(connection, act, context.now, urgent=after.urgent)
    details = {"operator": act.operator, "reason_code": act.reason_code} | _recovered(act)
    entry = Entry(act.number, act.act.name.lower(), act.agency, details)
    write_audit(connection, context.replica, context.now, [entry, *moved_entries(case, after)])
    _leave(connection, case, after, due, act, context)


def _recovered(act: Intervention) -> dict[str, str]:
    return {"container": act.container} if act.act in (Act.RECOVER, Act.CANCEL_RECOVERY) else {}


def _tell_again(connection: Connection, number: str, due: Micros) -> int:
    return retry_outcomes(connection, number, due) + retry_called_off(connection, number, due)


def _leave(connection: Connection, case: Case, after: Case, due: Micros, act: Intervention, context: Context) -> None:
    """Free; due at once where something is to be asked, or where somebody was called to it."""
    idle = bool(idle_cases(connection, [case.number]))
    asking = any(ask.state in (AskState.PUT, AskState.PARKED) for ask in after.asks)
    at_once = not idle or (act.act is Act.RETRY and asking)
    take_over(connection, case)
    after.epoch = case.epoch + 1
    hold = Hold("", 0, due if at_once else context.when_due(next_deadline(after)), take_changes(connection, 1))
    update_cases(connection, [(case, after, hold)])


def _request(act: Intervention) -> Request:
    said = f"{act.act}\n{act.number}\n{act.reason_code}\n{act.agency}\n{act.container}\n{act.reason}"
    return Request(act.operator, INTERVENTION, act.request_id, hashlib.sha256(said.encode()).digest(), act.number)
