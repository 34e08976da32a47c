"""One party that runs as several replicas: calls are shared among them, and go round those that do not answer.

A call that met nobody (UNAVAILABLE) is put to the next replica within its own deadline, three attempts in all, and as
far as the party's budget for retries goes: requests carry ids, so one that was worked on all the same is answered as
before. A replica that lets a deadline pass may be frozen: it is not asked again for a while, and this call's outcome is
unknown, as ever.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

import grpc

from agencykit.rpc.admittance import LEAST_SECONDS
from agencykit.rpc.budget import RetryBudget
from agencykit.rpc.rota import Rota
from agencykit.rpc.transport import Refusal, Request, Response, SpanContext, Transport, Unreachable
from agencykit.runtime import Clock

ATTEMPTS = 3
# It drains or starts, has no database, or another writes its log: nothing was decided, and another replica may do it.
PASSED_ON = ("UNAVAILABLE", "LOG_UNWRITABLE")


def replicated(ways: Sequence[Transport], clock: Clock) -> Transport:
    """The ways to a party's replicas as one; the only one itself."""
    return ways[0] if len(ways) == 1 else ReplicatedTransport(ways, clock)


class ReplicatedTransport:
    """See Transport."""

    def __init__(self, ways: Sequence[Transport], clock: Clock) -> None:
        self._ways, self._clock = ways, clock
        self._rota = Rota(len(ways))
        self._budget = RetryBudget()

    async def unary(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> Response:
        """See Transport."""
        end = self._clock.monotonic() + timeout_seconds
        places = self._places()
        for place in places:
            way, left = self._ways[place], end - self._clock.monotonic()
            try:
                answer = await way.unary(method, request, response_type, timeout_seconds=left, trace=trace)
            except (Refusal, Unreachable) as error:
                if not self._goes_on(place, error, end) or place == places[-1] or not self._may_retry():
                    raise
            else:
                self._rota.answered(place)
                return answer
        raise AssertionError("unreachable")

    async def stream(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> AsyncGenerator[Response, None]:
        """See Transport. A stream that has begun is not taken up at another replica: who reads it knows his place."""
        end = self._clock.monotonic() + timeout_seconds
        places = self._places()
        for place in places:
            begun = False
            left = end - self._clock.monotonic()
            answers = self._ways[place].stream(method, request, response_type, timeout_seconds=left, trace=trace)
            try:
                async with aclosing(answers):
                    async for answer in answers:
                        begun = True
                        self._rota.answered(place)
                        yield answer
                return
            except (Refusal, Unreachable) as error:
                if not self._goes_on(place, error, end) or begun or place == places[-1] or not self._may_retry():
                    raise

    async def close(self) -> None:
        """See Transport."""
        for way in self._ways:
            await way.close()

    def _places(self) -> Sequence[int]:
        self._budget.called()
        return self._rota.turn(self._clock.monotonic())[:ATTEMPTS]

    def _may_retry(self) -> bool:
        return self._budget.take(self._clock.monotonic())

    def _goes_on(self, place: int, error: Refusal | Unreachable, end: float) -> bool:
        """Whether another may be tried, in the time that is left; notes how the replica did."""
        away = isinstance(error, Unreachable) or error.reason in PASSED_ON
        if not away:
            self._rota.answered(place)
            return False
        now = self._clock.monotonic()
        self._rota.failed(place, now)
        met_nobody = isinstance(error, Refusal) or error.code is grpc.StatusCode.UNAVAILABLE
        return met_nobody and end - now > LEAST_SECONDS
