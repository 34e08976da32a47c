"""An agency behind a real socket with mutual TLS, and the parties that call it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from agencykit.decisions.app import AgencyApp
from agencykit.decisions.feed import MOST_DECISIONS
from agencykit.evidence import Verifier
from agencykit.identity import Identity
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.server import Server
from agencykit.rpc.transport import Response, Transport
from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from agencykit.testing.authority import DISTRICT, tls_files
from agencykit.testing.originators import ORIGINATOR, certificate, withdrawal
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.agency.v1 import work_service_pb2 as work_pb
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import LogPosition, SignedDecision

AGENCY_SERVICE = "/clearance.agency.v1.AgencyService/"
WORK_SERVICE = "/clearance.agency.v1.WorkService/"
TIMEOUT_SECONDS = 10.0

Build = Callable[[Any, Runtime, Telemetry], AgencyApp]


def agency_settings(
    settings_class: type[ServiceSettings], role: str, database_url: str, **fields: object
) -> ServiceSettings:
    """Settings of an agency on this machine, its certificates included."""
    files = tls_files(role, signs=True)
    usual: dict[str, Any] = {
        "district": DISTRICT,
        "database_url": database_url,
        "ca_file": files.ca,
        "cert_file": files.cert,
        "key_file": files.key,
        "signing_cert_file": files.cert.with_name(f"{role}-signing.pem"),
        "signing_key_file": files.cert.with_name(f"{role}-signing.key"),
    }
    return settings_class(**usual | fields)


@dataclass
class Caller:
    """One party's connection to the agency. The methods beyond `call` are AgencyService's and WorkService's."""

    transport: Transport
    runtime: Runtime

    async def call(self, method: str, request: Any, response_type: type[Response]) -> Response:
        """Calls `/package.Service/Method`."""
        return await self.transport.unary(method, request, response_type, timeout_seconds=TIMEOUT_SECONDS)

    async def assess(self, *items: pb.AssessmentItem) -> list[pb.AssessmentAnswer]:
        """AssessConsignments; one answer for each item."""
        request = pb.AssessConsignmentsRequest(items=items, signing_certificates=[certificate()])
        response = await self.call(f"{AGENCY_SERVICE}AssessConsignments", request, pb.AssessConsignmentsResponse)
        return list(response.answers)

    async def withdraw(
        self, clearance_number: str, version: int = 1, request_id: str = "", originator: str = ORIGINATOR
    ) -> pb.Withdrawal:
        """WithdrawConsignment."""
        request = withdrawal(clearance_number, version, request_id or self.runtime.ids.uuid(), originator)
        response = await self.call(f"{AGENCY_SERVICE}WithdrawConsignment", request, pb.WithdrawConsignmentResponse)
        return response.withdrawal

    async def decision(self, clearance_number: str, version: int = 0, revision: int = 0) -> SignedDecision:
        """GetDecision."""
        request = pb.GetDecisionRequest(clearance_number=clearance_number, version=version, revision=revision)
        response = await self.call(f"{AGENCY_SERVICE}GetDecision", request, pb.GetDecisionResponse)
        return response.decision

    async def describe(self) -> pb.AgencyDescription:
        """DescribeAgency."""
        method = f"{AGENCY_SERVICE}DescribeAgency"
        return (await self.call(method, pb.DescribeAgencyRequest(), pb.DescribeAgencyResponse)).description

    async def follow(
        self, positions: Sequence[LogPosition] = (), seconds: float = TIMEOUT_SECONDS
    ) -> AsyncIterator[pb.FollowDecisionsResponse]:
        """FollowDecisions."""
        request = pb.FollowDecisionsRequest(positions=positions)
        stream = self.transport.stream(
            f"{AGENCY_SERVICE}FollowDecisions", request, pb.FollowDecisionsResponse, timeout_seconds=seconds
        )
        async with aclosing(stream) as messages:
            async for message in messages:
                yield message

    async def whole_log(self) -> list[SignedDecision]:
        """Every decision of every log so far."""
        found: list[SignedDecision] = []
        async with aclosing(self.follow()) as messages:  # type: ignore[type-var]
            async for message in messages:
                found += message.decisions
                if len(message.decisions) < MOST_DECISIONS:
                    break
        return found

    async def next_revision(self, clearance_number: str, revision: int) -> SignedDecision:
        """Waits for this revision of a clearance on the feed, wherever it begins."""
        async with aclosing(self.follow()) as messages:  # type: ignore[type-var]
            async for message in messages:
                for signed in message.decisions:
                    decision = Decision.FromString(signed.decision)
                    if (decision.clearance_number, decision.revision) == (clearance_number, revision):
                        return signed
        raise AssertionError(f"the feed ended without revision {revision} of {clearance_number}")

    async def list_work(self, clearance_number: str = "", **fields: Any) -> work_pb.ListWorkResponse:
        """ListWork."""
        request = work_pb.ListWorkRequest(clearance_number=clearance_number, **fields)
        return await self.call(f"{WORK_SERVICE}ListWork", request, work_pb.ListWorkResponse)

    async def take_work(self, work_id: str) -> work_pb.Work:
        """TakeWork."""
        request = work_pb.TakeWorkRequest(request_id=self.runtime.ids.uuid(), work_id=work_id)
        return (await self.call(f"{WORK_SERVICE}TakeWork", request, work_pb.TakeWorkResponse)).work

    async def return_work(self, work_id: str) -> work_pb.Work:
        """ReturnWork."""
        request = work_pb.ReturnWorkRequest(request_id=self.runtime.ids.uuid(), work_id=work_id)
        return (await self.call(f"{WORK_SERVICE}ReturnWork", request, work_pb.ReturnWorkResponse)).work

    async def record_work(
        self,
        work_id: str,
        outcome: "work_pb.WorkResult.Outcome.ValueType" = work_pb.WorkResult.OUTCOME_CLEARED,
        request_id: str = "",
        measured: Sequence[work_pb.Measurement] = (),
        **asked: Any,
    ) -> work_pb.Work:
        """RecordWork; `asked` are further fields of the result."""
        request = work_pb.RecordWorkRequest(
            request_id=request_id or self.runtime.ids.uuid(),
            work_id=work_id,
            result=work_pb.WorkResult(outcome=outcome, reason="箱内货物与申报相符", measurements=measured, **asked),
        )
        return (await self.call(f"{WORK_SERVICE}RecordWork", request, work_pb.RecordWorkResponse)).work


