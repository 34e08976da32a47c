"""A wall clock that somebody sets: no term ends early, no row of the audit goes back, and it is told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from agencykit.runtime.guarded import ASKING_SECONDS, STEP_SECONDS, GuardedClock
from agencykit.runtime.voices import HEARD_SECONDS

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


def hear(clocks: TwoClocks, guarded: GuardedClock, told: float, *peers: str) -> None:
    """These say that it is so many seconds later than it truly is."""
    for peer in peers:
        guarded.heard(peer, BEGIN.timestamp() + clocks.ran - 1000.0 + told, 0.2)


@pytest.mark.parametrize("off", [HALF_AN_HOUR, -HALF_AN_HOUR])
def test_one_peer_with_another_time_is_named_and_holds_nothing(
    clocks: TwoClocks, guarded: GuardedClock, off: float
) -> None:
    hear(clocks, guarded, 0.0, "customs", "port")
    assert guarded.heard("border", BEGIN.timestamp() + off, 0.2) == pytest.approx(-off, abs=0.2)
    assert not guarded.suspended
    assert guarded.middle() == pytest.approx(BEGIN.timestamp(), abs=0.2)


def test_a_lone_peer_proves_nothing(clocks: TwoClocks, guarded: GuardedClock) -> None:
    hear(clocks, guarded, HALF_AN_HOUR, "border")
    assert not guarded.suspended


@pytest.mark.parametrize("off", [HALF_AN_HOUR, -HALF_AN_HOUR])
def test_a_clock_that_most_peers_call_wrong_ends_nothing_until_they_agree(
    clocks: TwoClocks, guarded: GuardedClock, off: float
) -> None:
    clocks.step(off)
    begun_wrong = GuardedClock(clocks)
    hear(clocks, begun_wrong, 0.0, "customs", "border")
    clocks.run(60)
    assert begun_wrong.ahead_seconds() == pytest.approx(off, abs=0.2)
    # What others say is still to come is not over, however far ahead this clock is.
    assert begun_wrong.legal_now().timestamp() <= min(BEGIN, BEGIN + timedelta(seconds=off)).timestamp() + 0.2
    assert begun_wrong.now() == clocks.wall
    hear(clocks, begun_wrong, off, "customs", "border")
    assert begun_wrong.legal_now() == clocks.wall


def test_a_clock_that_began_wrong_and_is_set_right_goes_on(clocks: TwoClocks) -> None:
    clocks.step(HALF_AN_HOUR)
    begun_wrong = GuardedClock(clocks)
    hear(clocks, begun_wrong, 0.0, "customs", "border", "port")
    clocks.step(-HALF_AN_HOUR)
    hear(clocks, begun_wrong, 0.0, "customs", "border", "port")
    assert begun_wrong.now() == begun_wrong.legal_now() == clocks.wall == BEGIN


@pytest.mark.parametrize("first", ["own", "theirs"])
def test_a_wrong_time_that_reaches_all_machines_ends_nothing_although_all_agree(
    clocks: TwoClocks, guarded: GuardedClock, first: str
) -> None:
    hear(clocks, guarded, 0.0, "customs", "border", "port")
    clocks.run(1)
    for whose in ("own", "theirs") if first == "own" else ("theirs", "own"):
        if whose == "own":
            clocks.step(HALF_AN_HOUR)
        else:
            hear(clocks, guarded, HALF_AN_HOUR, "customs", "border", "port")
        assert guarded.legal_now() <= BEGIN + timedelta(seconds=1)
    assert guarded.suspended


def test_what_the_round_trip_can_explain_is_no_disagreement(clocks: TwoClocks, guarded: GuardedClock) -> None:
    """Answers that lay about for two minutes before they were read."""
    for peer in ("customs", "border"):
        assert guarded.heard(peer, BEGIN.timestamp() - 85, 120.0) == 0
    assert not guarded.suspended


def test_no_peer_is_so_absurd_that_the_calendar_ends(clocks: TwoClocks, guarded: GuardedClock) -> None:
    for told in (-1e30, 1e30):
        for peer in ("customs", "border"):
            guarded.heard(peer, told, 0.1)
        assert guarded.legal_now() <= BEGIN


def test_a_peer_that_is_gone_has_no_voice(clocks: TwoClocks, guarded: GuardedClock) -> None:
    hear(clocks, guarded, HALF_AN_HOUR, "customs", "border")
    assert guarded.suspended
    clocks.run(HEARD_SECONDS)
    hear(clocks, guarded, 0.0, "port", "inspection")
    assert not guarded.suspended


def test_the_own_database_is_heard_alone(clocks: TwoClocks, guarded: GuardedClock) -> None:
    guarded.heard("database", BEGIN.timestamp() - HALF_AN_HOUR, 0.01, alone=True)
    assert guarded.suspended


def test_an_operator_may_say_that_this_clock_is_right_whatever_others_say(clocks: TwoClocks) -> None:
    sure = GuardedClock(clocks)
    sure.sure = True
    sure.expects(["customs"])
    hear(clocks, sure, HALF_AN_HOUR, "customs", "border", "port")
    assert sure.legal_now() == BEGIN
    clocks.step(HALF_AN_HOUR)
    assert sure.suspended


def test_nothing_is_due_until_those_were_heard_who_are_asked_first(clocks: TwoClocks, guarded: GuardedClock) -> None:
    told: list[float] = []
    guarded.on_change.append(told.append)
    guarded.expects(["customs", "border"])
    hear(clocks, guarded, 0.0, "customs")
    assert guarded.suspended
    assert guarded.legal_now().year == 1970
    hear(clocks, guarded, 0.0, "border")
    assert guarded.legal_now() == BEGIN
    assert told == []


def test_whoever_does_not_answer_is_not_waited_for(clocks: TwoClocks, guarded: GuardedClock) -> None:
    guarded.expects(["customs"])
    clocks.run(ASKING_SECONDS)
    assert guarded.legal_now() == clocks.wall


def test_a_clock_is_guarded_once(guarded: GuardedClock) -> None:
    assert GuardedClock.of(guarded) is guarded
