"""A collector of spans that a test makes slow, silent or dead."""

import socket
import time
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as wire
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service


class Collector(service.TraceServiceServicer):
    """Counts the spans it is sent, by the service that sends them; takes `seconds` for each batch."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.spans = seconds, dict[str, int]()

    def Export(self, request: Any, context: Any) -> Any:
        time.sleep(self.seconds)
        for resource in request.resource_spans:
            [name] = [each.value.string_value for each in resource.resource.attributes if each.key == "service.name"]
            count = sum(len(scope.spans) for scope in resource.scope_spans)
            self.spans[name] = self.spans.get(name, 0) + count
        return wire.ExportTraceServiceResponse()


@contextmanager
def collector(port: int, seconds: float = 0.0) -> Iterator[Collector]:
    """One that serves."""
    made = Collector(seconds)
    server = grpc.server(futures.ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
    service.add_TraceServiceServicer_to_server(made, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    yield made
    server.stop(0).wait()


@contextmanager
def silent(port: int) -> Iterator[None]:
    """One that takes connections and never answers."""
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        deaf.bind(("127.0.0.1", port))
        deaf.listen()
        yield
