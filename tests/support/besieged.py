"""A whole district on real sockets in one process, its partner's certificate, and callers of every role."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from joined import files_of
from processes import free_port
from simulated import CODES

from agencykit.bundles import issue_next
from agencykit.host import _settings_class
from agencykit.identity import Identity
from agencykit.pki import equip
from agencykit.rpc.server import Server
from agencykit.rpc.service import Method
from agencykit.runtime import real_runtime
from agencykit.telemetry import Telemetry
from agencykit.telemetry.log import LogWriter
from clearance.gateway.v1.clearance_service_pb2 import SubmitClearanceRequest, SubmitClearanceResponse
from tongguan.facts import FACT_KINDS
from tongguan.sample.generation import generate

SUBMIT = "/clearance.gateway.v1.ClearanceService/SubmitClearance"
STREAM_SECONDS = 0.3
DISTRICT, PARTNER = "ningbo", "hangzhou"
AGENCIES = ("customs", "inspection", "border", "port")
# Who is tried for each method, in this order; the partner's gateway is the last.
CALLERS = (
    "gateway",
    "operator/officer-customs",
    "operator/port-office",
    "broker/3104980001",
    "terminal/BEILUN-2",
    "haulier/YONGGANG",
)


@dataclass
class Besieged:
    """`servers` by role; `channels` by role and caller."""

    folder: Path
    stack: AsyncExitStack
    servers: dict[str, Server] = field(default_factory=dict)
    channels: dict[tuple[str, str], grpc.aio.Channel] = field(default_factory=dict)
    served: list[tuple[str, Method]] = field(default_factory=list)
    callers: dict[str, str] = field(default_factory=dict)
    # Port of each one's metrics.
    metrics: dict[str, int] = field(default_factory=dict)
    telemetries: list[Telemetry] = field(default_factory=list)

    def methods(self) -> list[Method]:
        """Of all services."""
        return [method for _role, method in self.served]

    async def inhabit(self, count: int) -> list[Message]:
        """So many consignments of a sample with their facts; what was answered."""
        answers = []
        for line in generate(count, 7, datetime.now(UTC)):
            ((name, content),) = line.items()
            kind = FACT_KINDS.get(name)
            if kind is None:
                request: Message = json_format.ParseDict(content, SubmitClearanceRequest())
                path, answer = SUBMIT, SubmitClearanceResponse()
            else:
                request = kind.batch(str(uuid4()), [json_format.ParseDict(content, kind.message())])
                path, answer = kind.method, kind.response()
            [method] = [method for _role, method in self.served if method.path == path]
            code, said = await self.call(method, request.SerializeToString(), 20)
            assert code is grpc.StatusCode.OK, (path, said)
            answer.ParseFromString(said)
            answers += [request, answer]
        return answers

    async def call(self, method: Method, content: bytes, seconds: float) -> tuple[grpc.StatusCode, bytes]:
        """Code, and answer or details, by the first caller who may; of a stream the first that it says."""
        role = next(role for role, each in self.served if each is method)
        known = [caller] if (caller := self.callers.get(method.path)) else []
        for caller in dict.fromkeys((*known, *CALLERS, f"{PARTNER}:gateway")):
            code, said = await self._by(role, caller, method, content, seconds)
            if code is not grpc.StatusCode.PERMISSION_DENIED:
                self.callers[method.path] = caller
                break
        return code, said

    async def _by(
        self, role: str, caller: str, method: Method, content: bytes, seconds: float
    ) -> tuple[grpc.StatusCode, bytes]:
        channel = self._channel(role, caller)
        try:
            if method.streaming:
                stream = channel.unary_stream(method.path)(content, timeout=STREAM_SECONDS)
                async for said in stream:
                    stream.cancel()
                    return grpc.StatusCode.OK, said
            else:
                return grpc.StatusCode.OK, await channel.unary_unary(method.path)(content, timeout=seconds)
        except grpc.aio.AioRpcError as error:
            code = error.code()
            if method.streaming and code in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED):
                return grpc.StatusCode.OK, b""
            more = [
                value if isinstance(value, bytes) else value.encode() for _, value in error.trailing_metadata() or ()
            ]
            return code, b"\n".join([(error.details() or "").encode(), *more])
        return grpc.StatusCode.OK, b""

    def _channel(self, role: str, caller: str) -> grpc.aio.Channel:
        if (role, caller) not in self.channels:
            district, _, path = caller.rpartition(":")
            own = files_of(self.folder / (district or DISTRICT), district or DISTRICT, path)
            ca = (self.folder / DISTRICT / "ca.pem").read_bytes()
            credentials = grpc.ssl_channel_credentials(ca, own.key.read_bytes(), own.cert.read_bytes())
            options = [
                ("grpc.ssl_target_name_override", Identity.of_district(DISTRICT, role).host_name),
                ("grpc.use_local_subchannel_pool", 1),
            ]
            address = f"127.0.0.1:{self.servers[role].port}"
            made = grpc.aio.secure_channel(address, credentials, options)
            self.stack.push_async_callback(made.close)
            self.channels[role, caller] = made
        return self.channels[role, caller]

    async def stop(self, role: str) -> None:
        """Its service answers no more."""
        await self.servers[role].stop(0)

    async def alive(self) -> None:
        """Each service still answers for its health."""
        for role in self.servers:
            ask = self._channel(role, "gateway").unary_unary(
                "/grpc.health.v1.Health/Check",
                request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
                response_deserializer=health_pb2.HealthCheckResponse.FromString,
            )
            answer = await ask(health_pb2.HealthCheckRequest(), timeout=10)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING, role

    def amiss(self) -> list[str]:
        """Lines of the services' logs that tell of an error of the program."""
        found = []
        for role in self.servers:
            for line in (self.folder / f"{role}.log").read_text().splitlines():
                if '"internal"' in line or "frames" in line or "Traceback" in line:
                    found.append(f"{role}: {line}")
        return found


