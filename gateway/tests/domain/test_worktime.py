"""Terms of working time: they end in working time, and count nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.storage import to_micros
from gateway.domain.worktime import MINUTE, WorkTime

# 08:30 to 17:00 in Ningbo, Monday to Friday.
OFFICE = WorkTime(480, frozenset({1, 2, 3, 4, 5}), 510, 1020)
FRIDAY = "2004-11-19"


def at(text: str) -> int:
    """A moment in Ningbo's time."""
    return to_micros(datetime.fromisoformat(f"{text}+08:00").astimezone(UTC))


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (f"{FRIDAY}T09:00", 8, f"{FRIDAY}T17:00"),
        (f"{FRIDAY}T15:00", 8, "2004-11-22T14:30"),
        ("2004-11-20T12:00", 1, "2004-11-22T09:30"),
        (f"{FRIDAY}T02:00", 1, f"{FRIDAY}T09:30"),
        (f"{FRIDAY}T23:30", 17, "2004-11-23T17:00"),
    ],
)
def test_hours_run_while_the_office_is_open(start: str, hours: int, end: str) -> None:
    assert OFFICE.after_hours(at(start), hours) == at(end)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (f"{FRIDAY}T09:00", 1, "2004-11-22T17:00"),
        (f"{FRIDAY}T23:59", 5, "2004-11-26T17:00"),
        ("2004-11-20T09:00", 1, "2004-11-22T17:00"),
    ],
)
def test_days_end_at_the_close_of_the_last_of_them(start: str, days: int, end: str) -> None:
    assert OFFICE.after_days(at(start), days) == at(end)


def test_holidays_do_not_count_and_days_worked_in_their_stead_do() -> None:
    festival = replace(OFFICE, holidays=frozenset({date(2004, 11, 22)}), extra=frozenset({date(2004, 11, 20)}))
    assert festival.after_days(at(f"{FRIDAY}T09:00"), 2) == at("2004-11-23T17:00")
    assert festival.after_hours(at(f"{FRIDAY}T16:00"), 2) == at("2004-11-20T09:30")


def test_a_month_is_the_districts_own() -> None:
    assert OFFICE.month(at("2004-12-01T00:30")) == "2004-12"


@given(
    start=st.integers(at("2004-01-01T00:00") // MINUTE, at("2006-01-01T00:00") // MINUTE),
    hours=st.integers(1, 60),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
)
def test_a_term_holds_just_so_much_working_time_and_ends_within_it(start: int, hours: int, weekdays: set[int]) -> None:
    time, begin = replace(OFFICE, weekdays=frozenset(weekdays)), start * MINUTE
    end = time.after_hours(begin, hours)
    assert end > begin
    assert time.after_hours(begin, hours + 1) > end
    days, minute = divmod((end // MINUTE) + 480, 24 * 60)
    day = date.fromordinal(date(1970, 1, 1).toordinal() + days)
    assert time.works_on(day)
    assert 510 < minute <= 1020
    # Two terms one after the other are one of both.
    assert time.after_hours(time.after_hours(begin, 1), hours) == time.after_hours(begin, hours + 1)
