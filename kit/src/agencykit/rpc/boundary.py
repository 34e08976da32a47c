"""The two outermost layers: what leaves a service, and what is told of it."""

import asyncio

import grpc

from agencykit.refusals import (
    BrokerMismatch,
    CallerNotListed,
    DistrictMismatch,
    IdentityMissing,
    Internal,
    Overloaded,
    Refusal,
    Unavailable,
)
from agencykit.rpc.crowd import Crowd
from agencykit.rpc.exchange import DeadlinePassed, Exchange, Layer
from agencykit.rpc.transport import Unreachable
from agencykit.runtime import Clock, Ids
from agencykit.telemetry import Telemetry

# Of the names that a certificate claims, so much is told.
_CLAIMED = 200
# Somebody is nobody, calls what is not his to call, or speaks in another's name.
_TRESPASSES = (IdentityMissing, CallerNotListed, BrokerMismatch, DistrictMismatch)


class ErrorBoundary(Layer):
    """Outermost, because gRPC sends the text of whatever escapes to the peer, and into its span.

    Known refusals pass. All else becomes INTERNAL with a correlation id, under which the log tells type and frames.
    """

    name = "error boundary"

    def __init__(self, telemetry: Telemetry, ids: Ids) -> None:
        self._telemetry, self._ids = telemetry, ids

    def leave(self, exchange: Exchange, error: BaseException | None) -> BaseException | None:
        if error is None or isinstance(error, Refusal | DeadlinePassed) or not isinstance(error, Exception):
            return error
        if isinstance(error, Unreachable):
            # A party this one needs is away; nothing was decided here.
            return Unavailable()
        correlation_id = self._ids.code(12)
        trace = exchange.span.name.trace_id if exchange.span else ""
        self._telemetry.log.error(
            "internal", correlation_id=correlation_id, method=exchange.method.path, trace_id=trace, error=error
        )
        return Internal(correlation_id)


class Observation(Layer):
    """Inside the boundary only, so that refusals by identity and form are counted and traced like all others."""

    name = "telemetry"

    def __init__(self, telemetry: Telemetry, clock: Clock) -> None:
        self._telemetry, self._crowd = telemetry, Crowd(telemetry.log, clock)

    def enter(self, exchange: Exchange) -> None:
        parent = exchange.metadata.get("traceparent")
        exchange.span = self._telemetry.rpc_span("server", exchange.method.path, parent)

    def leave(self, exchange: Exchange, error: BaseException | None) -> BaseException | None:
        if exchange.span:
            if exchange.identity:
                exchange.span.peer = (exchange.identity.role, exchange.peer.uris[0])
            # Admission refuses before a request is read; what is refused later is told as any other call.
            turned_away = isinstance(error, Overloaded) and exchange.request is None
            exchange.span.end(*outcome_of(error), told=not turned_away)
            if turned_away:
                self._crowd.turned_away(exchange.span.peer[1], exchange.method.path)
        if isinstance(error, _TRESPASSES):
            self._tell_refused(exchange, error)
        return error

    def _tell_refused(self, exchange: Exchange, error: Refusal) -> None:
        """Somebody has tried what he may not. What his certificate says is told whether it is believed or not."""
        self._telemetry.log.warning(
            "caller.refused",
            identity=" ".join(exchange.peer.uris)[:_CLAIMED],
            serial=exchange.peer.serial,
            method=exchange.method.path,
            reason=error.reason,
        )


def outcome_of(error: BaseException | None) -> tuple[str, grpc.StatusCode]:
    """How a call ended, in one word, and its gRPC code."""
    match error:
        case None:
            return "OK", grpc.StatusCode.OK
        case Refusal():
            return error.reason, error.code
        case DeadlinePassed():
            return "DEADLINE_EXCEEDED", grpc.StatusCode.DEADLINE_EXCEEDED
        case asyncio.CancelledError() | GeneratorExit():
            return "CANCELLED", grpc.StatusCode.CANCELLED
        case Unreachable():
            return error.code.name, error.code
    return "INTERNAL", grpc.StatusCode.INTERNAL
