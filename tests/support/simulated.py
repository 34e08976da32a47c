"""A whole district in one process: gateway and four agencies on one event loop, in virtual time, without sockets.

Everything but the transport is what production runs: layers, operations, rules, storage (inline on real SQLite files).
"""

import importlib
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from agencykit.host import _settings_class
from agencykit.identity import Identity
from agencykit.pki import create_authority, issue_signing
from agencykit.rpc.layers import Layers
from agencykit.settings import ServiceSettings
from agencykit.telemetry import Telemetry
from agencykit.testing.inline import InlineTransport
from agencykit.testing.virtual import World
from clearance.agency.v1 import work_service_pb2 as work
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance
from customs.app import LISTS
from gateway.app import GatewayApp
from gateway.operations.settings import GatewaySettings
from tongguan.facts import FACT_KINDS

DISTRICT, AGENCIES = "ningbo", ("customs", "inspection", "border", "port")
GATEWAY, WORK = "/clearance.gateway.v1.ClearanceService/", "/clearance.agency.v1.WorkService/"
CALL_SECONDS = 25.0
# Nothing is selected by chance, so that one seed's story is another's but for the numbers.
QUIET = {"risk_profile_file": LISTS / "risk_nothing.toml"}


@dataclass
class Party:
    """One started service: what callers reach of it. `links` are the connections of the gateway to an agency."""

    layers: Layers
    telemetry: Telemetry
    links: list[InlineTransport]


@dataclass
class SimulatedDistrict:
    """The district, and callers of every role."""

    world: World
    parties: dict[str, Party]

    def transport(self, party: str, caller: str) -> InlineTransport:
        """A connection to a party, as `broker/3104980001` or `operator/port-office`."""
        reached = self.parties[party]
        return InlineTransport(reached.layers, Identity.of_district(DISTRICT, caller), reached.telemetry)

    def cut(self, agency: str) -> None:
        """The gateway no longer reaches the agency."""
        for link in self.parties[agency].links:
            link.layers = None

    def mend(self, agency: str) -> None:
        """It does again."""
        for link in self.parties[agency].links:
            link.layers = self.parties[agency].layers

    async def lodge(self, lines: Iterable[dict[str, Any]]) -> None:
        """Lodges fact lines with their agencies, one by one."""
        for line in lines:
            ((name, content),) = line.items()
            kind = FACT_KINDS[name]
            request = kind.batch(self.world.runtime.ids.uuid(), [json_format.ParseDict(content, kind.message())])
            operator = self.transport(kind.agency, "operator/port-office")
            await operator.unary(kind.method, request, kind.response, timeout_seconds=CALL_SECONDS)

    async def submit(self, line: dict[str, Any]) -> Clearance:
        """Submits one line as its broker."""
        request = json_format.ParseDict(line["submission"], pb.SubmitClearanceRequest())
        broker = self.transport("gateway", f"broker/{request.consignment.broker_licence}")
        method = f"{GATEWAY}SubmitClearance"
        answer = await broker.unary(method, request, pb.SubmitClearanceResponse, timeout_seconds=CALL_SECONDS)
        return answer.clearance

    async def clearances(self) -> list[Clearance]:
        """All, newest first."""
        operator = self.transport("gateway", "operator/port-office")
        request, method = pb.ListClearancesRequest(page_size=1000), f"{GATEWAY}ListClearances"
        answer = await operator.unary(method, request, pb.ListClearancesResponse, timeout_seconds=CALL_SECONDS)
        return list(answer.clearances)

    async def clear_work(self, agency: str) -> int:
        """An officer takes and clears all open work; returns how much there was."""
        officer = self.transport(agency, f"operator/officer-{agency}")
        ids = self.world.runtime.ids
        listed = await officer.unary(
            f"{WORK}ListWork", work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=CALL_SECONDS
        )
        for piece in listed.work:
            take = work.TakeWorkRequest(request_id=ids.uuid(), work_id=piece.id)
            await officer.unary(f"{WORK}TakeWork", take, work.TakeWorkResponse, timeout_seconds=CALL_SECONDS)
            result = work.WorkResult(outcome=work.WorkResult.OUTCOME_CLEARED, reason="nothing found")
            record = work.RecordWorkRequest(request_id=ids.uuid(), work_id=piece.id, result=result)
            await officer.unary(f"{WORK}RecordWork", record, work.RecordWorkResponse, timeout_seconds=CALL_SECONDS)
        return len(listed.work)


def _fields(folder: Path, authority: Any, role: str, world: World) -> dict[str, Any]:
    """Settings of one party; its signing certificate is of the simulated time."""
    certificate, key = folder / f"{role}-signing.pem", folder / f"{role}-signing.key"
    issue_signing(authority, Identity.of_district(DISTRICT, role), now=world.runtime.clock.now()).write(
        certificate, key
    )
    return {
        "district": DISTRICT,
        "database_url": f"sqlite+pysqlite:///{folder / role}.db",
        "ca_file": folder / "ca.pem",
        "signing_cert_file": certificate,
        "signing_key_file": key,
    }


@asynccontextmanager
async def simulated_district(folder: Path, world: World) -> AsyncIterator[SimulatedDistrict]:
    """Starts gateway and agencies on the world's loop, on new databases in `folder`."""
    authority = create_authority(DISTRICT, world.runtime.clock.now())
    authority.write(folder / "ca.pem", folder / "ca.key")
    async with AsyncExitStack() as running:
        parties: dict[str, Party] = {}

        async def start(role: str, app: Any, settings: ServiceSettings, telemetry: Telemetry) -> None:
            running.callback(telemetry.close)
            running.push_async_callback(app.stop)
            await app.start()
            parties[role] = Party(Layers(settings, world.runtime, app.services, telemetry), telemetry, [])

        for role in AGENCIES:
            build = importlib.import_module(f"{role}.app").build
            fields = _fields(folder, authority, role, world) | (QUIET if role == "customs" else {})
            settings = _settings_class(build)(**fields)
            telemetry = Telemetry(settings, role, world.runtime)
            await start(role, build(settings, world.runtime, telemetry), settings, telemetry)

        def connect(name: str, address: str, identity: Identity) -> InlineTransport:
            link = InlineTransport(parties[name].layers, Identity.of_district(DISTRICT, "gateway"), telemetry)
            parties[name].links.append(link)
            return link

        agencies = dict.fromkeys(AGENCIES, "inline:1")
        fields = _fields(folder, authority, "gateway", world)
        gateway_settings = GatewaySettings(**fields, agencies=agencies)
        telemetry = Telemetry(gateway_settings, "gateway", world.runtime)
        app = GatewayApp(gateway_settings, world.runtime, telemetry, connect)
        await start("gateway", app, gateway_settings, telemetry)
        yield SimulatedDistrict(world, parties)
