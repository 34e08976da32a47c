"""A district of certificates, and a small office that serves WorkService and FollowDecisions over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest

from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_tls
from agencykit.rpc.call import Call
from agencykit.rpc.certificates import TlsFiles
from agencykit.rpc.channel import GrpcTransport
from agencykit.rpc.server import Server
from agencykit.rpc.service import Service
from agencykit.runtime import real_runtime
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from agencykit.telemetry.log import LogWriter
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
RECORD = "/clearance.agency.v1.WorkService/RecordWork"
FOLLOW = "/clearance.agency.v1.AgencyService/FollowDecisions"
ASSESS = "/clearance.agency.v1.AgencyService/AssessConsignments"
WORK = work.DESCRIPTOR.services_by_name["WorkService"]
AGENCY = agency.DESCRIPTOR.services_by_name["AgencyService"]
OFFICER = "operator/li-wei"


class Office:
    """Answers every RPC in the simplest way; `then` replaces what ListWork and TakeWork do."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.then: Callable[[Any, Call], Awaitable[Any]] | None = None
        self.stream_ended: str = ""

    async def _answer(self, request: Any, call: Call, otherwise: Any) -> Any:
        self.calls.append(call)
        return await self.then(request, call) if self.then else otherwise

    async def ListWork(self, request: Any, call: Call) -> Any:
        return await self._answer(request, call, work.ListWorkResponse(next_page_token="lantern"))

    async def TakeWork(self, request: Any, call: Call) -> Any:
        return await self._answer(request, call, work.TakeWorkResponse())

    async def ReturnWork(self, request: Any, call: Call) -> Any:
        return await self._answer(request, call, work.ReturnWorkResponse())

    async def RecordWork(self, request: Any, call: Call) -> Any:
        return await self._answer(request, call, work.RecordWorkResponse())


class Agency:
    """An agency of which only the feed and the assessment do anything."""

    def __init__(self) -> None:
        self.beats = 0.02
        self.fails_after = 0
        self.ended = ""
        self.calls: list[Call] = []
        self.before_answer: asyncio.Event | None = None

    async def AssessConsignments(self, request: Any, call: Call) -> Any:
        self.calls.append(call)
        if self.before_answer:
            await self.before_answer.wait()
        return agency.AssessConsignmentsResponse(
            answers=[agency.AssessmentAnswer(request_id=item.request_id) for item in request.items]
        )

    async def FollowDecisions(self, request: Any, call: Call) -> AsyncIterator[Any]:
        self.calls.append(call)
        sent = 0
        try:
            while True:
                yield agency.FollowDecisionsResponse()
                sent += 1
                if self.fails_after and sent >= self.fails_after:
                    raise KeyError("沈阳机床厂 passport E12345678")
                await asyncio.sleep(self.beats)
        finally:
            self.ended = "ended"

    async def GetDecision(self, request: Any, call: Call) -> Any:
        return agency.GetDecisionResponse()

    async def WithdrawConsignment(self, request: Any, call: Call) -> Any:
        return agency.WithdrawConsignmentResponse()

    async def RecordOutcomes(self, request: Any, call: Call) -> Any:
        return agency.RecordOutcomesResponse()

    async def ProposeExamination(self, request: Any, call: Call) -> Any:
        return agency.ProposeExaminationResponse()

    async def DescribeAgency(self, request: Any, call: Call) -> Any:
        return agency.DescribeAgencyResponse()


class WithPartner(ServiceSettings):
    """Of a service that Hangzhou's gateway may call."""

    partner_ca_file: Path

    @property
    def authorities(self) -> Mapping[str, Path]:
        """Hangzhou's authority vouches for its own names."""
        return {**super().authorities, "hangzhou.clearance": self.partner_ca_file}


