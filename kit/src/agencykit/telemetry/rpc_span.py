"""The span of one RPC on either side, with the metrics and the log line that end with it."""

from functools import lru_cache
from typing import Protocol

import grpc
from opentelemetry.trace import SpanContext

from agencykit.runtime import Clock
from agencykit.telemetry.allowed import Value
from agencykit.telemetry.context import SpanName
from agencykit.telemetry.metrics import Metrics
from agencykit.telemetry.store import SpanRecord


class Listener(Protocol):
    """Who hears of ended RPCs."""

    metrics: Metrics

    def record(self, record: SpanRecord) -> None:
        """Keeps a finished span."""
        ...

    def tell(self, span: "RpcSpan", outcome: str, seconds: float) -> None:
        """Writes the call's line."""
        ...


class RpcSpan:
    """Begun with the RPC, ended exactly once by `end`, whatever became of it: answered, refused, late or cancelled."""

    __slots__ = ("_begun", "_clock", "_ended", "_listener", "_parent", "_start_ns", "method", "name", "peer", "side")

    def __init__(
        self, side: str, method: str, name: SpanName, parent: SpanName | None, listener: Listener, clock: Clock
    ) -> None:
        self.side, self.method, self.name = side, method, name
        self._parent, self._listener, self._clock = parent, listener, clock
        self._start_ns, self._begun, self._ended = clock.now_ns(), clock.monotonic(), False
        # Role and identity of the other side, once known.
        self.peer: tuple[str, str] = ("", "")

    @property
    def context(self) -> SpanContext:
        """What goes on under this span names it as parent or link."""
        return self.name.context

    def end(self, outcome: str, code: grpc.StatusCode, *, told: bool = True) -> None:
        """`outcome` is OK, a refusal's reason, or what else happened (CANCELLED, DEADLINE_EXCEEDED).

        What is not `told` is counted by the metrics and leaves neither a line nor a span.
        """
        if self._ended:
            return
        self._ended = True
        seconds = self._clock.monotonic() - self._begun
        if self.name.sampled and told:
            self._listener.record(self._finished(outcome, code))
        self._listener.metrics.call(self.side, self.method, self.peer[0], outcome, seconds)
        if told:
            self._listener.tell(self, outcome, seconds)

    def _finished(self, outcome: str, code: grpc.StatusCode) -> SpanRecord:
        name, service, method = _parts(self.method)
        attributes: dict[str, Value] = {
            "rpc.system": "grpc",
            "rpc.service": service,
            "rpc.method": method,
            "rpc.grpc.status_code": code.value[0],
            "peer.role": self.peer[0],
        }
        error = "" if outcome == "OK" else outcome
        if error:
            attributes["error.type"] = error
        parent_id = self._parent.span_id if self._parent else ""
        end_ns = self._clock.now_ns()
        kind = "CLIENT" if self.side == "client" else "SERVER"
        return SpanRecord(self.name, parent_id, name, self._start_ns, end_ns, error, attributes, (), kind)


@lru_cache(maxsize=1024)
def _parts(path: str) -> tuple[str, str, str]:
    """`package.Service/Method`, and its two halves, of `/package.Service/Method`."""
    service, _, method = path.lstrip("/").partition("/")
    return f"{service}/{method}", service, method
