"""A district in one process: the gateway and four weighbridges under the agencies' names, each on its own database.

A weighbridge answers NOT_SUBJECT for air cargo at once; for sea cargo it waits for a weight note, has the goods
examined where note and declaration disagree, holds what lies at HOLD-YARD and seizes what lies at SEIZURE-YARD.
"""

import asyncio
import itertools
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from sqlalchemy import text

from agencykit.agency import build_agency
from agencykit.decisions.app import AgencyApp
from agencykit.identity import Identity
from agencykit.rpc.call import Call
from agencykit.rpc.layers import Layers
from agencykit.rpc.transport import Transport, Unreachable
from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import upgrade
from agencykit.telemetry import Telemetry
from agencykit.testing.consignments import sea_import
from agencykit.testing.example_agency import DEFINITION, WEIGHT_NOTE, note_weights
from agencykit.testing.inline import InlineTransport, Moment
from agencykit.testing.postgres import DATABASES, postgres_server
from agencykit.testing.running import DISTRICT, agency_settings
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as rpc
from clearance.gateway.v1 import coordination_service_pb2 as coordination
from clearance.gateway.v1 import examination_service_pb2 as examination

if TYPE_CHECKING:
    from gateway.app import GatewayApp

# pytest names this module by its path, `gateway.tests.conftest`, and so puts an empty `gateway` before the package.
if not getattr(sys.modules.get("gateway"), "__file__", None):
    sys.modules.pop("gateway", None)

AGENCIES = ("customs", "inspection", "border", "port")
BROKER = "broker/3104980001"
OTHER_BROKER = "broker/3104980002"
SERVICE = "/clearance.gateway.v1.ClearanceService/"
State = pb.Clearance
Hook = Callable[[Moment, str], Any]


def air_import(reference: str) -> Consignment:
    """Nothing for a weighbridge to do: all agencies answer NOT_SUBJECT."""
    consignment = sea_import(reference)
    consignment.border_transport.mode = TransportMeans.MODE_AIR
    return consignment


def weighed_again(view: Any, facts: Any) -> list[tuple[str, str]]:
    """A later weight note has the agency decide again, also after it has approved."""
    return [(WEIGHT_NOTE, view.transport_document_number)] if view.by_sea else []


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


@dataclass
class District:
    """Opens agencies and gateway replicas, and speaks to them."""

    folder: Path
    runtime: Runtime
    stack: AsyncExitStack
    database_url: str
    # Databases already migrated, to be copied.
    templates: Path
    offices: dict[str, Office] = field(default_factory=dict)

    async def open_agency(self, name: str) -> Office:
        """A weighbridge under an agency's name, on a database of its own."""
        shutil.copy(self.templates / "agency.db", self.folder / f"{name}.db")
        url = f"sqlite+pysqlite:///{self.folder / name}.db"
        settings = agency_settings(ServiceSettings, name, url, span_store=self.folder / f"{name}.spans")
        telemetry = Telemetry(settings, name, self.runtime)
        definition = replace(DEFINITION, name=name, interests=weighed_again)
        app = build_agency(definition, settings, self.runtime, telemetry)
        self.stack.callback(telemetry.close)
        self.stack.push_async_callback(app.stop)
        await app.start()
        layers = Layers(settings, self.runtime, app.services, telemetry)
        self.offices[name] = Office(app, layers, telemetry)
        return self.offices[name]

    async def open_gateway(self, replica: str = "1", **fields: Any) -> Replica:
        """A gateway replica on the district's database; `stop` comes with the district's end."""
        made = self.build_gateway(replica, **fields)
        self.stack.push_async_callback(made.app.stop)
        await made.app.start()
        return made

    def build_gateway(self, replica: str = "1", **fields: Any) -> Replica:
        """A replica that has not begun."""
        from gateway.app import GatewayApp
        from gateway.operations.settings import AgencySettings, GatewaySettings

        fields.setdefault("agencies", {name: AgencySettings(address="in.process:1") for name in self.offices})
        fields.setdefault("span_store", self.folder / f"gateway-{replica}.spans")
        settings = agency_settings(GatewaySettings, "gateway", self.database_url, replica=replica, **fields)
        assert isinstance(settings, GatewaySettings)
        telemetry = Telemetry(settings, "gateway", self.runtime)
        self.stack.callback(telemetry.close)
        app = GatewayApp(settings, self.runtime, telemetry, self._connect(telemetry))
        return Replica(app, Layers(settings, self.runtime, app.services, telemetry), telemetry, self.runtime)

    def _connect(self, telemetry: Telemetry) -> Any:
        def connect(name: str, address: str, identity: Identity) -> Transport:
            office = self.offices[name]
            own = Identity.of_district(DISTRICT, "gateway")
            return InlineTransport(office.layers, own, telemetry, office.pass_by)

        return connect

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What stands in the gateway's database."""
        engine = make_engine(self.database_url, connections=0)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return found

    def untold(self) -> list[tuple[Any, ...]]:
        """Numbers of the cases of whose outcomes some agency is still to be told."""
        return self.rows("SELECT number FROM untold UNION SELECT number FROM outbox")

    async def weigh(self, reference: str, kilograms: float = 1000.0, *names: str) -> None:
        """Lodges a weight note for the bill of lading of `sea_import(reference)`, by default at every agency."""
        clock = self.runtime.clock
        identity = Identity.of_district(DISTRICT, "operator/port-office")
        for name in names or self.offices:
            call = Call(identity, "/example/NoteWeights", clock.monotonic() + 10, None, clock)
            notes = {f"HLCU{reference}"[:35]: kilograms}
            await note_weights(self.offices[name].app.parts, call, self.runtime.ids.uuid(), notes)


