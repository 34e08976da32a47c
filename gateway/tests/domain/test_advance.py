"""The state machine, case by case."""

from collections.abc import Callable
from typing import Any

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Ask, AskState, Case, Withdrawal
from gateway.domain.decision import Decision
from gateway.domain.policy import AppliedPolicy
from gateway.domain.scope import Scope
from gateway.domain.states import State

NOW = 1_100_649_605_000_000
Decide = Callable[..., Decision]


def test_a_case_is_released_when_every_required_agency_agrees(case: Case, approvals: list[Decision]) -> None:
    after = advance(case, approvals, NOW)
    assert after.state is State.RELEASED
    assert (after.release_time, after.update_time, after.order_number, after.etag) == (NOW, NOW, 1, case.etag + 1)
    assert after.waiting == ()
    assert {ask.state for ask in after.asks} == {AskState.ANSWERED}


@pytest.mark.parametrize("missing", range(4))
def test_three_of_four_agencies_release_nothing(case: Case, approvals: list[Decision], missing: int) -> None:
    after = advance(case, approvals[:missing] + approvals[missing + 1 :], NOW)
    assert after.state is State.IN_PROGRESS
    assert after.release_time is None


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        (Verdict.PENDING, State.IN_PROGRESS),
        (Verdict.INFORMATION_REQUESTED, State.INFORMATION_REQUIRED),
        (Verdict.EXAMINE, State.EXAMINATION),
        (Verdict.HOLD, State.ON_HOLD),
        (Verdict.REFUSED, State.REFUSED),
        (Verdict.RECALLED, State.REFUSED),
    ],
)
def test_one_agency_that_does_not_agree_names_the_state(
    case: Case, approvals: list[Decision], decide: Decide, verdict: Verdict, state: State
) -> None:
    assert advance(case, [*approvals[:3], decide("port", verdict)], NOW).state is state


@pytest.mark.parametrize(
    ("verdicts", "state"),
    [
        ((Verdict.HOLD, Verdict.REFUSED), State.REFUSED),
        ((Verdict.EXAMINE, Verdict.HOLD), State.ON_HOLD),
        ((Verdict.EXAMINE, Verdict.INFORMATION_REQUESTED), State.INFORMATION_REQUIRED),
        ((Verdict.PENDING, Verdict.EXAMINE), State.EXAMINATION),
    ],
)
def test_the_gravest_verdict_wins(case: Case, decide: Decide, verdicts: Any, state: State) -> None:
    decisions = [decide(agency, verdict) for agency, verdict in zip(("customs", "port"), verdicts, strict=True)]
    assert advance(case, decisions, NOW).state is state


def test_an_agency_that_is_not_required_is_shown_and_decides_nothing(
    case: Case, approvals: list[Decision], decide: Decide
) -> None:
    case.policy = AppliedPolicy("2004-1", ("customs", "inspection", "border"), case.policy.asked)
    assert advance(case, [*approvals[:3], decide("port", Verdict.REFUSED)], NOW).state is State.RELEASED


def test_a_later_revision_replaces_an_earlier_one(case: Case, approvals: list[Decision], decide: Decide) -> None:
    held = decide("port", Verdict.HOLD, 2)
    assert advance(case, [*approvals, held], NOW).state is State.ON_HOLD
    cleared = decide("port", Verdict.APPROVED, 3)
    assert advance(case, [cleared, held, *approvals], NOW).state is State.RELEASED


def test_a_refused_case_goes_on_when_the_agencys_next_revision_agrees(
    case: Case, approvals: list[Decision], decide: Decide
) -> None:
    refused = advance(case, [*approvals[:3], decide("port", Verdict.REFUSED)], NOW)
    assert (refused.state, refused.order_number) == (State.REFUSED, 1)
    agreed = [*approvals[:3], decide("port", Verdict.REFUSED), decide("port", Verdict.APPROVED, 2)]
    released = advance(refused, agreed, NOW)
    assert (released.state, released.order_number) == (State.RELEASED, 2)


@pytest.mark.parametrize("version", [1, 3])
def test_decisions_on_another_version_never_count(
    case: Case, decide: Decide, version: int, put: Callable[..., Ask]
) -> None:
    amended = case.changed(version=2)
    decisions = [decide(agency, Verdict.APPROVED, version=version) for agency in case.policy.asked]
    assert advance(amended, decisions, NOW).state is State.IN_PROGRESS


def test_what_was_not_verified_by_the_named_identity_never_counts(case: Case, approvals: list[Decision]) -> None:
    approvals[2].counted = False
    assert advance(case, approvals, NOW).state is State.IN_PROGRESS


def test_a_yes_to_a_part_is_not_a_yes(case: Case, approvals: list[Decision]) -> None:
    approvals[1].scope = Scope(containers=frozenset({"CSQU3054383"}))
    after = advance(case, approvals[:3], NOW)
    assert (after.state, after.part, after.order_number) == (State.IN_PROGRESS, None, 0)
    assert ("inspection", "decision_on_the_rest") in [(wait.party, wait.fact_kind) for wait in after.waiting]


