"""Ids for spans, and whether a new trace is recorded.

Spans themselves are made by hand, as records put on a queue: OpenTelemetry's SDK takes 30-60 µs for one, a record 2-5.
The SDK samples, describes the resource, and exports what a collector is to have.
"""

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, DEFAULT_ON, Decision, ParentBased, Sampler
from opentelemetry.trace import NonRecordingSpan, set_span_in_context

from agencykit.runtime import Randomness
from agencykit.telemetry.context import SpanName


class SpanIds:
    """Trace and span ids from the runtime's randomness, fetched in blocks because each fetch is a system call."""

    def __init__(self, randomness: Randomness) -> None:
        self._randomness = randomness
        self._block, self._at = "", 0

    def _take(self, digits: int) -> str:
        if self._at + digits > len(self._block):
            self._block, self._at = self._randomness.bytes(4096).hex(), 0
        self._at += digits
        return self._block[self._at - digits : self._at]

    def trace(self) -> str:
        """32 hexadecimal digits."""
        return self._take(32)

    def span(self) -> str:
        """16 hexadecimal digits."""
        return self._take(16)


class Sampling:
    """Which traces are recorded, by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG as the SDK reads them."""

    def __init__(self, resource: Resource) -> None:
        self._sampler: Sampler = TracerProvider(resource=resource, shutdown_on_exit=False).sampler
        self._follows_parent = isinstance(self._sampler, ParentBased)
        # The usual case, in which no trace need be asked about.
        self._takes_all = self._sampler in (ALWAYS_ON, DEFAULT_ON)

    def begins(self, trace_id: str) -> bool:
        """Whether a new trace is recorded."""
        if self._takes_all:
            return True
        result = self._sampler.should_sample(None, int(trace_id, 16), "clearance")
        return result.decision is Decision.RECORD_AND_SAMPLE

    def goes_on(self, parent: SpanName) -> bool:
        """Whether a span below `parent` is recorded: as its parent is, unless the sampler says otherwise."""
        if self._follows_parent:
            return parent.sampled
        context = set_span_in_context(NonRecordingSpan(parent.context))
        result = self._sampler.should_sample(context, int(parent.trace_id, 16), "clearance")
        return result.decision is Decision.RECORD_AND_SAMPLE