_references = itertools.count(1)


@pytest.fixture
def reference() -> str:
    """A reference nobody has used."""
    return f"NB-2004-{next(_references):06d}"


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = real_runtime()
    yield made
    made.executor.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An agency's and a gateway's database, migrated once."""
    folder = tmp_path_factory.mktemp("templates")
    upgrade(f"sqlite+pysqlite:///{folder / 'agency.db'}", DEFINITION.migrations)
    upgrade(f"sqlite+pysqlite:///{folder / 'gateway.db'}", "gateway.migrations")
    return folder


# At reduced counts these stand for all on PostgreSQL: whatever depends on locks, isolation or SQL of its own.
ON_BOTH = ("test_tables", "test_replicas", "test_withdraw", "test_parking")
FULL = os.environ.get("TONGGUAN_TEST_COUNTS") == "full"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" in metafunc.fixturenames:
        both = FULL or metafunc.module.__name__.rpartition(".")[2] in ON_BOTH
        metafunc.parametrize("database_url", DATABASES if both else DATABASES[:1], indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, templates: Path) -> Iterator[str]:
    """A gateway's database, migrated."""
    if request.param == "sqlite":
        shutil.copy(templates / "gateway.db", tmp_path / "gateway.db")
        yield f"sqlite+pysqlite:///{tmp_path / 'gateway.db'}"
        return
    server = postgres_server()
    url = server.database("gateway.migrations")
    yield url
    server.drop(url)


@pytest.fixture
async def district(tmp_path: Path, runtime: Runtime, database_url: str, templates: Path) -> AsyncIterator[District]:
    """Four agencies; gateways are opened by the test."""
    async with AsyncExitStack() as stack:
        made = District(tmp_path, runtime, stack, database_url, templates)
        for name in AGENCIES:
            await made.open_agency(name)
        yield made


@pytest.fixture
def district_class() -> type[District]:
    """For tests that make a district of their own, in a time of their own."""
    return District


@pytest.fixture
async def gateway(district: District) -> Replica:
    return await district.open_gateway()


@pytest.fixture
def broker(gateway: Replica) -> Caller:
    return gateway.caller()


async def eventually(holds: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Asks again and again until the answer is true; returns it."""
    until = asyncio.get_running_loop().time() + seconds
    while not (found := await holds()):
        assert asyncio.get_running_loop().time() < until, "it never came true"
        await asyncio.sleep(0.02)
    return found


class Make:
    """What tests make and call, under one name: modules of tests cannot import one another."""

    air_import = staticmethod(air_import)
    sea_import = staticmethod(sea_import)
    eventually = staticmethod(eventually)
    agencies = AGENCIES
    other_broker = OTHER_BROKER


@pytest.fixture
def make() -> Make:
    return Make()
