"""Whole districts in one process: gateway and four agencies each, on one event loop, in virtual time, without sockets.

Everything but the transport is what production runs: layers, operations, rules, storage (inline on real SQLite files).
"""

import importlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from google.protobuf import json_format

from agencykit.bundles import issue_next
from agencykit.host import _settings_class
from agencykit.identity import Identity
from agencykit.pki import Issued, create_authority, issue_signing, load
from agencykit.rpc.layers import Layers
from agencykit.runtime import Clock, Runtime
from agencykit.settings import ServiceSettings
from agencykit.storage.migrations import upgrade
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
# With which each district's clearance numbers begin.
CODES = {"ningbo": "3100", "hangzhou": "2900", "shanghai": "2200", "nanjing": "2300"}
GATEWAY, WORK = "/clearance.gateway.v1.ClearanceService/", "/clearance.agency.v1.WorkService/"
CALL_SECONDS = 25.0
# The policy of a district whose only agency is customs.
CUSTOMS_ALONE = """
version = "1"
required = [{direction = "*", mode = "*", agencies = ["customs"]}]
depends_on = {}
deadline = [{agency = "*", minutes = 240, default = "escalate"}]
closing = {obligations = ["PAY"]}
"""
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
    """The district, and callers of every role. `partners` are its gateway's connections to other districts."""

    name: str
    runtime: Runtime
    parties: dict[str, Party]
    partners: dict[str, InlineTransport]
    # None where time is real.
    world: World | None = None
    folder: Path = Path()
    # Stops its gateway and starts it anew on the same database, as for an upgrade.
    restarted: Callable[..., Awaitable[None]] | None = None

    def transport(self, party: str, caller: str, district: str = "") -> InlineTransport:
        """A connection to a party, as `broker/3104980001` or `operator/port-office`, of this district or another."""
        reached = self.parties[party]
        return InlineTransport(reached.layers, Identity.of_district(district or self.name, caller), reached.telemetry)

    def reach(self, partner: "SimulatedDistrict") -> None:
        """Its gateway reaches the partner's from now on."""
        self.partners[partner.name].layers = partner.parties["gateway"].layers

    async def restart(self, *, new_key: bool = False) -> None:
        """Its gateway anew; with a new signing key where it has run out. Partners reach it once the test says so."""
        assert self.world is not None
        assert self.restarted is not None
        if new_key:
            folder = self.folder
            authority = load(folder / "ca.pem", folder / "ca.key")
            _new_key(folder, authority, Identity.of_district(self.name, "gateway"), self.world)
        await self.restarted()

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
            request = kind.batch(self.runtime.ids.uuid(), [json_format.ParseDict(content, kind.message())])
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

    async def clear_work(self, agency: str, number: str = "") -> int:
        """An officer takes and clears all open work, or that of one clearance; returns how much there was."""
        officer, examiner = (self.transport(agency, f"operator/{who}-{agency}") for who in ("officer", "examiner"))
        ids = self.runtime.ids
        wanted = work.ListWorkRequest(clearance_number=number)
        listed = await officer.unary(f"{WORK}ListWork", wanted, work.ListWorkResponse, timeout_seconds=CALL_SECONDS)
        for piece in listed.work:
            # Whoever opens goods has not read their papers.
            one = examiner if piece.kind == work.Work.KIND_EXAMINATION else officer
            take = work.TakeWorkRequest(request_id=ids.uuid(), work_id=piece.id)
            await one.unary(f"{WORK}TakeWork", take, work.TakeWorkResponse, timeout_seconds=CALL_SECONDS)
            result = work.WorkResult(outcome=work.WorkResult.OUTCOME_CLEARED, reason="nothing found")
            record = work.RecordWorkRequest(request_id=ids.uuid(), work_id=piece.id, result=result)
            await one.unary(f"{WORK}RecordWork", record, work.RecordWorkResponse, timeout_seconds=CALL_SECONDS)
        return len(listed.work)


@cache
def _migrated(role: str) -> Path:
    """A party's empty database, made once; that migrations run is others' to test."""
    file = Path(mkdtemp(prefix="tongguan-simulated-")) / f"{role}.db"
    upgrade(f"sqlite+pysqlite:///{file}", f"{role}.migrations")
    return file


