"""Emergencies (应急): declared and ended by two officers each. Each act one transaction.

Whoever acts holds the counter of emergencies until he commits, so that two first calls are a proposal and its second.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agencykit.refusals import EmergencyForbidden, NotFound, SecondPersonNeeded, StateForbids
from gateway.domain.emergency import DECLARE, END, Emergency, EmergencyState
from gateway.domain.emergency_plan import Measure, Plan
from gateway.domain.proposal import Eyes, Proposal, ProposalState, eyes
from gateway.operations.amend import replayed
from gateway.operations.context import Context
from gateway.storage.audit import Entry, write_audit
from gateway.storage.emergencies import (
    all_emergencies,
    insert_emergency,
    load_emergencies,
    lock_emergencies,
    move_emergency,
    take_number,
    unreconciled,
)
from gateway.storage.proposals import end_proposal, insert_proposal
from gateway.storage.requests import EMERGENCY, Request, known_requests, remember
from gateway.storage.snapshot import begin_snapshot

HOUR = 3_600_000_000
# A district has few; older ones are in the database.
_SUBJECT = "1"


@dataclass(frozen=True, slots=True)
class Act:
    """What an officer does; `about` is the measure to declare by, or the number of an emergency."""

    request_id: str
    # From the certificate.
    officer: str
    about: str
    reason: str

    def request(self, act: str, number: str = "") -> Request:
        """The request id with what it stands for."""
        content = hashlib.sha256(f"{act}\n{self.about}\n{self.reason}".encode()).digest()
        return Request(self.officer, EMERGENCY, self.request_id, content, number)


def declare(connection: Connection, act: Act, context: Context, plan: Plan, code: str) -> Emergency:
    """Proposes it, or declares it where another officer has proposed it; of a replay the one that it was about.

    Raises RequestIdReused, SecondPersonNeeded or EmergencyForbidden, and then changes nothing.
    """
    lock_emergencies(connection)
    request = act.request(DECLARE)
    if replayed(connection, request):
        return _acted_on(connection, request)
    measure = plan.measures.get(act.about)
    if measure is None:
        raise EmergencyForbidden(act.about, "the plan has no such measure")
    known = [each for each in all_emergencies(connection) if each.measure == measure.id]
    if any(each.in_force(context.now) for each in known):
        raise EmergencyForbidden(act.about, "one by this measure is in force")
    standing = next((each for each in known if each.state is EmergencyState.PROPOSED), None)
    match eyes(standing.declaring if standing else None, act.officer):
        case Eyes.SAME:
            raise SecondPersonNeeded("DeclareEmergency", act.officer)
        case Eyes.SECOND if standing is not None:
            made = _declared(connection, standing, act, context, plan)
        case _:
            made = _proposed(connection, measure, act, context, plan, code)
    remember(connection, [replace(request, number=made.number)], context.now)
    return made


def end(connection: Connection, act: Act, context: Context) -> Emergency:
    """Proposes to end it, or ends it where another officer has proposed that; of a replay the one that it was about.

    Raises RequestIdReused, NotFound, StateForbids or SecondPersonNeeded, and then changes nothing.
    """
    before, request = _known(connection, act), act.request(END, act.about)
    if replayed(connection, request):
        return before
    if not before.in_force(context.now):
        state = "OVER" if before.state is EmergencyState.DECLARED else before.state.name
        raise StateForbids(state, "EndEmergency")
    match eyes(before.ending, act.officer):
        case Eyes.SAME:
            raise SecondPersonNeeded("EndEmergency", act.officer)
        case Eyes.SECOND if before.ending is not None:
            _end_proposal(connection, before.ending, ProposalState.DONE, act, context)
            move_emergency(connection, before, replace(before, state=EmergencyState.ENDED))
            _audit(connection, "emergency ended", before.number, act, context)
        case _:
            said = (act.officer, act.request_id, act.reason, context.now)
            insert_proposal(connection, Proposal(before.number, END, _SUBJECT, *said))
            _audit(connection, "emergency end proposed", before.number, act, context)
    remember(connection, [request], context.now)
    return load_emergencies(connection, [act.about])[act.about]


def withdraw(connection: Connection, act: Act, context: Context) -> Emergency:
    """Takes back what is proposed of it; of a replay the one that it was about.

    Raises RequestIdReused, NotFound or StateForbids, and then changes nothing.
    """
    before, request = _known(connection, act), act.request("withdraw", act.about)
    if replayed(connection, request):
        return before
    if before.state is EmergencyState.PROPOSED:
        _end_proposal(connection, before.declaring, ProposalState.WITHDRAWN, act, context)
        move_emergency(connection, before, replace(before, state=EmergencyState.WITHDRAWN))
    elif before.ending is not None and before.ending.state is ProposalState.OPEN:
        _end_proposal(connection, before.ending, ProposalState.WITHDRAWN, act, context)
    else:
        raise StateForbids(before.state.name, "WithdrawEmergency")
    _audit(connection, "emergency withdrawn", before.number, act, context)
    remember(connection, [request], context.now)
    return load_emergencies(connection, [act.about])[act.about]


def emergencies_of(connection: Connection) -> list[tuple[Emergency, int]]:
    """The newest, each with how many releases under it are not reconciled."""
    begin_snapshot(connection)
    found: Sequence[Emergency] = all_emergencies(connection)
    counts = unreconciled(connection, [each.number for each in found])
    return [(each, counts.get(each.number, 0)) for each in found]


def emergency_of(connection: Connection, number: str) -> tuple[Emergency, int]:
    """One that is known, as it stands, with how many releases under it are not reconciled."""
    begin_snapshot(connection)
    return load_emergencies(connection, [number])[number], unreconciled(connection, [number]).get(number, 0)


def _known(connection: Connection, act: Act) -> Emergency:
    lock_emergencies(connection)
    found = load_emergencies(connection, [act.about], lock=True).get(act.about)
    if found is None:
        raise NotFound("emergency", act.about)
    return found


def _acted_on(connection: Connection, request: Request) -> Emergency:
    number = known_requests(connection, [request])[request.originator, request.request_id].number
    return load_emergencies(connection, [number])[number]


def _proposed(connection: Connection, measure: Measure, act: Act, context: Context, plan: Plan, code: str) -> Emergency:
    number = take_number(connection, code, context.now)
    proposal = Proposal(number, DECLARE, _SUBJECT, act.officer, act.request_id, act.reason, context.now)
    caps = (measure.hours, measure.most_releases, measure.most_units, measure.currency)
    made = Emergency(number, plan.version, measure.id, EmergencyState.PROPOSED, *caps, proposal)
    insert_emergency(connection, made)
    insert_proposal(connection, proposal)
    _audit(connection, "emergency proposed", number, act, context)
    return made


def _declared(connection: Connection, before: Emergency, act: Act, context: Context, plan: Plan) -> Emergency:
    if before.plan_version != plan.version:
        raise EmergencyForbidden(before.number, "the plan has changed since it was proposed: take the proposal back")
    _end_proposal(connection, before.declaring, ProposalState.DONE, act, context)
    until = context.now + before.hours * HOUR
    after = replace(before, state=EmergencyState.DECLARED, begin_time=context.now, end_time=until)
    move_emergency(connection, before, after)
    _audit(connection, "emergency declared", before.number, act, context)
    return load_emergencies(connection, [before.number])[before.number]


def _end_proposal(connection: Connection, proposal: Proposal, state: ProposalState, act: Act, context: Context) -> None:
    end_proposal(connection, proposal, state, act.officer, act.request_id, context.now)


def _audit(connection: Connection, event: str, number: str, act: Act, context: Context) -> None:
    write_audit(connection, context.replica, context.now, [Entry(number, event, details={"operator": act.officer})])
