"""Trace contexts as text (W3C `traceparent`), as the contract's message, and as OpenTelemetry's SpanContext."""

import re
from typing import NamedTuple

from opentelemetry.trace import SpanContext, TraceFlags

from clearance.common.v1.trace_pb2 import TraceContext

_parts = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]([0-9a-f])").fullmatch
_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16


class SpanName(NamedTuple):
    """One span by its hexadecimal ids, and whether its trace is recorded."""

    trace_id: str
    span_id: str
    sampled: bool = True

    @property
    def traceparent(self) -> str:
        """`00-<trace>-<span>-01`"""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"

    @property
    def message(self) -> TraceContext:
        """The form that travels with an item."""
        return TraceContext(traceparent=self.traceparent)

    @property
    def context(self) -> SpanContext:
        """OpenTelemetry's form, of a span elsewhere."""
        flags = TraceFlags(TraceFlags.SAMPLED if self.sampled else TraceFlags.DEFAULT)
        return SpanContext(int(self.trace_id, 16), int(self.span_id, 16), is_remote=True, trace_flags=flags)


# Whatever names a span: its name, the contract's message, a traceparent, OpenTelemetry's context.
AnyContext = SpanName | TraceContext | SpanContext | str


def span_name(context: AnyContext | None) -> SpanName | None:
    """Reads any form; None for an absent, empty or unreadable one, which then begins a new trace."""
    if context is None or isinstance(context, SpanName):
        return context
    if isinstance(context, SpanContext):
        if not context.is_valid:
            return None
        return SpanName(f"{context.trace_id:032x}", f"{context.span_id:016x}", context.trace_flags.sampled)
    found = _parts(context if isinstance(context, str) else context.traceparent)
    if found is None:
        return None
    trace, span, flags = found.groups()
    if trace == _NO_TRACE or span == _NO_SPAN:
        return None
    return SpanName(trace, span, flags in "13579bdf")


def trace_id(context: AnyContext | None) -> str:
    """The trace id in hexadecimal, as kept on a clearance; empty when there is none."""
    name = span_name(context)
    return name.trace_id if name else ""