def _new_key(folder: Path, authority: Issued, identity: Identity, world: World) -> tuple[Path, Path]:
    certificate, key = folder / f"{identity.role}-signing.pem", folder / f"{identity.role}-signing.key"
    issue_signing(authority, identity, now=world.runtime.clock.now()).write(certificate, key)
    return certificate, key


def party_fields(folder: Path, authority: Any, district: str, role: str, world: World) -> dict[str, Any]:
    """Settings of one party; its signing certificate is of the simulated time, its database new."""
    shutil.copy(_migrated(role), folder / f"{role}.db")
    certificate, key = _new_key(folder, authority, Identity.of_district(district, role), world)
    return {
        "district": district,
        "customs_district_code": CODES[district],
        "database_url": f"sqlite+pysqlite:///{folder / role}.db",
        "ca_file": folder / "ca.pem",
        "signing_cert_file": certificate,
        "signing_key_file": key,
    }


def simulated_authority(folder: Path, world: World, name: str) -> Issued:
    """The district's authority, made when it is first asked for, with the folder and the district's trust bundle."""
    if not (folder / "ca.pem").exists():
        now = world.runtime.clock.now()
        made = create_authority(name, now)
        made.write(folder / "ca.pem", folder / "ca.key")
        signing = issue_signing(made, Identity.of_district(name, "district"), now=now)
        signing.write(folder / "district-signing.pem", folder / "district-signing.key")
        # It outlasts the longest story: a movement that does not arrive is recovered after seven months.
        issue_next(folder, folder / "bundle.json", name, CODES[name], now, days=400)
    return load(folder / "ca.pem", folder / "ca.key")


@asynccontextmanager
async def simulated_district(
    folder: Path,
    world: World,
    customs: dict[str, Any] | None = None,
    name: str = DISTRICT,
    agencies: Sequence[str] = AGENCIES,
    clocks: Mapping[str, Clock] | None = None,
    **gateway: Any,
) -> AsyncIterator[SimulatedDistrict]:
    """Starts gateway and agencies on the world's loop, on new databases in `folder`, with settings of these two.

    Who is named in `clocks` runs on a machine of its own, by that clock.
    Partners that the gateway's name are reached once the test says so.
    """
    authority = simulated_authority(folder, world, name)
    async with AsyncExitStack() as running:
        parties: dict[str, Party] = {}
        partners: dict[str, InlineTransport] = {}

        def runtime_of(role: str) -> Runtime:
            return replace(world.runtime, clock=(clocks or {}).get(role, world.runtime.clock))

        async def start(role: str, app: Any, settings: ServiceSettings, telemetry: Telemetry) -> None:
            running.callback(telemetry.close)
            running.push_async_callback(app.stop)
            await app.start()
            parties[role] = Party(Layers(settings, runtime_of(role), app.services, telemetry), telemetry, [])

        for role in agencies:
            build = importlib.import_module(f"{role}.app").build
            fields = party_fields(folder, authority, name, role, world)
            fields |= QUIET | (customs or {}) if role == "customs" else {}
            settings = _settings_class(build)(**fields)
            telemetry = Telemetry(settings, role, world.runtime)
            await start(role, build(settings, runtime_of(role), telemetry), settings, telemetry)

        def connect(reached: str, address: str, identity: Identity) -> InlineTransport:
            party = parties.get(reached) if identity.district == name else None
            link = InlineTransport(party and party.layers, Identity.of_district(name, "gateway"), telemetry)
            if party is None:
                partners[reached] = link
            else:
                party.links.append(link)
            return link

        addresses = dict.fromkeys(agencies, "inline:1")
        fields = party_fields(folder, authority, name, "gateway", world)
        gateway_settings = GatewaySettings(**fields, agencies=addresses, bundle_file=folder / "bundle.json", **gateway)
        app: GatewayApp | None = None

        async def restarted(meanwhile: Callable[[], None] = lambda: None) -> None:
            nonlocal app, telemetry
            if app is not None:
                await app.stop()
                meanwhile()
            telemetry = Telemetry(gateway_settings, "gateway", world.runtime)
            app = GatewayApp(gateway_settings, runtime_of("gateway"), telemetry, connect)
            await start("gateway", app, gateway_settings, telemetry)

        await restarted()
        yield SimulatedDistrict(name, world.runtime, parties, partners, world, folder, restarted)
