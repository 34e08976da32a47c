"""Who takes part in a district of the tests: agencies as the gateway reaches them, gateway replicas, their callers."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc

from agencykit.decisions.app import AgencyApp
from agencykit.identity import Identity
from agencykit.rpc.layers import Layers
from agencykit.rpc.transport import Transport, Unreachable
from agencykit.runtime import Runtime
from agencykit.telemetry import Telemetry
from agencykit.testing.authority import DISTRICT
from agencykit.testing.inline import InlineTransport, Moment
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as rpc
from clearance.gateway.v1 import coordination_service_pb2 as coordination
from clearance.gateway.v1 import examination_service_pb2 as examination
from clearance.gateway.v1 import quarantine_service_pb2 as aside

if TYPE_CHECKING:
    from gateway.app import GatewayApp

BROKER = "broker/3104980001"
SERVICE = "/clearance.gateway.v1.ClearanceService/"
Hook = Callable[[Moment, str], Any]


@dataclass
class Office:
    """One agency as the gateway reaches it. `hook` may hold up or lose its answers; `layers` None is a dead service."""

    app: AgencyApp
    layers: Layers
    telemetry: Telemetry
    transports: list[InlineTransport] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    hook: Hook | None = None
    down: bool = False

    async def pass_by(self, moment: Moment, method: str) -> None:
        """Every call from the gateway passes here."""
        name = method.rpartition("/")[2]
        if moment == "called":
            self.calls.append(name)
        if self.down:
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "nobody listens")
        if self.hook is not None:
            await self.hook(moment, name)

    def asked(self) -> int:
        """How many AssessConsignments came."""
        return self.calls.count("AssessConsignments")


@dataclass
class Caller:
    """A party that calls the gateway."""

    transport: Transport
    runtime: Runtime

    async def call(self, method: str, request: Any, response_type: Any, seconds: float = 10.0) -> Any:
        return await self.transport.unary(SERVICE + method, request, response_type, timeout_seconds=seconds)

    async def submit(self, consignment: Consignment, *, seconds: float = 10.0, **fields: Any) -> pb.Clearance:
        fields.setdefault("request_id", self.runtime.ids.uuid())
        request = rpc.SubmitClearanceRequest(consignment=consignment, **fields)
        return (await self.call("SubmitClearance", request, rpc.SubmitClearanceResponse, seconds)).clearance

    async def batch(self, requests: list[rpc.SubmitClearanceRequest], seconds: float = 20.0) -> list[Any]:
        request = rpc.BatchSubmitClearancesRequest(requests=requests)
        response = await self.call("BatchSubmitClearances", request, rpc.BatchSubmitClearancesResponse, seconds)
        return list(response.answers)

    async def get(self, number: str = "", reference: str = "") -> pb.Clearance:
        request = rpc.GetClearanceRequest(number=number, reference=reference)
        return (await self.call("GetClearance", request, rpc.GetClearanceResponse)).clearance

    async def list(self, **fields: Any) -> Any:
        return await self.call("ListClearances", rpc.ListClearancesRequest(**fields), rpc.ListClearancesResponse)

    async def amend(self, number: str, version: int, consignment: Consignment, **fields: Any) -> pb.Clearance:
        fields.setdefault("request_id", self.runtime.ids.uuid())
        request = rpc.AmendClearanceRequest(number=number, version=version, consignment=consignment, **fields)
        return (await self.call("AmendClearance", request, rpc.AmendClearanceResponse)).clearance

    async def withdraw(self, number: str, version: int = 1, **fields: Any) -> pb.Clearance:
        fields.setdefault("request_id", self.runtime.ids.uuid())
        request = rpc.WithdrawClearanceRequest(number=number, version=version, reason="发货人取消合同", **fields)
        return (await self.call("WithdrawClearance", request, rpc.WithdrawClearanceResponse)).clearance

    async def commitments(self) -> pb.PublishedCommitments:
        request, answer = rpc.DescribeCommitmentsRequest(), rpc.DescribeCommitmentsResponse
        return (await self.call("DescribeCommitments", request, answer)).commitments

    async def examine(self, name: str, number: str, **fields: Any) -> Any:
        """`examine("Arrange", number, …)` and so on: the joint examination as it stands."""
        full = {"Arrange": "ArrangeExamination", "Cancel": "CancelExamination", "Open": "RecordOpening"}[name]
        fields = {"request_id": self.runtime.ids.uuid(), **fields}
        request = getattr(examination, f"{full}Request")(number=number, **fields)
        answer = getattr(examination, f"{full}Response")
        path = f"/clearance.gateway.v1.ExaminationService/{full}"
        return (await self.transport.unary(path, request, answer, timeout_seconds=10.0)).examination

    async def act(self, name: str, number: str, **fields: Any) -> pb.Clearance:
        """What an operator does: `act("RetryClearance", number)`."""
        fields = {"request_id": self.runtime.ids.uuid(), "reason": "口岸办协调", **fields}
        request = getattr(coordination, f"{name}Request")(number=number, **fields)
        answer = getattr(coordination, f"{name}Response")
        path = f"/clearance.gateway.v1.CoordinationService/{name}"
        clearance = (await self.transport.unary(path, request, answer, timeout_seconds=10.0)).clearance
        assert isinstance(clearance, pb.Clearance)
        return clearance

    async def quarantine(self, name: str, **fields: Any) -> Any:
        """`quarantine("Requeue", id=…)` and so on: the answer. List, Get, Requeue or RequeueAll."""
        of_many = name in ("List", "RequeueAll")
        full = f"{name.removesuffix('All')}QuarantinedItem{'s' if of_many else ''}"
        if name.startswith("Requeue"):
            fields = {"request_id": self.runtime.ids.uuid(), "reason": "已修复", **fields}
        request, answer = getattr(aside, f"{full}Request")(**fields), getattr(aside, f"{full}Response")
        return await self.transport.unary(
            f"/clearance.gateway.v1.QuarantineService/{full}", request, answer, timeout_seconds=10.0
        )

    def watch(self, seconds: float = 5.0, **fields: Any) -> AsyncIterator[rpc.WatchClearancesResponse]:
        request = rpc.WatchClearancesRequest(**fields)
        return self.transport.stream(
            f"{SERVICE}WatchClearances", request, rpc.WatchClearancesResponse, timeout_seconds=seconds
        )


@dataclass
class Replica:
    """One gateway replica."""

    app: "GatewayApp"
    layers: Layers
    telemetry: Telemetry
    runtime: Runtime

    def caller(self, path: str = BROKER) -> Caller:
        identity = Identity.of_district(DISTRICT, path)
        return Caller(InlineTransport(self.layers, identity, self.telemetry), self.runtime)