@dataclass
class RunningAgency:
    """An agency that serves, with its callers. `verifier` has admitted its signing certificates."""

    app: AgencyApp
    server: Server
    runtime: Runtime
    telemetry: Telemetry
    gateway: Caller
    operator: Caller
    verifier: Verifier
    _stack: AsyncExitStack = field(repr=False)

    def caller(self, path: str) -> Caller:
        """Another party of the district, for instance `broker/3104980001`."""
        return _caller(self._stack, self.server.port, path, self.verifier.identity, self.telemetry, self.runtime)

    def verified(self, signed: SignedDecision) -> Decision:
        """The decision, once its evidence holds."""
        return self.verifier.verify(signed)


@asynccontextmanager
async def running_agency(build: Build, settings: ServiceSettings, role: str) -> AsyncIterator[RunningAgency]:
    """Starts the agency on a free port and stops it as its host would: server first, then the app."""
    runtime = real_runtime()
    telemetry = Telemetry(settings, role, runtime)
    async with AsyncExitStack() as stack:
        stack.callback(runtime.executor.close)
        stack.callback(telemetry.close)
        app = build(settings, runtime, telemetry)
        stack.push_async_callback(app.stop)
        await app.start()
        server = Server(settings, runtime, app.services, telemetry)
        await server.start()
        stack.push_async_callback(server.stop, 1.0)
        identity = Identity.of_district(DISTRICT, role)
        verifier = Verifier.trusting(identity, settings.ca_file.read_bytes())
        gateway, operator = (
            _caller(stack, server.port, path, identity, telemetry, runtime)
            for path in ("gateway", "operator/port-office")
        )
        for certificate in (await gateway.describe()).signing_certificates:
            verifier.admit(certificate.certificate)
        yield RunningAgency(app, server, runtime, telemetry, gateway, operator, verifier, stack)


def _caller(
    stack: AsyncExitStack, port: int, path: str, expected: Identity, telemetry: Telemetry, runtime: Runtime
) -> Caller:
    transport = GrpcTransport(f"127.0.0.1:{port}", tls_files(path), expected, telemetry, runtime.clock)
    stack.push_async_callback(transport.close)
    return Caller(transport, runtime)
