"""What operators do to single cases: expedite, relax, retry, escalate, settle, record what was recovered.

None of it is a yes of an agency.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import IntEnum

from gateway.domain.advance import advance_to
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.closing import RECOVERY
from gateway.domain.deadlines import PORT_OFFICE
from gateway.domain.decision import Standing, Wait, WaitKind
from gateway.domain.identifiers import Micros
from gateway.domain.states import LEFT, State
from gateway.domain.waiting import ESCALATION, ESCALATION_RULE, WAITING_STATES


class Act(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Intervention.Act)."""

    EXPEDITE = 1
    RELAX = 2
    RETRY = 3
    ESCALATE = 4
    SETTLE = 5
    RECOVER = 6
    CANCEL_RECOVERY = 7


@dataclass(frozen=True, slots=True)
class Intervention:
    """One act, by whom and why. `reason_code` is EXPEDITE's, `agency` ESCALATE's, `container` the recoveries' alone."""

    act: Act
    request_id: str
    # Identity of the operator, from the certificate.
    operator: str
    number: str
    reason: str
    reason_code: str = ""
    agency: str = ""
    act_time: Micros = 0
    container: str = ""


OVER = LEFT | {State.WITHDRAWN, State.EXPIRED}


def intervened(case: Case, act: Intervention, found: Mapping[str, Standing], now: Micros) -> Case | None:
    """The case after the act; None where its state forbids it.

    Deadlines that have passed since the case was last looked at are left to recovery, with their alarm.
    """
    changed = _ACTS[act.act](case, act, now)
    return None if changed is None else advance_to(changed, found, now, case.update_time, news=True)


def _expedite(case: Case, _act: Intervention, _now: Micros) -> Case | None:
    return None if case.state in OVER or case.urgent else case.changed(urgent=True)


def _relax(case: Case, _act: Intervention, _now: Micros) -> Case | None:
    return case.changed(urgent=False) if case.urgent and case.state not in OVER else None


def _retry(case: Case, _act: Intervention, now: Micros) -> Case | None:
    """What is set aside counts no refusals any more; what is parked stays so until it is answered, and is due."""
    return case.changed(asks=tuple(_again(ask, now) for ask in case.asks))


def asked_again(case: Case, aside: Collection[tuple[str, str]], now: Micros) -> Case:
    """The case with these questions, (agency, purpose and version), asked again where they are set aside."""
    asks = tuple(
        _again(ask, now) if (ask.agency, f"{ask.purpose} {ask.version}") in aside else ask for ask in case.asks
    )
    return case.changed(asks=asks)


def _again(ask: Ask, now: Micros) -> Ask:
    if ask.state is AskState.SET_ASIDE:
        return ask.moved(AskState.PUT)._replace(refusals=0, due_time=now)
    return ask._replace(due_time=now) if ask.state is AskState.PARKED else ask


def _escalate(case: Case, act: Intervention, now: Micros) -> Case | None:
    if case.state not in WAITING_STATES or (act.agency and act.agency not in case.policy.asked):
        return None
    wait = Wait(WaitKind.PERSON, PORT_OFFICE, ESCALATION, act.agency, ESCALATION_RULE, act.agency, now)
    return case.changed(waiting=(*case.waiting, wait))


def _settle(case: Case, _act: Intervention, _now: Micros) -> Case | None:
    left = tuple(wait for wait in case.waiting if wait.fact_kind != ESCALATION)
    return case.changed(waiting=left) if left != case.waiting else None


def _recover(case: Case, act: Intervention, _now: Micros) -> Case | None:
    if not any(wait.fact_kind == RECOVERY and wait.fact_key == act.container for wait in case.waiting):
        return None
    out = tuple(each for each in case.out if each != act.container)
    return case.changed(out=out, recovered=(*case.recovered, act.container))


def _cancel_recovery(case: Case, act: Intervention, _now: Micros) -> Case | None:
    if act.container not in case.recovered:
        return None
    recovered = tuple(each for each in case.recovered if each != act.container)
    return case.changed(out=(*case.out, act.container), recovered=recovered)


_ACTS: Mapping[Act, Callable[[Case, Intervention, Micros], Case | None]] = {
    Act.EXPEDITE: _expedite,
    Act.RELAX: _relax,
    Act.RETRY: _retry,
    Act.ESCALATE: _escalate,
    Act.SETTLE: _settle,
    Act.RECOVER: _recover,
    Act.CANCEL_RECOVERY: _cancel_recovery,
}
