"""Spans to a collector by OTLP, from a thread of its own: a dead collector slows nothing, its spans count as lost."""

from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanKind
from opentelemetry.trace.status import Status, StatusCode

from agencykit.telemetry.context import SpanName
from agencykit.telemetry.store import SpanRecord

_SCOPE = InstrumentationScope("agencykit")


class CollectorSilent(Exception):
    """The collector took no spans."""


class SpanExport:
    """Converts records to OpenTelemetry's spans and exports them; addresses and limits are the OTEL_EXPORTER_OTLP_*."""

    def __init__(self, resource: Resource, exporter: SpanExporter | None = None) -> None:
        self._resource = resource
        self._exporter = exporter or OTLPSpanExporter()

    def write(self, records: list[SpanRecord]) -> None:
        """Exports a batch; raises CollectorSilent after the exporter's own time limit."""
        if self._exporter.export([self._readable(record) for record in records]) is not SpanExportResult.SUCCESS:
            raise CollectorSilent

    def close(self) -> None:
        """Ends the connection."""
        self._exporter.shutdown()

    def _readable(self, record: SpanRecord) -> ReadableSpan:
        parent = SpanName(record.own.trace_id, record.parent_span_id).context if record.parent_span_id else None
        return ReadableSpan(
            record.name,
            context=record.own.context,
            parent=parent,
            resource=self._resource,
            attributes=record.attributes,
            links=[Link(link.context) for link in record.links],
            kind=SpanKind[record.kind],
            status=Status(StatusCode.ERROR, record.error) if record.error else Status(StatusCode.OK),
            start_time=record.start_ns,
            end_time=record.end_ns,
            instrumentation_scope=_SCOPE,
        )
