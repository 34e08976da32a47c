"""Whatever an agency does and whenever it is asked: what a breaker lets out while nothing is answered is bounded."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.breaker import Breaker, BreakerLimits

LIMITS = BreakerLimits(failures=3, first_seconds=0.25, most_seconds=3.0)
Step = tuple[float, bool, float, float]
# Seconds until the next wish to call, whether anybody waits for it, the jitter, and how long the call takes in vain.
STEPS = st.lists(
    st.tuples(st.floats(0.001, 2), st.booleans(), st.floats(0, 1), st.floats(0, 2.5)), min_size=1, max_size=150
)


@given(STEPS)
def test_an_agency_that_never_answers_is_tried_one_call_at_a_time_and_never_before_its_pause(steps: list[Step]) -> None:
    breaker, now, tries = Breaker(LIMITS), 0.0, 0
    for wait, patient, jitter, takes in steps:
        now += wait
        was_closed, due = breaker.closed, now >= breaker.retry_at
        if not breaker.permits(now, patient=patient):
            assert not was_closed, "a closed one lets all pass"
            assert not due or not patient, "who waits for nobody may try once the pause is over"
            continue
        tries += 1
        if not was_closed:
            assert patient, "no caller is made to try"
            assert not breaker.permits(now + takes, patient=True), "one at a time"
        now += takes
        breaker.failed(now, jitter)
        breaker.tried()
        if not breaker.closed:
            assert LIMITS.first_seconds / 2 <= breaker.retry_at - now <= LIMITS.most_seconds
    assert tries <= LIMITS.failures + now / (LIMITS.first_seconds / 2)


@given(STEPS, st.floats(0, 60))
def test_however_long_it_was_away_it_is_asked_within_the_longest_pause_and_one_answer_opens_the_way(
    steps: list[Step],
    away: float,
) -> None:
    breaker, now = Breaker(LIMITS), 0.0
    for wait, _, jitter, _ in steps:
        now += wait
        if breaker.permits(now, patient=True):
            breaker.failed(now, jitter)
            breaker.tried()
    now += max(away, LIMITS.most_seconds)
    assert breaker.permits(now, patient=True)
    breaker.succeeded()
    breaker.tried()
    assert breaker.closed
    assert all(breaker.permits(now, patient=False) for _ in range(10))
