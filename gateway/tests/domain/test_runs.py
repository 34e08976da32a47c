"""Runs hold what was added, however it came."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.runs import Runs

NUMBERS = st.lists(st.integers(1, 40), max_size=60)


def runs_of(numbers: list[int], most: int = 100) -> Runs:
    runs = Runs(most)
    for number in numbers:
        runs.add(number)
    return runs


@given(NUMBERS)
def test_runs_hold_exactly_what_was_added(numbers: list[int]) -> None:
    runs = runs_of(numbers)
    assert {number for number in range(45) if number in runs} == set(numbers)


@given(NUMBERS)
def test_runs_are_in_order_and_never_touch(numbers: list[int]) -> None:
    found = list(runs_of(numbers))
    assert all(first <= last for first, last in found)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(found))


def test_the_gap_between_two_runs_joins_them_when_it_is_filled() -> None:
    assert list(runs_of([1, 2, 3, 7, 8, 5, 4])) == [(1, 5), (7, 8)]
    assert list(runs_of([1, 2, 3, 7, 8, 5, 4, 6])) == [(1, 8)]


def test_beyond_the_most_the_lowest_runs_are_forgotten() -> None:
    assert list(runs_of([1, 3, 5, 7], most=2)) == [(5, 5), (7, 7)]
