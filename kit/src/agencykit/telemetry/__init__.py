"""Traces, metrics and log lines of one service; nothing here can slow, block or fail the work it watches."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from opentelemetry.sdk.resources import Resource
from opentelemetry.trace import SpanContext

from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry.allowed import Value, permitted
from agencykit.telemetry.background import Background
from agencykit.telemetry.context import AnyContext, SpanName, span_name, trace_id
from agencykit.telemetry.log import Log, LogWriter, told
from agencykit.telemetry.metrics import (
    Metrics,
    NoMetrics,
    SdkMetrics,
    disabled,
    metrics_are_wanted,
    traces_are_exported,
)
from agencykit.telemetry.rpc_span import RpcSpan
from agencykit.telemetry.store import SpanRecord, SpanSink, SpanStore
from agencykit.telemetry.tracer import Sampling, SpanIds
from clearance.common.v1.trace_pb2 import TraceContext

__all__ = ["AnyContext", "SpanName", "Telemetry", "span_name", "told", "trace_id"]

# Spans that wait for the store or a collector: some 15 MB at most, and seconds of a service at its limit.
_QUEUE_LIMIT = 20_000
_FLUSH_SECONDS = 0.25
_QUIET = ("/grpc.health.", "/grpc.reflection.")


class Telemetry:
    """One service's telemetry. `log` is its logger; spans go to `settings.span_store` and to OTLP where configured."""

    def __init__(
        self, settings: ServiceSettings, service_name: str, runtime: Runtime, log_writer: LogWriter | None = None
    ) -> None:
        self._clock = runtime.clock
        self._ids = SpanIds(runtime.randomness)
        # What the SDK is given prevails over its environment, so the service's name is given only where that is silent.
        name = os.environ.get("OTEL_SERVICE_NAME") or service_name
        resource = Resource.create(
            {"service.name": name, "service.instance.id": settings.replica, "district": settings.district}
        )
        self.service = name
        self.writer = log_writer or LogWriter(silent=True)
        self.log = Log(self.writer, service_name, runtime.clock)
        off = disabled()
        self._sinks = [] if off else self._open_sinks(settings.span_store, resource)
        # Where nobody would read spans, none are made.
        self._recording = bool(self._sinks)
        self._sampling = Sampling(resource)
        self._links: tuple[object, tuple[SpanName, ...]] = (None, ())
        self._said: tuple[Mapping[str, Value] | None, Mapping[str, Value]] = (None, {})
        wanted = not off and metrics_are_wanted(settings.metrics_port)
        self.metrics: Metrics = SdkMetrics(resource, settings.host, settings.metrics_port) if wanted else NoMetrics()
        self.metrics.watch("telemetry.dropped", "1", "spans and log lines lost", lambda: float(self.dropped))

    def _open_sinks(self, file: Path | None, resource: Resource) -> list[tuple[Background[SpanRecord], SpanSink]]:
        writers: list[SpanSink] = []
        if file is not None:
            writers.append(SpanStore(file, self.service))
        if traces_are_exported():
            from agencykit.telemetry.export import SpanExport

            writers.append(SpanExport(resource))
        return [
            (
                Background(
                    "spans", writer.write, limit=_QUEUE_LIMIT, interval=_FLUSH_SECONDS, tell=self._tell_lost(writer)
                ),
                writer,
            )
            for writer in writers
        ]

    def _tell_lost(self, writer: SpanSink) -> Callable[[bool, int, Exception | None], None]:
        """That spans are lost must not be told by spans."""
        sink = type(writer).__name__

        def tell(losing: bool, dropped: int, error: Exception | None) -> None:
            event = "spans.lost" if losing else "spans.kept"
            self.log.warning(event, store=sink, dropped=dropped, fault=type(error).__name__ if error else "")

        return tell

    @property
    def dropped(self) -> int:
        """Spans and log lines lost because a queue was full or its reader failed."""
        return self.writer.dropped + sum(background.dropped for background, _ in self._sinks)

    def begin_trace(self) -> TraceContext:
        """The context of a new trace's root span; record it later with `item_span(name, None, …, own=context)`."""
        return self.below(None).message

    def child(self, parent: AnyContext) -> TraceContext:
        """The context of a span below `parent`, for what happens under it before it is recorded."""
        return self.below(span_name(parent)).message

    def below(self, above: SpanName | None) -> SpanName:
        """The name of a new span below another, or of a new trace's root: what `child` and `begin_trace` hand out."""
        if above is None:
            trace = self._ids.trace()
            return SpanName(trace, self._ids.span(), self._recording and self._sampling.begins(trace))
        return SpanName(above.trace_id, self._ids.span(), self._recording and self._sampling.goes_on(above))

    def item_span(
        self,
        name: str,
        parent: AnyContext | None,
        link: AnyContext | tuple[AnyContext, ...] | None,
        start_ns: int,
        end_ns: int,
        attributes: Mapping[str, Value] | None = None,
        error: str | None = None,
        *,
        own: AnyContext | None = None,
    ) -> None:
        """Records the span of one item that shared its RPC with others; a few microseconds.

        `parent` is the item's own trace context, `link` the RPC's span (or several), `own` the context handed out
        before by `begin_trace` or `child`, where one was. `error` is a refusal's reason or an error's type. Nothing is
        recorded where the trace is not sampled. `attributes` are kept as they are, so nobody may change them later;
        items that say the same may share one mapping, which is then written once.
        """
        if not self._recording:
            return
        above = span_name(parent)
        name_of_own = span_name(own) or self.below(above)
        if not name_of_own.sampled:
            return
        if link is not self._links[0]:
            # All items of a batch have the RPC's span as link: it is read once.
            self._links = (link, _links(link))
        said = self._said
        if attributes is not said[0]:
            # Items that say the same share their attributes: these are looked through once.
            said = self._said = (attributes, permitted(attributes) if attributes else {})
        fields = said[1]
        if error:
            fields = {**fields, "error.type": error}
        parent_id = above.span_id if above else ""
        self.record(
            SpanRecord(name_of_own, parent_id, name, start_ns, end_ns, error or "", fields, self._links[1], "INTERNAL")
        )

    def rpc_span(self, side: str, method: str, parent: AnyContext | None) -> RpcSpan:
        """Begins the span of an RPC; `side` is `server` or `client`."""
        above = span_name(parent)
        return RpcSpan(side, method, self.below(above), above, self, self._clock)

    def flush(self) -> None:
        """Writes all spans and lines that wait. Blocks: for tests and the end of a process."""
        for background, _ in self._sinks:
            background.flush()
        self.writer.flush()

    def close(self) -> None:
        """Writes what waits and ends the threads. Blocks for a few seconds at most."""
        self.metrics.close()
        for background, writer in self._sinks:
            background.close()
            writer.close()
        self.writer.close()

    def record(self, record: SpanRecord) -> None:
        """Puts a finished span on its way; never blocks."""
        for background, _ in self._sinks:
            background.add(record)

    def tell(self, span: RpcSpan, outcome: str, seconds: float) -> None:
        """One line for each call that was answered here; callers' lines would only say the same again."""
        if span.side == "client" or (outcome == "OK" and span.method.startswith(_QUIET)):
            return
        self.log.info(
            "call",
            method=span.method,
            identity=span.peer[1],
            outcome=outcome,
            duration_ms=round(seconds * 1000, 2),
            trace_id=span.name.trace_id,
        )


def _links(link: AnyContext | tuple[AnyContext, ...] | None) -> tuple[SpanName, ...]:
    # Contexts are themselves tuples.
    several = link if isinstance(link, tuple) and not isinstance(link, SpanContext | SpanName) else (link,)
    return tuple(name for each in several if (name := span_name(each)))
