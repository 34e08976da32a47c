"""Business spans by the kit's telemetry. Contexts are traceparents."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opentelemetry.trace import SpanContext

from agencykit.runtime import Clock
from agencykit.telemetry import Telemetry, span_name


@dataclass(frozen=True, slots=True)
class TelemetrySpans:
    """operations.ports.Spans over Telemetry."""

    telemetry: Telemetry
    clock: Clock

    def child(self, parent: str) -> str:
        return str((self.telemetry.child(parent) if parent else self.telemetry.begin_trace()).traceparent)

    def context(self, span: object) -> str:
        name = span_name(span) if isinstance(span, SpanContext) else None
        return name.traceparent if name else ""

    def now(self) -> int:
        return self.clock.now_ns()

    def record(
        self,
        name: str,
        own: str,
        parent: str,
        begin: int,
        end: int,
        attributes: Mapping[str, Any],
        error: str = "",
        link: str = "",
    ) -> None:
        self.telemetry.item_span(
            name, parent or None, link or None, begin, end, attributes, error or None, own=own or None
        )
