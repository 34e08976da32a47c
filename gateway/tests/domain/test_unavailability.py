"""Which notice tells why a district gives no answer."""

from dataclasses import replace

from gateway.domain.unavailability import Notice, in_force

MORNING, NOON, EVENING = 1_000, 2_000, 3_000
HALF_DAY = Notice("half", 1, MORNING, NOON, "new roof", 1)
DAY = Notice("day", 1, MORNING, EVENING, "new building", 1)


def test_the_notice_that_lasts_longest_tells_why() -> None:
    assert in_force([DAY, HALF_DAY], MORNING) == DAY
    assert in_force([HALF_DAY], NOON - 1) == HALF_DAY


def test_what_is_over_to_come_or_withdrawn_tells_nothing() -> None:
    assert in_force([HALF_DAY], NOON) is None
    assert in_force([HALF_DAY], MORNING - 1) is None
    assert in_force([replace(HALF_DAY, withdraw_time=500)], MORNING) is None
