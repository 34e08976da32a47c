"""The line to one agency: how much it is asked at a time, and when it is not worth asking."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from agencykit.rpc.budget import RetryBudget
from agencykit.runtime import Runtime
from gateway.domain.breaker import Breaker
from gateway.operations.limits import Limits
from gateway.operations.ports import AgencyPort, CallFailed

# How recent an answer must be to show that the service works.
LATELY_SECONDS = 10.0
# How much is asked again of an agency in trouble: a part of the calls, so much a second, and so much that is saved up.
RETRY_PART, RETRIES_PER_SECOND, RETRIES_SAVED = 0.08, 0.1, 5.0
# It is in trouble as long after a call that failed; then what is parked is asked again at once.
TROUBLE_SECONDS = 2.0


class NotSent(CallFailed):
    """Nothing was sent: the service is known to be away. `reason` is why it was last time."""


class Line:
    """One agency's line. All times are the runtime's monotonic seconds."""

    def __init__(self, name: str, port: AgencyPort, limits: Limits, runtime: Runtime) -> None:
        self.name, self.port, self.limits = name, port, limits
        self._clock, self._randomness = runtime.clock, runtime.randomness
        self._calls = asyncio.Semaphore(limits.calls)
        self._breaker = Breaker(limits.breaker)
        self._budget = RetryBudget(RETRY_PART, RETRIES_PER_SECOND, RETRIES_SAVED)
        self._trouble = ""
        self._last_answer = self._last_failure = float("-inf")
        # Questions whose answers may still come by this line, from before they are sent until they are known here.
        self.under_way = 0
        # The logs from which its answers came.
        self.logs: set[str] = set()
        # Called when the agency answers again after it did not.
        self.on_return: Callable[[], None] = lambda: None

    @property
    def open(self) -> bool:
        """Whether something may be sent now."""
        return self._breaker.would_permit(self._clock.monotonic())

    @property
    def may_ask_again(self) -> bool:
        """Whether what was asked in vain may be asked again now. While the breaker is open, it alone says when."""
        return self.open and (not self._in_trouble or self._budget.permits(self._clock.monotonic()))

    @property
    def _in_trouble(self) -> bool:
        return self.healthy and self._clock.monotonic() - self._last_failure < TROUBLE_SECONDS

    @property
    def healthy(self) -> bool:
        """Whether everything may be sent, not just a first try."""
        return self._breaker.closed

    @property
    def answered_lately(self) -> bool:
        """Whether the service works: it has answered something a moment ago."""
        return self.healthy and self._clock.monotonic() - self._last_answer < LATELY_SECONDS

    def returned(self) -> None:
        """Another sign says that the agency has come back: a call is worth a try at once."""
        if not self._breaker.closed:
            self._breaker.returned()
            self.on_return()

    def trouble(self, reason: str) -> None:
        """The service, not an item, failed: the breaker counts it."""
        self._trouble, self._last_failure = reason, self._clock.monotonic()
        self._breaker.failed(self._clock.monotonic(), self._randomness.uniform(0, 1))

    @asynccontextmanager
    async def call(self, *, patient: bool, again: bool = False) -> AsyncIterator[None]:
        """One call within the agency's limit, and if it is made `again` within its budget for that. Raises NotSent.

        A CallFailed from within is counted unless an item is suspected, which is for the batch to find out. Nobody
        waits for a `patient` call, so it may try whether the agency answers again.
        """
        async with self._calls:
            was_closed = self._breaker.closed
            if not self._breaker.permits(self._clock.monotonic(), patient=patient):
                raise NotSent(self._trouble)
            if not again:
                self._budget.called()
            elif self._in_trouble and not self._budget.take(self._clock.monotonic()):
                raise NotSent(self._trouble)
            try:
                yield
            except CallFailed as failed:
                if not failed.item_suspected:
                    self.trouble(failed.reason)
                raise
            finally:
                self._breaker.tried()
            self._breaker.succeeded()
            self._last_answer = self._clock.monotonic()
        if not was_closed:
            self.on_return()
