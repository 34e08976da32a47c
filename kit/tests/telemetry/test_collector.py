"""Spans and metrics to a collector by OTLP, to Prometheus by its page; and a dead collector slows nothing."""

import socket
import time
import urllib.request
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as wire
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service

from agencykit.runtime import real_runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Collector(service.TraceServiceServicer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.requests: list[Any] = []

    def Export(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        return wire.ExportTraceServiceResponse()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    made = Collector()
    server = grpc.server(futures.ThreadPoolExecutor(1))
    service.add_TraceServiceServicer_to_server(made, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
    yield made
    server.stop(0).wait()


def test_spans_arrive_whole_at_the_collector(collector: Collector) -> None:
    telemetry = Telemetry(ServiceSettings(replica="blue"), "customs", real_runtime())
    rpc = telemetry.rpc_span("client", "/a.v1.A/Do", PARENT)
    telemetry.item_span("customs.assess", PARENT, rpc.context, 1000, 2000, {"item.count": 3}, "STALE_VERSION")
    telemetry.flush()
    telemetry.close()
    [resource] = collector.requests[0].resource_spans
    attributes = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert (attributes["service.name"], attributes["service.instance.id"]) == ("customs", "blue")
    assert attributes["district"] == "ningbo"
    [span] = resource.scope_spans[0].spans
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (PARENT[3:35], PARENT[36:52])
    assert (span.name, span.start_time_unix_nano, span.end_time_unix_nano) == ("customs.assess", 1000, 2000)
    assert span.links[0].span_id == rpc.context.span_id.to_bytes(8, "big")
    assert (span.status.code, span.status.message) == (2, "STALE_VERSION")
    assert {each.key for each in span.attributes} == {"item.count", "error.type"}


def test_a_dead_collector_slows_nothing_and_the_store_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as deaf:
        # Accepts connections into its backlog and never answers.
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        monkeypatch.setenv("OTEL_METRICS_EXPORTER", "none")
        file = tmp_path / "spans.db"
        telemetry = Telemetry(ServiceSettings(span_store=file), "customs", real_runtime())
        begun = time.monotonic()
        for number in range(2000):
            telemetry.item_span("clearance", PARENT, None, number, number + 1)
        assert time.monotonic() - begun < 1
        telemetry.close()
        assert time.monotonic() - begun < 8
    import sqlite3

    connection = sqlite3.connect(file)
    assert connection.execute("SELECT count(*) FROM spans").fetchone() == (2000,)
    connection.close()


def test_prometheus_reads_requests_failures_and_durations_by_method_and_role() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    telemetry = Telemetry(ServiceSettings(metrics_port=port), "customs", real_runtime())
    telemetry.metrics.watch("tls.certificate.days_left", "d", "days", lambda: 17.0)
    for outcome in ("OK", "STALE_VERSION"):
        span = telemetry.rpc_span("server", "/a.v1.A/Do", None)
        span.peer = ("broker", "spiffe://ningbo.clearance/broker/3104980001")
        span.end(outcome, grpc.StatusCode.OK)
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    telemetry.close()
    lines = [line for line in page.splitlines() if line.startswith(("rpc_server", "tls_certificate"))]
    told = "\n".join(lines)
    assert 'method="/a.v1.A/Do"' in told
    assert 'role="broker"' in told
    assert 'reason="STALE_VERSION"' in told
    assert 'le="0.02"' in told
    assert any(line.startswith("tls_certificate_days_left") and line.endswith(" 17.0") for line in lines)
    assert "3104980001" not in page
