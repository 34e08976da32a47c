"""Deadlines of agencies: what happens when one holds a case for too long. Never does it count as a yes.

The event is the gateway's own (DEADLINE_PASSED). It stands in the waiting list as long as the agency holds the case:
escalated to the port office (口岸办), or as the examination or hold that the agency is then taken to have ordered.
"""

from collections.abc import Iterator

from gateway.domain.case import Case
from gateway.domain.decision import Wait, WaitKind
from gateway.domain.identifiers import Micros
from gateway.domain.policy import ANY, Deadline, Default
from gateway.domain.states import State, moved

PORT_OFFICE = "port_office"
DEADLINE_PASSED, DEADLINE_RULE = "deadline_passed", "GW-DEADLINE"
MINUTE = 60_000_000


# The graver last.
_STATES = ((Default.EXAMINE, State.EXAMINATION), (Default.HOLD, State.ON_HOLD))


def deadline_of(case: Case, agency: str) -> Deadline | None:
    """The one that was fixed on the case for this agency."""
    deadlines = case.policy.deadlines
    return deadlines.get(agency) or deadlines.get(ANY)


def next_deadline(case: Case) -> Micros | None:
    """When the next one passes; None where nobody's runs."""
    passed = {wait.agency for wait in case.waiting if wait.fact_kind == DEADLINE_PASSED}
    moments = [moment for agency, moment, _ in _running(case) if agency not in passed]
    return min(moments, default=None)


def with_deadlines(case: Case, now: Micros) -> None:
    """Adds to a case that has just got its state and its waiting list whatever deadlines have passed."""
    passed: dict[str, Wait] = {}
    for agency, moment, default in _running(case):
        if moment <= now and agency not in passed:
            party = PORT_OFFICE if default is Default.ESCALATE else agency
            passed[agency] = Wait(WaitKind.PERSON, party, DEADLINE_PASSED, default, DEADLINE_RULE, agency, moment)
    if not passed:
        return
    case.waiting = (*case.waiting, *passed.values())
    defaults = {wait.fact_key for wait in passed.values()}
    for default, state in _STATES:
        if default in defaults and case.state in (State.RECEIVED, State.IN_PROGRESS, State.EXAMINATION):
            case.state = moved(case.state, state)


def _running(case: Case) -> Iterator[tuple[str, Micros, Default]]:
    """Agency, moment and default of each wait for an agency itself, its service or its officers. Home keeps its own."""
    for wait in case.waiting:
        if wait.party == wait.agency != case.policy.declared_at and wait.fact_kind != DEADLINE_PASSED:
            deadline = deadline_of(case, wait.agency)
            if deadline is not None:
                yield wait.agency, wait.since + deadline.minutes * MINUTE, deadline.default
