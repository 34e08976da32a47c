"""Customs alone, in one process and in virtual time, with a sample's traffic and an officer who opens the boxes.

Everything but the transport is what production runs: layers, operations, rules, storage (inline on real SQLite files).
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection

from agencykit.identity import Identity
from agencykit.pki import issue_signing
from agencykit.storage.rows import Fields, run
from agencykit.testing.authority import authority, certificates
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.originators import asserted
from agencykit.testing.running import WORK_SERVICE, Caller
from agencykit.testing.virtual import World
from clearance.agency.v1 import work_service_pb2 as work
from clearance.agency.v1.agency_service_pb2 import AssessmentItem
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.customs.v1 import risk_service_pb2 as pb
from customs.app import CustomsSettings, build
from tongguan.facts import BATCH_LIMIT, FACT_KINDS
from tongguan.officer import CURABLE, DOCUMENT_CHECKS, OF_GOODS
from tongguan.sample.generation import generate, hidden_truth

RISK_SERVICE = "/clearance.customs.v1.RiskService/"
DISTRICT = "ningbo"
# Of virtual time: results are recorded, and customs decides again.
SETTLE_SECONDS = 60
Finds = Mapping[str, Sequence[work.Find]]
"""What is inside, by clearance number."""


@dataclass(frozen=True)
class Traffic:
    """A sample: what customs' registers are told, each consignment's bytes by clearance number, and the truth."""

    registered: Mapping[str, list[Any]]
    consignments: Mapping[str, bytes]
    truth: Finds


def traffic(size: int, seed: int, world: World) -> Traffic:
    """The sample of a size and seed."""
    registered: defaultdict[str, list[Any]] = defaultdict(list)
    consignments, references = {}, {}
    now = world.runtime.clock.now()
    for line in generate(size, seed, now):
        [(name, content)] = line.items()
        if name == "submission":
            number = f"31002004{len(consignments):012d}"
            message = json_format.ParseDict(content["consignment"], Consignment())
            references[message.reference] = number
            consignments[number] = message.SerializeToString(deterministic=True)
        elif FACT_KINDS[name].agency == "customs":
            registered[name].append(json_format.ParseDict(content, FACT_KINDS[name].message()))
    truth = {
        references[line["reference"]]: [json_format.ParseDict(find, work.Find()) for find in line["finds"]]
        for line in hidden_truth(size, seed, now)
    }
    return Traffic(registered, consignments, truth)


@dataclass
class Customs:
    """Running customs. `inside`: what the officer finds who opens a consignment; those not in it he leaves alone."""

    agency: InlineAgency
    world: World
    inside: Finds
    examined: dict[str, Sequence[work.Find]] = field(default_factory=dict)

    @property
    def officer(self) -> Caller:
        return self.agency.caller("operator/officer-customs")

    async def register(self, traffic: Traffic) -> None:
        """Brokers, enterprises, licences."""
        for name, entries in traffic.registered.items():
            kind = FACT_KINDS[name]
            for place in range(0, len(entries), BATCH_LIMIT):
                request = kind.batch(self.world.runtime.ids.uuid(), entries[place : place + BATCH_LIMIT])
                await self.officer.call(kind.method, request, kind.response)

    async def declare(self, consignments: Mapping[str, bytes]) -> None:
        """Puts them before customs, all accepted now."""
        accepted = Timestamp(seconds=int(self.world.runtime.clock.now().timestamp()))
        items = [
            AssessmentItem(
                request_id=self.world.runtime.ids.uuid(),
                clearance_number=number,
                version=1,
                consignment=content,
                consignment_digest=sha256(content).digest(),
                accept_time=accepted,
            )
            for number, content in consignments.items()
        ]
        for place in range(0, len(items), BATCH_LIMIT):
            asserted(batch := items[place : place + BATCH_LIMIT])
            await self.agency.gateway.assess(*batch)

    async def examine(self) -> None:
        """All open examinations are done, and checks of documents that risk selection ordered: until none is open."""
        while pieces := await self._open_work():
            for piece in pieces:
                await self._do(piece)
            await asyncio.sleep(SETTLE_SECONDS)

    async def _do(self, piece: work.Work) -> None:
        """An image shows that something is amiss; what, only the opening by another officer."""
        finds = self.inside[piece.clearance_number]
        self.examined[piece.clearance_number] = finds
        opened = piece.kind == work.Work.KIND_EXAMINATION
        officer = self.agency.caller("operator/examiner-customs") if opened else self.officer
        await officer.take_work(piece.id)
        if piece.kind == work.Work.KIND_SCAN and finds:
            outcome, told = work.WorkResult.OUTCOME_SUSPICIOUS, ()
        else:
            grave = any(find.kind not in CURABLE for find in finds)
            outcome, told = work.WorkResult.OUTCOME_REFUSED if grave else work.WorkResult.OUTCOME_CLEARED, finds
        result = work.WorkResult(outcome=outcome, reason="查验", finds=told)
        request = work.RecordWorkRequest(request_id=self.world.runtime.ids.uuid(), work_id=piece.id, result=result)
        await officer.call(f"{WORK_SERVICE}RecordWork", request, work.RecordWorkResponse)

    async def _open_work(self) -> list[work.Work]:
        found: list[work.Work] = []
        token = ""
        while True:
            page = await self.officer.list_work(state=work.Work.STATE_OPEN, page_size=1000, page_token=token)
            found += page.work
            token = page.next_page_token
            if not token:
                return [one for one in found if _is_examined(one) and one.clearance_number in self.inside]

    async def report(self) -> pb.RiskReport:
        """ReportRisk over everything."""
        answer = await self.officer.call(f"{RISK_SERVICE}ReportRisk", pb.ReportRiskRequest(), pb.ReportRiskResponse)
        return answer.report

    async def backtest(self, profile: str) -> pb.Backtest:
        """BacktestProfile over everything."""
        request = pb.BacktestProfileRequest(profile=profile.encode())
        return (await self.officer.call(f"{RISK_SERVICE}BacktestProfile", request, pb.BacktestProfileResponse)).backtest

    async def rows(self, text: str, *parameters: Any) -> list[Fields]:
        """Rows of customs' own database."""

        def read(connection: Connection) -> list[Fields]:
            return run(connection, text, parameters)

        return await self.agency.app.parts.database.read(read)

    async def take_secret(self, secret: bytes) -> None:
        """Draws by another customs' secret from now on."""
        definition, database = self.agency.app.parts.definition, self.agency.app.parts.database
        assert definition.open is not None

        def write(connection: Connection) -> None:
            run(connection, "UPDATE risk_secrets SET secret = ?", (secret,))

        await database.write(write)
        await database.write(definition.open, self.world.runtime.clock.now())


def _is_examined(piece: work.Work) -> bool:
    return piece.kind in OF_GOODS or bool(DOCUMENT_CHECKS.intersection(piece.rule_ids))


@asynccontextmanager
async def customs_alone(folder: Path, world: World, profile: str, inside: Finds) -> AsyncIterator[Customs]:
    """Starts customs on a new database in `folder`, selecting by this profile."""
    certificate, key = folder / "signing.pem", folder / "signing.key"
    identity = Identity.of_district(DISTRICT, "customs")
    issue_signing(authority(), identity, now=world.runtime.clock.now()).write(certificate, key)
    await world.runtime.executor.run(lambda: (folder / "risk.toml").write_text(profile, "utf-8"))
    settings = CustomsSettings(
        district=DISTRICT,
        database_url=f"sqlite+pysqlite:///{folder / 'customs.db'}",
        ca_file=certificates() / "ca.pem",
        signing_cert_file=certificate,
        signing_key_file=key,
        risk_profile_file=folder / "risk.toml",
    )
    async with inline_agency(build, settings, "customs", world.runtime) as agency:
        yield Customs(agency, world, inside)
