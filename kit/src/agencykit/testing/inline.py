"""Calls in process, through the very layers that a socket's calls pass: identity, deadline, form, refusals, traces.

    gateway_to_customs = InlineTransport(customs_layers, Identity.parse("spiffe://ningbo.clearance/gateway"), telemetry)

`hook` sees every call before and after it is answered, and may hold it up, refuse it, or lose its answer:

    async def lose_first_answer(moment, method):
        if moment == "answered" and method.endswith("/AssessConsignments"):
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "cable cut")
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Literal

import grpc
from opentelemetry.trace import SpanContext

from agencykit.identity import Identity
from agencykit.refusals import Refusal
from agencykit.rpc.boundary import outcome_of
from agencykit.rpc.channel import check_timeout, parsed, trace_metadata
from agencykit.rpc.exchange import DeadlinePassed
from agencykit.rpc.layers import Layers
from agencykit.rpc.peer import Peer
from agencykit.rpc.trailer import refusal_of, trailer
from agencykit.rpc.transport import Request, Response, Unreachable
from agencykit.rpc.within import within
from agencykit.telemetry import Telemetry
from agencykit.telemetry.rpc_span import RpcSpan

# Before the call reaches the layers; after the answer is made and before it is given back.
Moment = Literal["called", "answered"]
Hook = Callable[[Moment, str], Awaitable[None]]


async def no_hook(moment: Moment, method: str) -> None:
    """Lets everything pass."""


class InlineTransport:
    """A Transport to layers in the same process. `layers` may be None while the party is down."""

    def __init__(self, layers: Layers | None, identity: Identity, telemetry: Telemetry, hook: Hook = no_hook) -> None:
        self.layers, self.hook = layers, hook
        self._peer = Peer((str(identity),), voucher=identity.trust_domain)
        self._telemetry = telemetry

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
        with self._observed(method, trace) as span:
            timeout_seconds = within(timeout_seconds)
            check_timeout(timeout_seconds)
            async with asyncio.timeout(timeout_seconds):
                await self.hook("called", method)
                layers = self._reached(method)
                metadata = dict(trace_metadata(span))
                answer = await layers.invoke(method, request.SerializeToString(), self._peer, timeout_seconds, metadata)
                await self.hook("answered", method)
            return parsed(answer, response_type)

    async def stream(
        self,
        method: str,
        request: Request,
        response_type: type[Response],
        *,
        timeout_seconds: float,
        trace: SpanContext | None = None,
    ) -> AsyncGenerator[Response, None]:
        """See Transport."""
        with self._observed(method, trace) as span:
            check_timeout(timeout_seconds)
            await self.hook("called", method)
            layers = self._reached(method)
            metadata = dict(trace_metadata(span))
            stream = layers.stream(method, request.SerializeToString(), self._peer, timeout_seconds, metadata)
            async with aclosing(stream):
                async for answer in stream:
                    await self.hook("answered", method)
                    yield parsed(answer, response_type)

    async def close(self) -> None:
        """See Transport."""
        self.layers = None

    def _reached(self, method: str) -> Layers:
        if self.layers is None:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "nobody listens")
        if method not in self.layers.methods:
            raise Unreachable(grpc.StatusCode.UNIMPLEMENTED, "no such method there")
        return self.layers

    @contextmanager
    def _observed(self, method: str, trace: SpanContext | None) -> Iterator[RpcSpan]:
        """The client's span, and every error in the form in which a socket would bring it."""
        span = self._telemetry.rpc_span("client", method, trace)
        error: BaseException | None = None
        try:
            yield span
        except BaseException as raised:
            error = _as_sent(raised)
            if error is raised:
                raise
            raise error from raised
        finally:
            span.end(*outcome_of(error))


def _as_sent(error: BaseException) -> BaseException:
    """A refusal goes through its trailing metadata and back, so that nothing reaches a caller that wire would lose."""
    if isinstance(error, Refusal):
        code, text, metadata = trailer(error)
        return refusal_of(grpc.aio.Metadata(*metadata), code) or Unreachable(code, text)
    if isinstance(error, DeadlinePassed | TimeoutError):
        return Unreachable(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed")
    return error
