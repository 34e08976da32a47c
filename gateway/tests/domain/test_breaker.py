"""A breaker spares an agency that is away, and lets one call try."""

import pytest

from gateway.domain.breaker import Breaker, BreakerLimits, back_off_seconds

LIMITS = BreakerLimits(failures=3, first_seconds=1.0, most_seconds=4.0)


def opened(now: float = 100.0, failures: int = 3) -> Breaker:
    breaker = Breaker(LIMITS)
    for _ in range(failures):
        breaker.failed(now, jitter=1.0)
    return breaker


def test_it_stays_closed_until_several_calls_in_a_row_have_failed() -> None:
    breaker = opened(failures=2)
    assert breaker.closed
    assert breaker.permits(100.0, patient=True)
    breaker.succeeded()
    breaker.failed(100.0, 1.0)
    assert breaker.closed


def test_an_open_one_lets_nothing_pass_before_its_time() -> None:
    breaker = opened()
    assert not breaker.closed
    assert not breaker.permits(100.99, patient=True)
    assert not breaker.would_permit(100.99)


def test_a_half_open_one_lets_a_single_call_try() -> None:
    breaker = opened()
    assert breaker.would_permit(101.0)
    assert breaker.permits(101.0, patient=True)
    assert not breaker.permits(101.0, patient=True)
    breaker.tried()
    assert breaker.permits(101.0, patient=True)


def test_success_closes_it_and_failure_opens_it_for_longer() -> None:
    breaker = opened(failures=4)
    assert not breaker.permits(101.99, patient=True)
    assert breaker.permits(102.0, patient=True)
    breaker.succeeded()
    assert breaker.closed


@pytest.mark.parametrize("failures", [5, 12, 60, 5000])
def test_it_never_waits_longer_than_the_most(failures: int) -> None:
    assert opened(failures=failures).permits(104.0, patient=True)


def test_no_caller_is_made_to_try_an_agency_that_is_away() -> None:
    assert not opened().permits(101.0, patient=False)


def test_once_the_agency_is_seen_to_be_back_any_call_may_try_at_once() -> None:
    breaker = opened(failures=9)
    breaker.returned()
    assert breaker.permits(100.0, patient=False)
    breaker.failed(100.0, 1.0)
    assert not breaker.permits(100.0, patient=False)


@pytest.mark.parametrize(("attempts", "jitter", "seconds"), [(0, 1.0, 0.1), (3, 0.0, 0.4), (40, 1.0, 5.0)])
def test_items_back_off_with_jitter_up_to_a_bound(attempts: int, jitter: float, seconds: float) -> None:
    assert back_off_seconds(attempts, jitter) == pytest.approx(seconds)


@pytest.mark.parametrize("attempts", [20, 5000])
def test_waits_stay_bounded_however_long_an_outage_lasts(attempts: int) -> None:
    assert back_off_seconds(attempts, 1.0, 60.0, first_seconds=1.0) == 60.0