@dataclass
class District:
    """Certificates of one trust domain in a folder."""

    folder: Path
    authority: Issued
    name: str = "ningbo"

    def files(self, path: str, issued: Issued | None = None) -> TlsFiles:
        """The files of `path`'s certificate, or of one made by the test."""
        stem = path.replace("/", "-")
        files = TlsFiles(self.folder / "ca.pem", self.folder / f"{stem}.pem", self.folder / f"{stem}.key")
        if issued or not files.cert.exists():
            made = issued or issue_tls(self.authority, [Identity.of_district(self.name, path)])
            made.write(files.cert, files.key)
        return files

    def settings(self, **more: Any) -> ServiceSettings:
        """Settings of a server at a free port."""
        files = self.files("customs")
        kind = WithPartner if "partner_ca_file" in more else ServiceSettings
        return kind(ca_file=files.ca, cert_file=files.cert, key_file=files.key, **more)


@pytest.fixture(scope="session")
def authority() -> Issued:
    return create_authority("ningbo")


@pytest.fixture
def district(tmp_path: Path, authority: Issued) -> District:
    folder = tmp_path / "tls"
    authority.write(folder / "ca.pem", folder / "ca.key")
    return District(folder, authority)


@dataclass
class House:
    """A running server, its servicers and whoever calls it."""

    district: District
    server: Server
    telemetry: Telemetry
    office: Office
    agency: Agency
    log: Path
    transports: list[GrpcTransport] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def caller(
        self, path: str = OFFICER, *, files: TlsFiles | None = None, expected: str = "customs", address: str = ""
    ) -> GrpcTransport:
        """A connection of its own."""
        runtime = real_runtime()
        identity = Identity.of_district("ningbo", expected)
        made = GrpcTransport(
            address or self.address, files or self.district.files(path), identity, self.telemetry, runtime.clock
        )
        self.transports.append(made)
        return made

    def follow(self, **more: Any) -> Any:
        """The decisions' feed, as the gateway reads it."""
        request = agency.FollowDecisionsRequest(**more)
        return self.caller("gateway").stream(FOLLOW, request, agency.FollowDecisionsResponse, timeout_seconds=10)

    def raw(self, files: TlsFiles | None = None) -> grpc.aio.Channel:
        """A bare gRPC channel, for what a well-behaved client would not send."""
        ca, cert, key = (files or self.district.files(OFFICER)).read()
        options = [("grpc.ssl_target_name_override", "customs.ningbo.clearance"), ("grpc.use_local_subchannel_pool", 1)]
        return grpc.aio.secure_channel(self.address, grpc.ssl_channel_credentials(ca, key, cert), options)

    async def in_flight(self, count: int) -> None:
        """Waits until so many calls and streams are under way."""
        async with asyncio.timeout(5):
            while True:
                if self.server.layers.in_flight == count:
                    return
                await asyncio.sleep(0.01)

    def log_text(self) -> str:
        """What the server has logged."""
        self.telemetry.flush()
        return self.log.read_text()


@pytest.fixture
def open_house(district: District, tmp_path: Path) -> Callable[..., Any]:
    """`async with open_house(**settings) as house`."""

    @asynccontextmanager
    async def open_one(
        *,
        callers: tuple[str, ...] = ("operator/*",),
        callers_setting: Any = None,
        authorities: Any = None,
        **more: Any,
    ) -> AsyncIterator[House]:
        runtime = real_runtime()
        log = tmp_path / "customs.log"
        settings = district.settings(span_store=tmp_path / "spans.db", callers=callers_setting or {}, **more)
        telemetry = Telemetry(settings, "customs", runtime, LogWriter(log))
        office, agency_servicer = Office(), Agency()
        of_agency = Service(agency_servicer, AGENCY, ["gateway", "spiffe://hangzhou.clearance/gateway"])
        services = [Service(office, WORK, callers, for_partners="partner_ca_file" in more), of_agency]
        house = House(
            district,
            Server(settings, runtime, services, telemetry, authorities),
            telemetry,
            office,
            agency_servicer,
            log,
        )
        await house.server.start()
        try:
            yield house
        finally:
            for transport in house.transports:
                await transport.close()
            await house.server.stop(0)
            telemetry.close()
            runtime.executor.close()

    return open_one