async def besieged(stack: AsyncExitStack, folder: Path, *, watched: bool = False) -> Besieged:
    """Starts all five; `watched` with spans and metrics as well."""
    runtime = real_runtime()
    stack.callback(runtime.executor.close)
    made = Besieged(folder, stack)
    own, abroad = folder / DISTRICT, folder / PARTNER
    for each, name in ((own, DISTRICT), (abroad, PARTNER)):
        equip(each, name, ["gateway", "district", *(AGENCIES if each == own else ())])
        issue_next(each, each / "bundle.json", name, CODES[name], datetime.now(UTC))
    partner = {"address": "127.0.0.1:1", "bundle_file": abroad / "bundle.json", "customs_district_code": CODES[PARTNER]}
    for role in (*AGENCIES, "gateway"):
        fields = _fields(own, role)
        if watched:
            fields |= {"span_store": folder / f"{role}-spans.db", "metrics_port": free_port()}
            made.metrics[role] = fields["metrics_port"]
        if role == "gateway":
            fields["agencies"] = {name: f"127.0.0.1:{made.servers[name].port}" for name in AGENCIES}
            fields |= {"partners": {PARTNER: partner}, "bundle_file": own / "bundle.json"}
        await _serve(made, role, fields, runtime)
    return made


def _fields(folder: Path, role: str) -> dict[str, Any]:
    files = files_of(folder, DISTRICT, role)
    return {
        "district": DISTRICT,
        "customs_district_code": CODES[DISTRICT],
        "database_url": f"sqlite+pysqlite:///{folder / role}.db",
        "ca_file": files.ca,
        "cert_file": files.cert,
        "key_file": files.key,
        "signing_cert_file": folder / f"{role}-signing.pem",
        "signing_key_file": folder / f"{role}-signing.key",
    }


async def _serve(made: Besieged, role: str, fields: dict[str, Any], runtime: Any) -> None:
    module = import_module(f"{role}.app")
    factory = module.GatewayApp if role == "gateway" else module.build
    settings = _settings_class(factory)(**fields)
    log = LogWriter(made.folder / f"{role}.log")
    telemetry = Telemetry(settings, role, runtime, log)
    made.stack.callback(telemetry.close)
    made.telemetries.append(telemetry)
    app = factory(settings, runtime, telemetry)
    made.stack.push_async_callback(app.stop)
    server = Server(settings, runtime, app.services, telemetry, getattr(app, "authorities", None))
    server.bind()
    await app.start()
    await server.start()
    made.stack.push_async_callback(server.stop, 1.0)
    made.servers[role] = server
    made.served += [(role, method) for method in server.layers.methods.values()]
    await asyncio.sleep(0)
