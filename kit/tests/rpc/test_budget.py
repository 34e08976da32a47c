"""Retries are a part of calls, whatever fails: trouble is not multiplied."""

from typing import Any

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.rpc.budget import RetryBudget
from agencykit.rpc.replicas import ATTEMPTS, replicated
from agencykit.rpc.transport import Unreachable
from agencykit.runtime import real_runtime
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
STEPS = st.lists(st.tuples(st.booleans(), st.floats(0, 3)), max_size=300)


@given(STEPS, st.floats(0.01, 0.5), st.floats(0, 2), st.integers(1, 20))
def test_what_is_granted_is_bounded_over_any_stretch(steps: Any, part: float, per_second: float, most: int) -> None:
    budget, now = RetryBudget(part, per_second, most), 100.0
    history: list[tuple[float, int, int]] = [(now, 0, 0)]
    for is_call, seconds in steps:
        now += seconds
        _, calls, retries = history[-1]
        if is_call:
            budget.called()
            history.append((now, calls + 1, retries))
        else:
            permitted = budget.permits(now)
            assert budget.take(now) == permitted
            history.append((now, calls, retries + permitted))
        assert 0 <= budget.saved <= most
    for began, calls_before, retries_before in history[:: max(len(history) // 10, 1)]:
        ended, calls_after, retries_after = history[-1]
        bound = most + part * (calls_after - calls_before) + per_second * (ended - began)
        assert retries_after - retries_before <= bound + 1e-6


def test_a_peer_that_is_seldom_called_is_tried_again_after_a_while() -> None:
    budget = RetryBudget(per_second=0.2, most=2)
    assert [budget.take(100.0) for _ in range(3)] == [True, True, False]
    assert not budget.take(104.9)
    assert budget.take(105.0)


class Away:
    """A replica that nobody reaches, or that answers every second call."""

    def __init__(self, answers: bool = False) -> None:
        self.answers, self.calls = answers, 0

    async def unary(self, *_args: Any, **_more: Any) -> Any:
        self.calls += 1
        if self.answers and self.calls % 2:
            return work.ListWorkResponse()
        raise Unreachable(grpc.StatusCode.UNAVAILABLE, "nobody listens")

    async def close(self) -> None:
        pass


async def asked(ways: list[Away], calls: int) -> int:
    """How many of the calls were answered."""
    party: Any = replicated(ways, real_runtime().clock)  # type: ignore[arg-type]
    answered = 0
    for _ in range(calls):
        try:
            await party.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=5)
            answered += 1
        except Unreachable:
            continue
    return answered


@pytest.mark.parametrize("answers", [False, True], ids=["away", "failing half of all calls"])
async def test_a_party_in_trouble_gets_a_tenth_more_calls_at_most(answers: bool) -> None:
    ways = [Away(answers) for _ in range(4)]
    await asked(ways, 1000)
    sent = sum(way.calls for way in ways)
    assert 1000 < sent <= 1100 + 10 + 5, "and ten that were saved, and what comes with the seconds this takes"


async def test_one_call_has_three_attempts_at_most() -> None:
    ways = [Away() for _ in range(5)]
    await asked(ways, 1)
    assert sum(way.calls for way in ways) == ATTEMPTS == 3
