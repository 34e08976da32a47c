"""One convoy where the processor is the limit, several where agencies merely wait."""

import pytest

from gateway.domain.pace import GATHERING_SHARE, LEAST_SHARE, PIPELINED, PIPELINED_CONVOYS, Pace


def learned(total: float, slowest: float, worked: float, times: int = 12) -> Pace:
    pace = Pace()
    for _ in range(times):
        pace.learn(total, slowest, worked)
    return pace


@pytest.mark.parametrize(
    ("total", "slowest", "worked", "limit"),
    [
        (0.090, 0.050, 0.045, 1),
        (0.100, 0.060, 0.030, 1),
        (0.130, 0.100, 0.040, 1),
        (0.300, 0.250, 0.040, 3),
        (0.530, 0.500, 0.010, 8),
        (0.022, 0.020, 0.000, 8),
    ],
)
def test_the_limit_follows_from_waiting_and_work(total: float, slowest: float, worked: float, limit: int) -> None:
    assert learned(total, slowest, worked).limit == limit


def test_before_anything_is_known_one_convoy_is_under_way() -> None:
    assert Pace().limit == 1
    assert Pace().share(5, 0, 0.0) == 5
    assert Pace().share(5, 1, 0.0) == 0


def test_a_lone_submission_leaves_at_once() -> None:
    assert learned(0.53, 0.5, 0.01).share(1, 0, 0.0) == 1


def test_who_comes_late_waits_for_the_next_departure_and_not_for_the_convoy_before_him() -> None:
    pace = learned(0.53, 0.5, 0.01)
    pace.last_departure = 10.0
    assert pace.share(1, 1, 10.001) == 0
    assert pace.next_departure == pytest.approx(10.066, abs=0.005)
    assert pace.share(1, 1, 10.07) == 1


def test_a_crowd_is_spread_over_the_convoys_that_are_free() -> None:
    pace = learned(0.53, 0.5, 0.01)
    pace.last_departure = 10.0
    assert pace.share(63, 1, 10.0) == 9
    assert pace.share(9, 7, 10.0) == 9
    assert pace.share(9, 8, 10.0) == 0


def test_a_small_crowd_is_not_split() -> None:
    pace = learned(0.53, 0.5, 0.01)
    assert pace.share(LEAST_SHARE, 0, 0.0) == LEAST_SHARE


def test_the_pace_turns_with_the_agencies() -> None:
    pace = learned(0.09, 0.05, 0.045)
    for _ in range(20):
        pace.learn(0.53, 0.5, 0.02)
    assert pace.limit == 8
    for _ in range(20):
        pace.learn(0.09, 0.05, 0.045)
    assert pace.limit == 1


def test_a_large_crowd_may_be_recorded_while_the_agencies_work_on_another() -> None:
    pace = learned(0.10, 0.06, 0.06)
    assert pace.limit == 1
    assert pace.share(PIPELINED - 1, 1, 10.0) == 0
    assert pace.share(PIPELINED, 1, 10.0) == PIPELINED
    assert pace.share(PIPELINED, PIPELINED_CONVOYS, 10.0) == 0


def test_those_who_were_just_answered_travel_with_those_who_waited_for_them() -> None:
    pace = learned(0.10, 0.06, 0.06)
    pace.departed(10.0)
    pace.returned(38, 26, 10.1)
    assert pace.share(26, 0, 10.1) == 0
    assert pace.share(63, 0, 10.12) == 0
    assert pace.share(64, 0, 10.12) == 64


def test_who_does_not_come_again_is_not_waited_for_long() -> None:
    pace = learned(0.10, 0.06, 0.06)
    pace.departed(10.0)
    pace.returned(38, 26, 10.1)
    assert pace.next_departure == pytest.approx(10.1 + GATHERING_SHARE * 0.1)
    assert pace.share(27, 0, pace.next_departure) == 27
    pace.departed(pace.next_departure)
    assert pace.share(1, 0, 10.2) == 1


def test_nobody_is_waited_for_after_a_small_convoy() -> None:
    pace = learned(0.10, 0.06, 0.06)
    pace.returned(LEAST_SHARE - 1, 0, 10.1)
    assert pace.share(1, 0, 10.1) == 1


def test_nobody_is_waited_for_where_agencies_set_the_time() -> None:
    pace = learned(0.53, 0.5, 0.01)
    pace.returned(38, 1, 10.1)
    assert pace.share(1, 0, 10.1) == 1


def test_a_large_crowd_waits_for_nobody() -> None:
    pace = learned(0.10, 0.06, 0.06)
    pace.returned(200, 0, 10.1)
    assert pace.share(PIPELINED, 0, 10.1) == PIPELINED