def test_two_differing_decisions_with_one_revision_block_the_release(
    case: Case, approvals: list[Decision], decide: Decide
) -> None:
    twin = decide("customs", Verdict.APPROVED, 1, variant="other findings")
    after = advance(case, [*approvals, twin], NOW)
    assert after.state is State.IN_PROGRESS
    assert [(wait.party, wait.fact_kind) for wait in after.waiting] == [("customs", "conflicting_decisions")]
    later = decide("customs", Verdict.APPROVED, 2)
    assert advance(case, [*approvals, twin, later], NOW).state is State.IN_PROGRESS, "it does not heal by itself"


@pytest.mark.parametrize("verdict", [Verdict.RECALLED, Verdict.HOLD, Verdict.REFUSED, Verdict.PENDING])
def test_an_approval_that_no_longer_stands_stops_the_release(
    case: Case, approvals: list[Decision], decide: Decide, verdict: Verdict
) -> None:
    released = advance(case, approvals, NOW)
    recalled = [*approvals, decide("inspection", verdict, 2)]
    stopped = advance(released, recalled, NOW + 7)
    assert (stopped.state, stopped.order_number, stopped.release_time) == (State.RELEASE_STOPPED, 2, NOW)
    assert [wait.party for wait in stopped.waiting] == ["inspection"]
    again = advance(stopped, [*recalled, decide("inspection", Verdict.APPROVED, 3)], NOW + 9)
    assert (again.state, again.order_number, again.release_time) == (State.RELEASED, 3, NOW)


def test_to_advance_twice_changes_nothing(case: Case, approvals: list[Decision]) -> None:
    once = advance(case, approvals[:2], NOW)
    assert advance(once, approvals[:2], NOW + 1_000) is once


def test_news_that_moves_nothing_still_counts_as_a_change(case: Case, approvals: list[Decision]) -> None:
    once = advance(case, approvals, NOW)
    assert advance(once, approvals, NOW + 5, news=True).etag == once.etag + 1


def withdrawing(case: Case, put: Callable[..., Ask], *states: AskState) -> Case:
    asks = [
        put(agency, purpose="withdraw.1", state=state, park_reason="PORT-9" if state is AskState.REFUSED else "")
        for agency, state in zip(case.policy.asked, states, strict=True)
    ]
    return case.changed(asks=(*case.asks, *asks), withdrawal=Withdrawal(1, 1, "", "合同取消", NOW))


AGREED, OPEN, OBJECTED = AskState.ANSWERED, AskState.PUT, AskState.REFUSED


def test_a_case_is_withdrawn_only_when_every_agency_has_agreed(case: Case, put: Callable[..., Ask]) -> None:
    assert advance(withdrawing(case, put, AGREED, AGREED, AGREED, OPEN), [], NOW).state is State.IN_PROGRESS
    done = advance(withdrawing(case, put, AGREED, AGREED, AGREED, AGREED), [], NOW)
    assert (done.state, done.order_number) == (State.WITHDRAWN, 1)
    assert {ask.state for ask in done.asks if ask.purpose == "assess"} == {AskState.VOID}


@pytest.mark.parametrize("last", [OPEN, AskState.PARKED, AskState.SET_ASIDE, AGREED])
def test_nothing_is_released_while_a_withdrawal_is_open_or_an_agency_has_agreed_to_it(
    case: Case, approvals: list[Decision], put: Callable[..., Ask], last: AskState
) -> None:
    after = advance(withdrawing(case, put, OBJECTED, OBJECTED, OBJECTED, last), approvals, NOW)
    assert after.state is State.IN_PROGRESS


def test_a_withdrawal_that_every_agency_refuses_bars_no_release(
    case: Case, approvals: list[Decision], put: Callable[..., Ask]
) -> None:
    after = advance(withdrawing(case, put, OBJECTED, OBJECTED, OBJECTED, OBJECTED), approvals, NOW)
    assert after.state is State.RELEASED


def test_while_a_withdrawal_is_open_nobody_is_asked_to_assess(case: Case, put: Callable[..., Ask]) -> None:
    held = advance(withdrawing(case, put, OPEN, OPEN, OPEN, OPEN), [], NOW)
    assert {ask.purpose for ask in held.put_asks()} == {"withdraw.1"}
    objected = advance(withdrawing(held.changed(asks=held.asks[:4]), put, *[OBJECTED] * 4), [], NOW)
    assert {ask.purpose for ask in objected.put_asks()} == {"assess"}


def test_an_agency_that_depends_on_another_is_asked_after_it(case: Case, decide: Decide) -> None:
    case.policy = AppliedPolicy("2004-1", ("port",), case.policy.asked, {"port": ("customs", "border")})
    case.asks = (*case.asks[:3], case.asks[3].moved(AskState.HELD))
    first = advance(case, [decide("customs", Verdict.PENDING)], NOW)
    assert first.asks[3].state is AskState.HELD
    second = advance(case, [decide("customs", Verdict.PENDING), decide("border", Verdict.APPROVED)], NOW)
    assert (second.asks[3].state, second.asks[3].ask_time) == (AskState.PUT, NOW)
