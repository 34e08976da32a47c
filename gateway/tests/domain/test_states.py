"""Transitions stand in one table; what is not in it is refused."""

import itertools

import pytest

from gateway.domain.states import (
    BEFORE_RELEASE,
    ORDERS,
    OUTCOMES,
    RELEASED,
    TRANSITIONS,
    State,
    TransitionRefused,
    moved,
)


def test_every_state_has_its_line_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(State, 2)), ids=lambda state: state.name)
def test_what_is_not_in_the_table_is_refused(before: State, after: State) -> None:
    if after in TRANSITIONS[before]:
        assert moved(before, after) is after
    else:
        with pytest.raises(TransitionRefused, match=f"{before.name} to {after.name}"):
            moved(before, after)


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
def test_to_stay_is_always_allowed(state: State) -> None:
    assert moved(state, state) is state


def test_a_withdrawn_case_stays_withdrawn() -> None:
    assert not TRANSITIONS[State.WITHDRAWN]


def test_only_a_release_can_be_stopped() -> None:
    leading = {before for before, after in TRANSITIONS.items() if State.RELEASE_STOPPED in after}
    assert leading == {*RELEASED, State.PARTLY_RELEASED}


def test_no_state_before_release_is_reached_from_one_after_it() -> None:
    after_release = set(State) - BEFORE_RELEASE
    assert not [(before, after) for before in after_release for after in TRANSITIONS[before] if after in BEFORE_RELEASE]


def test_whatever_is_ordered_is_told_to_the_agencies() -> None:
    assert set(ORDERS) <= set(OUTCOMES)
