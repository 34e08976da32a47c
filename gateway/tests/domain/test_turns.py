"""Who waits for a convoy is taken in turn: callers one by one, each one's own in their order."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.turns import Turns

CALLERS = st.sampled_from(["3104980001", "3104980002", "3104980003"])


def test_a_caller_with_a_thousand_waiting_delays_another_by_one_place() -> None:
    turns: Turns[str] = Turns()
    for number in range(1000):
        turns.add("flood", f"flood {number}")
    turns.add("modest", "modest 0")
    assert [turns.take() for _ in range(3)] == ["flood 0", "modest 0", "flood 1"]


@given(st.lists(st.one_of(CALLERS, st.none()), max_size=200))
def test_nothing_is_lost_and_each_callers_own_keep_their_order(steps: list[str | None]) -> None:
    turns: Turns[tuple[str, int]] = Turns()
    waiting: dict[str, list[int]] = {}
    for number, caller in enumerate(steps):
        if caller is not None:
            turns.add(caller, (caller, number))
            waiting.setdefault(caller, []).append(number)
        elif len(turns):
            first = turns.first()
            assert turns.take() == first
            assert waiting[first[0]].pop(0) == first[1]
        assert len(turns) == sum(map(len, waiting.values()))


@given(st.lists(CALLERS, min_size=1, max_size=200))
def test_while_somebody_waits_no_other_is_taken_twice_before_him(arrivals: list[str]) -> None:
    turns: Turns[str] = Turns()
    for caller in arrivals:
        turns.add(caller, caller)
    taken = [turns.take() for _ in range(len(turns))]
    for caller in set(arrivals):
        own = [place for place, each in enumerate(taken) if each == caller]
        for before, after in pairwise(own):
            assert after - before <= len(set(arrivals)), "between two of his own each other has one turn at most"
