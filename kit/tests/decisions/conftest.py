"""The weighbridge in process, on each database."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from agencykit.agency import AgencyDefinition, build_agency
from agencykit.decisions import tables
from agencykit.identity import Identity
from agencykit.rpc.call import Call
from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.example_agency import DEFINITION, note_weights
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.postgres import DATABASES, migrated_database
from agencykit.testing.running import agency_settings
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision

_numbers = itertools.count(1)


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = real_runtime()
    yield made
    made.executor.close()


@dataclass
class Harbour:
    """Opens weighbridges on one database, and speaks to them as gateway, carrier and test."""

    url: str
    runtime: Runtime
    stack: AsyncExitStack
    offices: list[InlineAgency] = field(default_factory=list)

    async def open(self, definition: AgencyDefinition = DEFINITION, replica: str = "1") -> InlineAgency:
        settings = agency_settings(ServiceSettings, "weighbridge", self.url, replica=replica)
        agency = inline_agency(lambda *parts: build_agency(definition, *parts), settings, "weighbridge", self.runtime)
        self.offices.append(await self.stack.enter_async_context(agency))
        return self.offices[-1]

    def number(self) -> str:
        return f"NGB2004{next(_numbers):08d}"

    def bent(self, number: str, **fields: Any) -> Consignment:
        """`sea_import` with other values in some fields."""
        consignment = sea_import(number)
        for name, value in fields.items():
            setattr(consignment, name, value)
        return consignment

    def item(self, number: str, consignment: Consignment | None = None, **fields: Any) -> pb.AssessmentItem:
        fields.setdefault("request_id", self.runtime.ids.uuid())
        return assessment_item(number, consignment or sea_import(number), **fields)

    async def decide(
        self, office: InlineAgency, number: str, consignment: Consignment | None = None, version: int = 1
    ) -> Decision:
        [answer] = await office.gateway.assess(self.item(number, consignment, version=version))
        assert answer.WhichOneof("answer") == "decision", answer
        return office.verifier.verify(answer.decision)

    def lodging_call(self) -> Call:
        identity, clock = Identity.parse("spiffe://ningbo.clearance/operator/port-office"), self.runtime.clock
        return Call(identity, "/example/NoteWeights", clock.monotonic() + 10, None, clock)

    async def weigh(self, office: InlineAgency, masses: Mapping[str, float], request_id: str = "") -> bool:
        """Lodges notes by clearance number: `sea_import` names its bill of lading after it."""
        documents = {f"HLCU{number}": mass for number, mass in masses.items()}
        request_id = request_id or self.runtime.ids.uuid()
        return await note_weights(office.app.parts, self.lodging_call(), request_id, documents)

    async def revision(self, office: InlineAgency, number: str, revision: int) -> Decision:
        return office.verifier.verify(await office.gateway.next_revision(number, revision))

    async def until(self, office: InlineAgency, number: str, verdict: "Decision.Verdict.ValueType") -> None:
        """Waits, at most three seconds, for the current decision to be this."""
        for _ in range(150):
            found = office.verifier.verify(await office.gateway.decision(number))
            if found.verdict == verdict:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{number} still has {found}")

    async def settled(self, office: InlineAgency) -> int:
        """Waits until nothing is due; returns how many revisions beyond the first there are."""
        due = select(func.count()).where(tables.cases.c.due_time.is_not(None))
        later = select(func.count()).where(tables.decisions.c.revision > 1)
        for _ in range(150):
            if not await office.app.parts.database.read(lambda connection: connection.scalar(due)):
                return await office.app.parts.database.read(lambda connection: connection.scalar(later) or 0)
            await asyncio.sleep(0.02)
        raise AssertionError("something stays due")

    async def rows(self, office: InlineAgency, table: Table, number: str) -> list[Any]:
        query = select(table).where(table.c.clearance_number == number)
        query = query.order_by(table.c.id) if "id" in table.c else query
        return await office.app.parts.database.read(lambda connection: list(connection.execute(query)))

    async def numbers(self, office: InlineAgency) -> list[str]:
        """Every clearance the database knows."""
        query = select(tables.cases.c.clearance_number).order_by(tables.cases.c.clearance_number)
        return await office.app.parts.database.read(lambda connection: list(connection.scalars(query)))

    async def acts(self, office: InlineAgency, number: str) -> list[str]:
        return [row.act for row in await self.rows(office, tables.audit, number)]


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    yield from migrated_database(DEFINITION.migrations_package, request, tmp_path)


@pytest.fixture
async def harbour(database_url: str, runtime: Runtime) -> AsyncIterator[Harbour]:
    async with AsyncExitStack() as stack:
        yield Harbour(database_url, runtime, stack)


@pytest.fixture
async def office(harbour: Harbour) -> InlineAgency:
    return await harbour.open()
