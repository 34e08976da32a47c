"""OpenTelemetry's SDK tracer for the spans of RPCs, with our clock and ids, its spans ending in the same queue.

Spans of items are made by hand (`Telemetry.item_span`): an SDK span costs about 29 µs, a hundred share one RPC.
"""

from collections.abc import Callable

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace.status import StatusCode

from agencykit.runtime import Randomness
from agencykit.telemetry.context import span_name
from agencykit.telemetry.store import SpanRecord


class SeededIds(IdGenerator):
    """Trace and span ids from the runtime's randomness, fetched in blocks because each fetch is a system call."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._block, self._at = b"", 0

    def _take(self, count: int) -> bytes:
        if self._at + count > len(self._block):
            self._block, self._at = self._randomness.bytes(4096), 0
        self._at += count
        return self._block[self._at - count : self._at]

    def trace_hex(self) -> str:
        """32 hexadecimal digits."""
        return self._take(16).hex()

    def span_hex(self) -> str:
        """16 hexadecimal digits."""
        return self._take(8).hex()

    def generate_trace_id(self) -> int:
        return int.from_bytes(self._take(16), "big")

    def generate_span_id(self) -> int:
        return int.from_bytes(self._take(8), "big")


class Recorder(SpanProcessor):
    """Turns each finished SDK span into a record."""

    def __init__(self, record: Callable[[SpanRecord], None]) -> None:
        self._record = record

    def on_end(self, span: ReadableSpan) -> None:
        own = span_name(span.context)
        if own is None:
            return
        failed = span.status.status_code is StatusCode.ERROR
        attributes = {str(name): value for name, value in (span.attributes or {}).items()}
        links = tuple(name for link in span.links if (name := span_name(link.context)))
        self._record(
            SpanRecord(
                own,
                f"{span.parent.span_id:016x}" if span.parent else "",
                span.name,
                span.start_time or 0,
                span.end_time or 0,
                (span.status.description or "ERROR") if failed else "",
                attributes,  # type: ignore[arg-type]  # only plain values are ever set, by RpcSpan
                links,
                span.kind.name,
            )
        )


class Sampler:
    """Whether a new trace is recorded, by OTEL_TRACES_SAMPLER; what goes on in a trace follows its beginning."""

    def __init__(self, provider: TracerProvider) -> None:
        self._sampler = provider.sampler

    def __call__(self, trace_id_hex: str) -> bool:
        result = self._sampler.should_sample(None, int(trace_id_hex, 16), "clearance")
        return result.decision is Decision.RECORD_AND_SAMPLE


def provider(resource: Resource, ids: SeededIds, record: Callable[[SpanRecord], None]) -> TracerProvider:
    """A provider of our own; the process-wide one stays untouched, so that many services fit in one process."""
    made = TracerProvider(resource=resource, id_generator=ids, shutdown_on_exit=False)
    made.add_span_processor(Recorder(record))
    return made
