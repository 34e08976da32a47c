"""One agency and one gateway as processes, for faults of one machine: its disk, its files, its descriptors."""

import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import processes
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc

from agencykit.testing.consignments import sea_import
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.gateway.v1.clearance_service_pb2_grpc import ClearanceServiceStub

BROKER = "3104980001"
SERVICES = ("inspection", "gateway")
RELEASED = Clearance.STATE_RELEASED
# Inspection lets rivet nuts pass at once, and nobody else is asked.
POLICY = 'version = "small-1"\n\n[[required]]\ndirection = "*"\nmode = "*"\nagencies = ["inspection"]\n'
CALL_SECONDS = 20.0


@dataclass
class SmallDistrict:
    """`inspection` and `gateway` in one folder; `services` are those that run.

    `ways`: how the services are run, and what they are told, where that is not as usual.
    """

    folder: Path
    services: dict[str, processes.Process] = field(default_factory=dict)
    ways: dict[str, dict[str, Any]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def start(self, *services: str) -> None:
        """Starts them where they were before, and waits until they listen."""
        for service in services:
            self.services[service] = self.launch(service)
        for service in services:
            self.eventually(lambda name=service: self.listens(name), processes.START_SECONDS)

    def listens(self, service: str) -> bool:
        """Whether the process that was started last says so."""
        begun = self.services[service]
        assert begun.poll() is None, f"{service} ended while starting: {self.tail()}"
        if self.ways.get(service, {}).get("log_file") == "":
            return self.health(service) == "SERVING"
        return any(line["pid"] == begun.pid for line in self.said(service, "listening"))

    def stop(self, service: str) -> None:
        """SIGTERM; it must drain and end well."""
        processes.end(self.services[service])

    def launch(self, service: str, **told: Any) -> processes.Process:
        """As `start`, without waiting."""
        settings: dict[str, Any] = {"port": self.ports.get(service, 0)}
        if service == "gateway":
            settings |= {
                "agencies__inspection__address": f"127.0.0.1:{self.ports['inspection']}",
                "policy_file": self.folder / "policy.toml",
                **dict.fromkeys(("slot_agency", "gate_agency", "transfer_agency", "ledger_agency"), ""),
            }
        with (self.folder / f"{service}.err").open("ab") as errors:
            own: dict[str, Any] = {"streams": {"stderr": errors}}
            own |= settings | self.ways.get(service, {}) | told
            return processes.launch(service, self.folder, self.folder, **own)

    def refused_start(self, service: str, **told: Any) -> tuple[int, str]:
        """Exit code of a process that must not come up, and what it says on standard error."""
        before = self.errors(service)
        code = self.launch(service, **told).wait(processes.START_SECONDS)
        return code, self.errors(service).removeprefix(before)

    def errors(self, service: str) -> str:
        """What its processes wrote on standard error so far."""
        return (self.folder / f"{service}.err").read_text()

    def database(self, service: str) -> Path:
        """Its SQLite file."""
        return self.folder / f"{service}.db"

    def rows(self, service: str, query: str) -> list[tuple[Any, ...]]:
        """What it holds."""
        with closing(sqlite3.connect(f"file:{self.database(service)}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def log(self, service: str) -> list[dict[str, Any]]:
        """The lines that are whole."""
        file = self.folder / f"{service}.log"
        text = file.read_text(errors="replace") if file.exists() else ""
        return [
            json.loads(line) for line in text.splitlines(keepends=True) if line.startswith("{") and line[-1] == "\n"
        ]

    def said(self, service: str, event: str) -> list[dict[str, Any]]:
        """Lines about an event."""
        return [line for line in self.log(service) if line["event"] == event]

    def tail(self) -> object:
        """What failed last, for whoever wonders."""
        return {name: [line for line in self.log(name) if line["level"] != "info"][-4:] for name in self.services}

    @contextmanager
    def channel(self, service: str, identity: str) -> Iterator[grpc.Channel]:
        """A connection under a certificate of the folder."""
        files = [(self.folder / name).read_bytes() for name in ("ca.pem", f"{identity}.key", f"{identity}.pem")]
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_reconnect_backoff_ms", 500)]
        address = f"127.0.0.1:{self.ports[service]}"
        with grpc.secure_channel(address, grpc.ssl_channel_credentials(*files), options) as made:
            yield made

    def health(self, service: str) -> str:
        """What it says of itself."""
        with self.channel(service, f"broker-{BROKER}") as channel:
            check = health_pb2_grpc.HealthStub(channel).Check
            answer = check(health_pb2.HealthCheckRequest(), timeout=5, wait_for_ready=True)
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))

    @contextmanager
    def broker(self) -> Iterator[ClearanceServiceStub]:
        """A connection of its own to the gateway."""
        address = f"127.0.0.1:{self.ports['gateway']}"
        with processes.clearance_service(address, self.folder, f"broker-{BROKER}") as stub:
            yield stub

    def submit(self, reference: str, request_id: str = "", seconds: float = CALL_SECONDS) -> Clearance:
        """One consignment; what the broker is answered."""
        with self.broker() as stub:
            return submit(stub, reference, request_id, seconds)

    def clearance(self, number: str) -> Clearance:
        """How it stands."""
        with self.broker() as stub:
            clearance: Clearance = stub.GetClearance(pb.GetClearanceRequest(number=number), timeout=10).clearance
        return clearance

    def refusal(self, reference: str, request_id: str = "", seconds: float = CALL_SECONDS) -> tuple[str, str]:
        """gRPC code and reason with which a submission is refused; it must be."""
        try:
            taken = self.submit(reference, request_id, seconds)
        except grpc.RpcError as error:
            return error.code().name, reason_of(error)
        raise AssertionError(f"{reference} was taken: {taken}")

    def eventually(self, holds: Any, within_s: float = 30.0) -> float:
        """Waits until it does; after how many seconds."""
        return processes.until(holds, self.tail, within_s)


def submit(
    stub: ClearanceServiceStub, reference: str, request_id: str = "", seconds: float = CALL_SECONDS
) -> Clearance:
    """One consignment, over a connection that there is."""
    request_id = request_id or str(uuid.uuid4())
    request = pb.SubmitClearanceRequest(request_id=request_id, consignment=sea_import(reference))
    clearance: Clearance = stub.SubmitClearance(request, timeout=seconds).clearance
    return clearance


def reason_of(error: Any) -> str:
    """The contract's reason in a refusal; no other detail may be there."""
    info = ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in Status.FromString(value).details:
                detail.Unpack(info)
    return str(info.reason)


@contextmanager
def small_district(folder: Path, ways: Mapping[str, dict[str, Any]] | None = None) -> Iterator[SmallDistrict]:
    """Starts both; at the end every process of it is gone."""
    processes.make_certificates(folder, "inspection", "gateway", f"broker/{BROKER}", signing=("inspection", "gateway"))
    (folder / "policy.toml").write_text(POLICY)
    made = SmallDistrict(folder, ways=dict(ways or {}))
    made.ports = {service: processes.free_port() for service in SERVICES}
    try:
        made.start(*SERVICES)
        yield made
    finally:
        for process in made.services.values():
            process.kill()
            process.wait(10)
