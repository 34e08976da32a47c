"""Health as gRPC's own protocol, answered apart from the layers so that a full service still says it is alive."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

Request = health_pb2.HealthCheckRequest
Response = health_pb2.HealthCheckResponse
Context = grpc.aio.ServicerContext[Request, Response]

SERVICE_NAME = "grpc.health.v1.Health"
# A service that answers, and yet cannot do all: asked for by name, as if they were services, and SERVING while all is
# well. Whether terms and deadlines run; whether the database is held as an old backup.
TERMS, RECORDS = "tongguan.terms", "tongguan.records"
Conditions = Mapping[str, Callable[[], bool]]


class Health(health_pb2_grpc.HealthServicer):
    """One state for the whole ("") and for each service: some clients ask for the one, some for the other.

    The stock servicer's Watch never ends and would hold every drain up to its grace; here it ends with `stop`. Anybody
    may ask whom `admit` does not turn away by ending his call. `conditions` are asked for by Check alone.
    """

    def __init__(
        self, services: Iterable[str], admit: Callable[[Any], Awaitable[None]], conditions: Conditions | None = None
    ) -> None:
        self._admit, self._conditions = admit, conditions or {}
        self._services = frozenset(services) | {"", SERVICE_NAME}
        self._state: int = Response.NOT_SERVING
        self._changed = asyncio.Condition()
        self._stopped = False

    async def tell(self, serving: bool) -> None:
        """Sets the state and tells the watchers."""
        await self._change(Response.SERVING if serving else Response.NOT_SERVING, self._stopped)

    async def stop(self) -> None:
        """Says NOT_SERVING for good and ends all watches."""
        await self._change(Response.NOT_SERVING, True)

    async def _change(self, state: int, stopped: bool) -> None:
        async with self._changed:
            self._state, self._stopped = state, stopped
            self._changed.notify_all()

    async def Check(self, request: Request, context: Context) -> Response:
        """The state; NOT_FOUND for a service that is not served here, as the protocol says."""
        await self._admit(context)
        if (holds := self._conditions.get(request.service)) is not None:
            return Response(status=Response.SERVING if holds() else Response.NOT_SERVING)
        if request.service not in self._services:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service here")
        return Response(status=self._state)

    async def Watch(self, request: Request, context: Context) -> AsyncIterator[Response]:
        """The state, and each change of it; SERVICE_UNKNOWN for a service that is not served here."""
        await self._admit(context)
        known, told = request.service in self._services, -1
        while True:
            state = self._state if known else Response.SERVICE_UNKNOWN
            if state != told:
                told = state
                yield Response(status=state)
            async with self._changed:
                # A stop that came while the last state was being sent is told before the watch ends.
                if told in (self._state, Response.SERVICE_UNKNOWN):
                    if self._stopped:
                        return
                    await self._changed.wait()
