"""Who must act now, since when and why: told from asks, decisions and withdrawal."""

from collections.abc import Iterable, Mapping

from gateway.domain.case import Ask, AskState, Case, Surety
from gateway.domain.closing import still_open, to_reconcile, to_recover
from gateway.domain.decision import HOME_ORDER, OBLIGATION, Decision, Standing, Verdict, Wait, WaitKind, awaited_of
from gateway.domain.identifiers import ASSESS, Micros
from gateway.domain.policy import AppliedPolicy
from gateway.domain.states import BEFORE_RELEASE, LEFT, OPEN, RELEASING, State

# In these states the agencies' decisions make somebody act; in all others the case is settled, or over.
WAITING_STATES = OPEN | {
    State.RECEIVED,
    State.PARTLY_RELEASED,
    State.RELEASE_STOPPED,
    State.RELEASED_ON_GUARANTEE,
}

# By command of an operator: the port office must act, until it has settled the matter.
ESCALATION, ESCALATION_RULE = "escalation", "GW-ESCALATION"
# The broker may name other guarantees.
GUARANTEE = "guarantee"
# The district that declared goods must release them, before they may leave the port of this one.
HOME_RELEASE = "home_release"
# An order to stop is not yet obeyed at a partner's port.
STOP = "stop"
# An item of the case is set aside, beside the questions to agencies, which say so themselves; keyed by its name.
QUARANTINE, QUARANTINE_RULE = "quarantine", "GW-QUARANTINE"
# What goods were released on guarantee for was not settled in time: an officer has it settled, or claims.
GUARANTEE_OVERDUE, GUARANTEE_RULE = "guarantee_overdue", "GW-GUARANTEE"


def waiting(case: Case, standings: Mapping[str, Standing], now: Micros) -> tuple[Wait, ...]:
    """The waiting list of a case that has just reached its state. A wait that goes on keeps its beginning."""
    found: list[Wait] = []
    if case.state in WAITING_STATES:
        found += for_decisions(case.policy, case.asks, standings)
        found += _for_stop(case, standings)
        found += [wait for wait in case.waiting if wait.fact_kind == ESCALATION]
    if case.out and (case.state in RELEASING or case.state is State.RELEASE_STOPPED):
        found += [wait for agency in case.policy.required for wait in to_recover(case, agency, standings[agency])]
    if case.state is State.GUARANTEE_AMENDMENT:
        found.append(Wait(WaitKind.PERSON, "broker", GUARANTEE))
    if case.surety is Surety.OVERDUE and case.state not in BEFORE_RELEASE:
        found += _overdue(case.policy, standings)
    if case.state in LEFT:
        found += still_open(case, standings)
    elif case.manual is not None:
        found += to_reconcile(case, standings)
    if case.state in BEFORE_RELEASE:
        found += _for_withdrawal(case)
    found += [wait for wait in case.waiting if wait.fact_kind == QUARANTINE]
    if not found:
        return ()
    since = {wait[:-1]: wait.since for wait in case.waiting}
    begun = {wait[:-1]: since.get(wait[:-1], wait.since or now) for wait in found}
    return tuple(Wait(*wait, since=moment) for wait, moment in begun.items())


def for_decisions(policy: AppliedPolicy, asks: Iterable[Ask], standings: Mapping[str, Standing]) -> Iterable[Wait]:
    """Only required agencies hold a case up, and those that are asked before them."""
    asked = {ask.agency: ask for ask in asks if ask.purpose == ASSESS}
    for agency in policy.required:
        standing = standings[agency]
        if agency == policy.declared_at and not standing.yes:
            yield Wait(WaitKind.PERSON, agency, HOME_RELEASE, agency=agency)
        elif standing.conflict:
            yield _officer(agency, "conflicting_decisions")
        elif standing.decision is not None:
            settled = standing.yes and not standing.covered
            yield from () if settled else named(agency, standing.decision)
        else:
            yield from _for_answer(agency, policy, asked, standings)


def _for_answer(
    agency: str,
    policy: AppliedPolicy,
    asked: Mapping[str, Ask],
    standings: Mapping[str, Standing],
    before: str = "",
) -> Iterable[Wait]:
    """For the agency itself, or for whoever is asked before it, through however many of them; `before` whom it is."""
    ask = asked.get(agency)
    if ask is None or standings[agency].decision is not None:
        return
    if ask.state is AskState.SET_ASIDE:
        yield _officer(agency, "set_aside")._replace(fact_key=before)
    elif ask.state in (AskState.PUT, AskState.PARKED):
        yield Wait(WaitKind.MACHINE, agency, "answer", before, agency=agency, since=ask.ask_time)
    elif ask.state is AskState.HELD:
        for other in policy.depends_on.get(agency, ()):
            yield from _for_answer(other, policy, asked, standings, before or agency)


def named(agency: str, decision: Decision) -> Iterable[Wait]:
    """Whom a decision that is no yes waits for; where it names nobody, whoever acts after such a verdict."""
    if waits := [wait for wait in decision.waits if wait.fact_kind not in (OBLIGATION, HOME_ORDER)]:
        return [wait._replace(agency=agency, since=0) for wait in waits]
    if decision.verdict == Verdict.INFORMATION_REQUESTED:
        return [Wait(WaitKind.PERSON, "broker", "information", agency=agency)]
    return [_officer(agency, "decision_on_the_rest" if decision.scope is not None else awaited_of(decision))]


def _for_stop(case: Case, standings: Mapping[str, Standing]) -> Iterable[Wait]:
    """Goods at a partner's port are stopped once it says that it obeys the order, and not before."""
    port = case.policy.verified_at
    if port and case.state is State.RELEASE_STOPPED and standings[port].obeyed < case.order_number:
        yield Wait(WaitKind.MACHINE, port, STOP, str(case.order_number), agency=port)


def _for_withdrawal(case: Case) -> Iterable[Wait]:
    for ask in case.withdrawal_asks():
        if ask.state is AskState.SET_ASIDE:
            yield _officer(ask.agency, "withdrawal")
        elif ask.state is AskState.REFUSED:
            yield Wait(WaitKind.PERSON, ask.agency, "withdrawal", rule_id=ask.park_reason, agency=ask.agency)
        elif ask.state is not AskState.ANSWERED:
            yield Wait(WaitKind.MACHINE, ask.agency, "withdrawal", agency=ask.agency, since=ask.ask_time)


def _overdue(policy: AppliedPolicy, standings: Mapping[str, Standing]) -> Iterable[Wait]:
    for agency in policy.required:
        if standings[agency].covered:
            yield _officer(agency, GUARANTEE_OVERDUE)._replace(rule_id=GUARANTEE_RULE)


def _officer(agency: str, fact_kind: str) -> Wait:
    return Wait(WaitKind.PERSON, agency, fact_kind, agency=agency)
