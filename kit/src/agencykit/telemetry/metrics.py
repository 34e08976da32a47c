"""Metrics of RPCs: requests, failures, durations in explicit buckets; days until the own certificate ends.

Off (and free) unless a Prometheus port or an OTLP endpoint is set. Labels are methods, roles and outcomes only.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from opentelemetry.sdk.resources import Resource

from agencykit.settings import SettingsError

# Seconds. A batch of 100 takes 20-200 ms, a lone call 5-20 ms, a stream tens of seconds.
BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Metrics(Protocol):
    """What is counted."""

    def call(self, side: str, method: str, role: str, outcome: str, seconds: float) -> None:
        """One RPC ended; `side` is server or client, `role` the peer's, `outcome` OK or the reason."""
        ...

    def watch(self, name: str, unit: str, meaning: str, read: Callable[[], float]) -> None:
        """A value read when metrics are collected, for instance `tls.certificate.days_left`."""
        ...

    def close(self) -> None:
        """Ends collection."""
        ...


class NoMetrics:
    """Metrics that are off."""

    def call(self, side: str, method: str, role: str, outcome: str, seconds: float) -> None:
        pass

    def watch(self, name: str, unit: str, meaning: str, read: Callable[[], float]) -> None:
        pass

    def close(self) -> None:
        pass


class SdkMetrics:
    """Metrics by OpenTelemetry's SDK, read by Prometheus and sent by OTLP where configured."""

    def __init__(self, resource: Resource, host: str, port: int) -> None:
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View

        views = [View(instrument_name="rpc.*.duration", aggregation=ExplicitBucketHistogramAggregation(BUCKETS))]
        self._page = _PrometheusPage(host, port) if port else None
        readers = [*([self._page.reader] if self._page else []), *_otlp_readers()]
        self._provider = MeterProvider(readers, resource, shutdown_on_exit=False, views=views)
        self._meter = meter = self._provider.get_meter("agencykit")
        self._instruments = {
            side: (
                meter.create_counter(f"rpc.{side}.requests", "1", "RPCs that ended"),
                meter.create_counter(f"rpc.{side}.failures", "1", "RPCs that did not end well, by reason"),
                meter.create_histogram(f"rpc.{side}.duration", "s", "how long RPCs took"),
            )
            for side in ("server", "client")
        }

    def call(self, side: str, method: str, role: str, outcome: str, seconds: float) -> None:
        requests, failures, duration = self._instruments[side]
        labels = {"method": method, "role": role}
        requests.add(1, labels)
        if outcome != "OK":
            failures.add(1, labels | {"reason": outcome})
        duration.record(seconds, labels)

    def watch(self, name: str, unit: str, meaning: str, read: Callable[[], float]) -> None:
        from opentelemetry.metrics import CallbackOptions, Observation

        def observe(_options: CallbackOptions) -> Iterable[Observation]:
            return [Observation(read())]

        self._meter.create_observable_gauge(name, [observe], unit, meaning)

    def close(self) -> None:
        self._provider.shutdown(timeout_millis=1000)
        if self._page:
            self._page.close()


class _PrometheusPage:
    """The page that Prometheus reads, with a registry of its own: several services fit in one process."""

    def __init__(self, host: str, port: int) -> None:
        import prometheus_client
        from opentelemetry.exporter.prometheus import PrometheusMetricReader

        registry = prometheus_client.CollectorRegistry()
        self.reader = PrometheusMetricReader(registry=registry)
        try:
            self._server, self._thread = prometheus_client.start_http_server(port, host, registry)
        except OSError as error:
            raise SettingsError([f"metrics_port: {host}:{port} is taken, or is not an address here"]) from error

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(1)


def _otlp_readers() -> list[Any]:
    wanted = os.environ.get("OTEL_METRICS_EXPORTER", "otlp") == "otlp"
    if not wanted or not _endpoint("METRICS"):
        return []
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    return [PeriodicExportingMetricReader(OTLPMetricExporter())]


def _endpoint(signal: str) -> str:
    names = (f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    return next((value for name in names if (value := os.environ.get(name))), "")


def traces_are_exported() -> bool:
    """Whether spans go to a collector: an OTLP endpoint is set and OTEL_TRACES_EXPORTER does not say otherwise."""
    return os.environ.get("OTEL_TRACES_EXPORTER", "otlp") == "otlp" and bool(_endpoint("TRACES"))


def metrics_are_wanted(port: int) -> bool:
    """Whether anybody reads metrics."""
    return port > 0 or (os.environ.get("OTEL_METRICS_EXPORTER", "otlp") == "otlp" and bool(_endpoint("METRICS")))


def disabled() -> bool:
    """OTEL_SDK_DISABLED."""
    return os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
