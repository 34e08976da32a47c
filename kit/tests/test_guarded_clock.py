"""A wall clock that somebody sets: no term ends early, no row of the audit goes back, and it is told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from agencykit.runtime.guarded import STEP_SECONDS, GuardedClock

BEGIN = datetime(2004, 11, 17, 8, 0, tzinfo=UTC)
HALF_AN_HOUR = 1800.0


@dataclass
class TwoClocks:
    """A machine's: `wall` is set by whoever likes, `ran` only runs."""

    wall: datetime = BEGIN
    ran: float = 1000.0

    def now(self) -> datetime:
        return self.wall

    def now_ns(self) -> int:
        return int(self.wall.timestamp()) * 10**9

    def monotonic(self) -> float:
        return self.ran

    def run(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ran += seconds

    def step(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def clocks() -> TwoClocks:
    return TwoClocks()


@pytest.fixture
def guarded(clocks: TwoClocks) -> GuardedClock:
    return GuardedClock(clocks)


def test_it_follows_the_wall_clock_and_its_small_corrections(clocks: TwoClocks, guarded: GuardedClock) -> None:
    for seconds in (STEP_SECONDS, -STEP_SECONDS, 7.0):
        clocks.run(60)
        clocks.step(seconds)
        assert guarded.now() == guarded.legal_now() == clocks.wall
        assert not guarded.suspended


@pytest.mark.parametrize("step", [HALF_AN_HOUR, -HALF_AN_HOUR, STEP_SECONDS + 1, -STEP_SECONDS - 1])
def test_after_a_step_time_goes_on_as_it_ran_and_terms_stand_still(
    clocks: TwoClocks, guarded: GuardedClock, step: float
) -> None:
    clocks.step(step)
    assert guarded.now() == BEGIN
    clocks.run(600)
    assert guarded.now() == BEGIN + timedelta(seconds=600)
    assert guarded.legal_now() == BEGIN
    assert guarded.suspended
    assert guarded.ahead_seconds() == step


def test_what_it_tells_for_spans_is_the_same_moment(clocks: TwoClocks, guarded: GuardedClock) -> None:
    clocks.step(HALF_AN_HOUR)
    clocks.run(5)
    assert guarded.now_ns() == int(guarded.now().timestamp()) * 10**9


def test_terms_go_on_once_the_clock_is_set_right_again(clocks: TwoClocks, guarded: GuardedClock) -> None:
    clocks.step(-HALF_AN_HOUR)
    assert guarded.suspended
    clocks.run(600)
    clocks.step(HALF_AN_HOUR)
    assert guarded.legal_now() == guarded.now() == clocks.wall == BEGIN + timedelta(seconds=600)
    assert not guarded.suspended
    assert guarded.ahead_seconds() == 0


def test_a_restart_says_that_the_wall_clock_is_right(clocks: TwoClocks, guarded: GuardedClock) -> None:
    clocks.step(HALF_AN_HOUR)
    assert guarded.suspended
    restarted = GuardedClock(clocks)
    assert restarted.now() == restarted.legal_now() == clocks.wall


def test_each_parting_and_each_agreeing_is_told_once(clocks: TwoClocks, guarded: GuardedClock) -> None:
    told: list[float] = []
    guarded.on_change.append(told.append)
    for step in (HALF_AN_HOUR, 60.0, -HALF_AN_HOUR - 60):
        clocks.step(step)
        for _ in range(3):
            guarded.now()
    assert told == [HALF_AN_HOUR, 0.0]


def test_a_peer_that_has_another_time_lets_terms_stand_still_until_it_agrees(
    clocks: TwoClocks, guarded: GuardedClock
) -> None:
    guarded.compared("border", -HALF_AN_HOUR)
    guarded.compared("port", 2.0)
    clocks.run(60)
    assert (guarded.suspended, guarded.ahead_seconds()) == (True, -HALF_AN_HOUR)
    assert guarded.legal_now() == BEGIN
    guarded.compared("border", 0.5)
    assert guarded.legal_now() == clocks.wall


def test_a_clock_is_guarded_once(guarded: GuardedClock) -> None:
    assert GuardedClock.of(guarded) is guarded
