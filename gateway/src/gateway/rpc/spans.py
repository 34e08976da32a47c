"""Business spans by the kit's telemetry. Contexts are traceparents."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agencykit.runtime import Clock
from agencykit.telemetry import SpanName, Telemetry, span_name


@dataclass(frozen=True, slots=True)
class TelemetrySpans:
    """operations.ports.Spans over Telemetry."""

    telemetry: Telemetry
    clock: Clock

    def child(self, parent: str) -> str:
        return self.telemetry.below(_named(parent)).traceparent

    def context(self, span: object) -> str:
        return span.traceparent if isinstance(span, SpanName) else ""

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
        link: str | tuple[str, ...] = "",
    ) -> None:
        links = _named(link) if isinstance(link, str) else tuple(found for each in link if (found := _named(each)))
        self.telemetry.item_span(name, _named(parent), links, begin, end, attributes, error or None, own=_named(own))


@lru_cache(maxsize=8192)
def _named(traceparent: str) -> SpanName | None:
    """One clearance's context is met a score of times while it is worked on."""
    return span_name(traceparent) if traceparent else None
