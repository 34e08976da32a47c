"""The span of one RPC on either side, with the metrics and the log line that end with it."""

from collections.abc import Callable

import grpc
from opentelemetry.trace import NonRecordingSpan, Span, SpanContext, SpanKind, Tracer, set_span_in_context
from opentelemetry.trace.status import Status, StatusCode

from agencykit.runtime import Clock
from agencykit.telemetry.metrics import Metrics

_KINDS = {"server": SpanKind.SERVER, "client": SpanKind.CLIENT}

# Told of every ended RPC: side, method, peer's identity, outcome, seconds, the span's context.
Told = Callable[[str, str, str, str, float, SpanContext], None]


class RpcSpan:
    """Begun with the RPC, ended exactly once by `end`, whatever became of it: answered, refused, late or cancelled."""

    __slots__ = ("_begun", "_clock", "_ended", "_method", "_metrics", "_side", "_span", "_told", "peer")

    def __init__(
        self,
        side: str,
        method: str,
        parent: SpanContext | None,
        tracer: Tracer,
        metrics: Metrics,
        clock: Clock,
        told: Told,
    ) -> None:
        self._side, self._method, self._metrics, self._clock, self._told = side, method, metrics, clock, told
        self._begun, self._ended = clock.monotonic(), False
        # Role and identity of the other side, once known.
        self.peer: tuple[str, str] = ("", "")
        service, _, name = method.lstrip("/").partition("/")
        self._span: Span = tracer.start_span(
            f"{service}/{name}",
            context=set_span_in_context(NonRecordingSpan(parent)) if parent else None,
            kind=_KINDS[side],
            attributes={"rpc.system": "grpc", "rpc.service": service, "rpc.method": name},
            start_time=clock.now_ns(),
        )

    @property
    def context(self) -> SpanContext:
        """What goes on under this span names it as parent."""
        return self._span.get_span_context()

    def end(self, outcome: str, code: grpc.StatusCode) -> None:
        """`outcome` is OK, a refusal's reason, or what else happened (CANCELLED, DEADLINE_EXCEEDED)."""
        if self._ended:
            return
        self._ended = True
        role, identity = self.peer
        if self._span.is_recording():
            self._span.set_attribute("rpc.grpc.status_code", code.value[0])
            self._span.set_attribute("peer.role", role)
            if outcome != "OK":
                self._span.set_attribute("error.type", outcome)
                self._span.set_status(Status(StatusCode.ERROR, outcome))
        self._span.end(self._clock.now_ns())
        seconds = self._clock.monotonic() - self._begun
        self._metrics.call(self._side, self._method, role, outcome, seconds)
        self._told(self._side, self._method, identity, outcome, seconds, self.context)
