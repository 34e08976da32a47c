"""Who must act now, since when and why: told from asks, decisions and withdrawal."""

from collections.abc import Iterable, Mapping

from gateway.domain.case import Ask, AskState, Case
from gateway.domain.decision import Decision, Standing, Verdict, Wait, WaitKind
from gateway.domain.identifiers import Micros
from gateway.domain.states import BEFORE_RELEASE, LEFT, OPEN, State

# In these states the agencies' decisions make somebody act; in all others the case is settled, or over.
WAITING_STATES = OPEN | {State.RECEIVED, State.RELEASE_STOPPED}

# Goods left, and an agency takes its yes back, or had when they left: it must recover them.
RECOVERY = "recovery"

# By command of an operator: the port office must act, until it has settled the matter.
ESCALATION, ESCALATION_RULE = "escalation", "GW-ESCALATION"


def waiting(case: Case, standings: Mapping[str, Standing], now: Micros) -> tuple[Wait, ...]:
    """The waiting list of a case that has just reached its state. A wait that goes on keeps its beginning."""
    found: list[Wait] = []
    if case.state in WAITING_STATES:
        found += _for_decisions(case, standings)
        found += [wait for wait in case.waiting if wait.fact_kind == ESCALATION]
    if case.state in LEFT:
        found += [_officer(agency, RECOVERY) for agency in case.policy.required if not standings[agency].yes]
    if case.state in BEFORE_RELEASE:
        found += _for_withdrawal(case)
    if not found:
        return ()
    since = {wait[:-1]: wait.since for wait in case.waiting}
    begun = {wait[:-1]: since.get(wait[:-1], wait.since or now) for wait in found}
    return tuple(Wait(*wait, since=moment) for wait, moment in begun.items())


def _for_decisions(case: Case, standings: Mapping[str, Standing]) -> Iterable[Wait]:
    """Only required agencies hold a case up."""
    for agency in case.policy.required:
        standing = standings[agency]
        if standing.conflict:
            yield _officer(agency, "conflicting_decisions")
        elif standing.decision is not None:
            yield from () if standing.yes else named(agency, standing.decision)
        elif (ask := case.asked(agency)) is not None:
            yield from _for_answer(ask)


def _for_answer(ask: Ask) -> Iterable[Wait]:
    if ask.state is AskState.SET_ASIDE:
        yield _officer(ask.agency, "set_aside")
    elif ask.state in (AskState.PUT, AskState.PARKED):
        yield Wait(WaitKind.MACHINE, ask.agency, "answer", agency=ask.agency, since=ask.ask_time)


def named(agency: str, decision: Decision) -> Iterable[Wait]:
    """Whom a decision that is no yes waits for; where it names nobody, whoever acts after such a verdict."""
    if decision.waits:
        return [wait._replace(agency=agency, since=0) for wait in decision.waits]
    if decision.verdict == Verdict.INFORMATION_REQUESTED:
        return [Wait(WaitKind.PERSON, "broker", "information", agency=agency)]
    return [_officer(agency, "decision_on_the_rest" if not decision.whole else "officer_result")]


def _for_withdrawal(case: Case) -> Iterable[Wait]:
    for ask in case.withdrawal_asks():
        if ask.state is AskState.SET_ASIDE:
            yield _officer(ask.agency, "withdrawal")
        elif ask.state is AskState.REFUSED:
            yield Wait(WaitKind.PERSON, ask.agency, "withdrawal", rule_id=ask.park_reason, agency=ask.agency)
        elif ask.state is not AskState.ANSWERED:
            yield Wait(WaitKind.MACHINE, ask.agency, "withdrawal", agency=ask.agency, since=ask.ask_time)


def _officer(agency: str, fact_kind: str) -> Wait:
    return Wait(WaitKind.PERSON, agency, fact_kind, agency=agency)
