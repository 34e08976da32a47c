"""The one retrying layer: the same request, with the same request id, under back-off until an overall deadline."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential, wait_random
from tenacity.stop import stop_base

from tongguan import statuses
from tongguan.failures import Failure, Unavailable

Answer = TypeVar("Answer")
FIRST_SECONDS, LONGEST_SECONDS = 0.2, 3.0
# Longer than this nobody is waited for on his word.
MOST_TOLD_SECONDS = 30.0


class Deadline(stop_base):
    """One moment for all calls of a command, whenever each of them began."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never below zero."""
        return max(self._end - time.monotonic(), 0.0)

    def give_up(self) -> None:
        """Lets nobody try again."""
        self._end = 0.0

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self.left() <= retry_state.upcoming_sleep


def ride_out(
    act: Callable[[], Answer], deadline: Deadline, waiting: Callable[[Failure], None] = lambda _failure: None
) -> Answer:
    """Calls until it is answered or refused; raises the last Unavailable when the deadline is near.

    Waits 0.2 s, then twice as long each time, to 3 s, or as long as the service says, with jitter. `waiting` is told of
    each failure ridden out.
    """

    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Failure):
            waiting(error)

    retrying = Retrying(
        retry=retry_if_exception(lambda error: isinstance(error, Unavailable)),
        wait=_pause,
        stop=deadline,
        before_sleep=before_sleep,
        reraise=True,
    )
    return retrying(act)


_back_off = wait_exponential(FIRST_SECONDS, max=LONGEST_SECONDS)
_chance = wait_random(0, FIRST_SECONDS)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    status = error.status if isinstance(error, Failure) else None
    said = min(statuses.retry_seconds(status), MOST_TOLD_SECONDS) if status is not None else 0.0
    # Whoever was told the same time comes back spread over a quarter of it.
    return max(_back_off(state), said * random.uniform(1, 1.25)) + _chance(state)
