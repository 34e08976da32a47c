"""Goods leave the port: imports are collected, exports have departed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Case
from gateway.domain.decision import Decision, standings
from gateway.domain.exit import Exit, Way, leave
from gateway.domain.states import State

NOW = 1_100_649_605_000_000
NUMBER = "310020040PX7K3M9QZ2B"
LAST = Exit(NUMBER, 7, 1, 1, "CSQU3054383", Way.GATE, NOW - 5, last=True)


def left(case: Case, known: list[Decision], exit: Exit = LAST) -> Case:
    return leave(case, exit, standings(case.policy.asked, case.version, known), NOW)


@pytest.mark.parametrize(("way", "state"), [(Way.GATE, State.COLLECTED), (Way.LOADING, State.DEPARTED)])
def test_the_last_exit_ends_a_released_case(
    case: Case, approvals: list[Decision], way: Way, state: State, decide: Callable[..., Decision]
) -> None:
    released = advance(case, approvals, NOW)
    after = left(released, approvals, replace(LAST, way=way))
    assert (after.state, after.waiting) == (State.CLOSED, ())
    assert after.release_time == NOW
    recalled = [*approvals, decide("customs", Verdict.RECALLED, 2)]
    assert left(released, recalled, replace(LAST, way=way)).state is state
    assert advance(after, approvals, NOW + 1) is after


def test_one_of_several_containers_ends_nothing(case: Case, approvals: list[Decision]) -> None:
    released = advance(case, approvals, NOW)
    after = left(released, approvals, replace(LAST, last=False))
    assert after.state is State.RELEASED
    assert after.etag == released.etag + 1


def test_goods_that_left_before_a_stop_order_came_are_to_be_recovered(
    case: Case, approvals: list[Decision], decide: Callable[..., Decision]
) -> None:
    recalled = [*approvals, decide("customs", Verdict.RECALLED, 2)]
    stopped = advance(advance(case, approvals, NOW), recalled, NOW)
    after = left(stopped, recalled)
    assert after.state is State.COLLECTED
    assert [(wait.party, wait.fact_kind) for wait in after.waiting] == [("customs", "recovery")]


def test_goods_that_leave_without_a_release_change_no_state(case: Case, approvals: list[Decision]) -> None:
    assert left(case, approvals[:3]).state is State.RECEIVED
