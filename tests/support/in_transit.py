"""Districts between which goods move under customs control, and their people."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from guaranteed import ACCESS_CODE, Guaranteed
from simulated import (
    CALL_SECONDS,
    CODES,
    CUSTOMS_ALONE,
    SimulatedDistrict,
    simulated_authority,
    simulated_district,
)

from agencykit.testing.virtual import World, virtual_time
from clearance.common.v1.goods_pb2 import GoodsItem
from clearance.common.v1.party_pb2 import Party
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.district.v1 import movement_pb2 as district
from clearance.gateway.v1 import transit_service_pb2 as pb
from clearance.gateway.v1.guarantee_release_service_pb2 import NamedGuarantee

Result = TypeVar("Result")
TRANSIT = "/clearance.gateway.v1.TransitService/"
BROKER, OFFICER = "broker/3104980001", "operator/officer-customs"
HOLDER, DUTY = "3302961234", 125_000
# The office of each, and a guarantee that its customs keeps; the GRN's characters 5 to 8 tell which.
OFFICES = {"ningbo": "3104", "hangzhou": "2921", "shanghai": "2201", "nanjing": "2300"}
GRNS = {
    "ningbo": "04CN3104000000014",
    "hangzhou": "04CN2900000000017",
    "shanghai": "04CN2200000000013",
    "nanjing": "04CN2300000000012",
}
LIMIT = 900_000_000
AS_WAS = (LIMIT, 0, 0, 0)
TWO, THREE = ("ningbo", "hangzhou"), ("ningbo", "hangzhou", "shanghai")


@dataclass
class InTransit:
    """One district."""

    district: SimulatedDistrict
    made: int = 0

    @property
    def name(self) -> str:
        return self.district.name

    async def enter_guarantee(self, limit: int = LIMIT) -> None:
        """A comprehensive guarantee of the holder, who may carry his goods himself, with this district's customs."""
        people = Guaranteed(self.district)
        await people.enter(HOLDER, GRNS[self.name], limit)
        await people.enter_carrier(HOLDER)

    async def ledger(self) -> tuple[int, int, int, int]:
        """Available, held, confirmed and claimed units of that guarantee."""
        found = await Guaranteed(self.district).guarantee(GRNS[self.name])
        return found.available_units, found.held_units, found.confirmed_units, found.claimed_units

    async def differences(self) -> list[str]:
        """What the reckoning of the whole ledger finds."""
        return await Guaranteed(self.district).differences()

    async def declare(
        self,
        to: str,
        *,
        lrn: str = "",
        grn: str = "",
        units: int = DUTY,
        access_code: str = ACCESS_CODE,
        request_id: str = "",
        **fields: Any,
    ) -> pb.Movement:
        """Goods for an office of another district, on this one's guarantee."""
        self.made += 1
        lrn = lrn or f"{self.name.upper()}-{self.made}"
        declaration = declaration_of(lrn, self.name, to, units, **fields)
        named = [NamedGuarantee(grn=grn or GRNS[self.name], access_code=access_code)]
        request = pb.DeclareMovementRequest(
            request_id=request_id or self.id(), declaration=declaration, guarantees=named
        )
        return await self.call("DeclareMovement", request, BROKER)

    async def release(self, mrn: str, limit: timedelta | None = None, *, seals: Sequence[str] = ("CN-1",)) -> Any:
        """Customs lets it leave."""
        terms = pb.ReleaseTerms(seal_numbers=seals, control_result_code="A1")
        if limit is not None:
            terms.limit_time.FromDatetime(self.district.runtime.clock.now() + limit)
        return await self.act(
            "DecideDeparture", mrn, decision=pb.DecideDepartureRequest.DECISION_RELEASE, release=terms
        )

    async def arrive(self, mrn: str, office: str = "", who: str = OFFICER) -> pb.Movement:
        """The goods are at an office of this district."""
        seals = district.SEAL_STATE_INTACT
        return await self.act("ArriveMovement", mrn, who, office_code=office or OFFICES[self.name], seal_state=seals)

    async def passes(self, mrn: str) -> pb.Movement:
        """The goods pass the office of this district on their way."""
        seals = district.SEAL_STATE_INTACT
        return await self.act("ReportPassage", mrn, office_code=OFFICES[self.name], seal_state=seals)

    async def remark(self, mrn: str, *discrepancies: str) -> pb.Movement:
        """What was found on unloading: as declared, or with these discrepancies."""
        remarks = district.UnloadingRemarks(conform=not discrepancies, seal_state=district.SEAL_STATE_INTACT)
        remarks.unload_time.FromDatetime(self.district.runtime.clock.now())
        for text in discrepancies:
            remarks.discrepancies.add(kind=district.Discrepancy.KIND_MISSING, item_number=1, text=text)
        return await self.act("RecordUnloading", mrn, remarks=remarks)

    async def amend_guarantee(self, mrn: str, grn: str) -> pb.Movement:
        """Its broker names another guarantee."""
        named = [NamedGuarantee(grn=grn, access_code=ACCESS_CODE)]
        return await self.act("AmendGuarantee", mrn, BROKER, guarantees=named)

    def part(self, other: "InTransit") -> None:
        """Its gateway no longer reaches the other's."""
        self.district.partners[other.name].layers = None

    def meet(self, other: "InTransit") -> None:
        """It does again."""
        self.district.reach(other.district)

    def skip(self, days: float) -> None:
        """So many days pass in which nobody does anything."""
        assert self.district.world is not None
        self.district.world.loop.skip(days * 86_400)

    async def act(self, method: str, mrn: str, who: str = OFFICER, **fields: Any) -> pb.Movement:
        """Somebody does something to a movement."""
        request = getattr(pb, f"{method}Request")(request_id=self.id(), mrn=mrn, **fields)
        return await self.call(method, request, who)

    async def get(self, mrn: str, side: int = 0) -> pb.Movement:
        """All about it, as an officer sees it."""
        return await self.call("GetMovement", pb.GetMovementRequest(reference=mrn, side=side), OFFICER)

    async def listed(self) -> list[pb.Movement]:
        """All, newest first."""
        caller = self.district.transport("gateway", OFFICER)
        request, response = pb.ListMovementsRequest(), pb.ListMovementsResponse
        answer = await caller.unary(f"{TRANSIT}ListMovements", request, response, timeout_seconds=CALL_SECONDS)
        return list(answer.movements)

    async def state(self, mrn: str) -> str:
        """Its state by name."""
        return state_of(await self.get(mrn))

    async def call(self, method: str, request: Any, who: str) -> pb.Movement:
        """A call to the gateway."""
        caller = self.district.transport("gateway", who)
        response = getattr(pb, f"{method}Response")
        answer = await caller.unary(f"{TRANSIT}{method}", request, response, timeout_seconds=CALL_SECONDS)
        movement: pb.Movement = answer.movement
        return movement

    def id(self) -> str:
        return self.district.runtime.ids.uuid()


def declaration_of(lrn: str, departure: str, to: str, units: int = DUTY, **fields: Any) -> district.TransitDeclaration:
    """Goods of the holder, from an office of one district to one of another."""
    declaration = district.TransitDeclaration(
        lrn=lrn,
        declaration_type="T1",
        mode=district.TransitDeclaration.MODE_DIRECT,
        departure_office_code=OFFICES[departure],
        destination_office_code=OFFICES[to],
        holder=Party(identifier=HOLDER, name="宁波海蓝进出口有限公司"),
        items=[GoodsItem(number=1, commodity_code="85287212", description="液晶电视机")],
        # By rail nobody asks for a plate.
        **{"transport": TransportMeans(mode=TransportMeans.MODE_RAIL), **fields},
    )
    declaration.guarantee_amount.currency_code, declaration.guarantee_amount.minor_units = "CNY", units
    return declaration


def state_of(movement: pb.Movement) -> str:
    """Its state by name."""
    return pb.Movement.State.Name(movement.state).removeprefix("STATE_")


async def released(ningbo: InTransit, to: str = "hangzhou", limit: timedelta = timedelta(days=8)) -> str:
    """A movement under way, and known at its destination; its MRN."""
    movement = await ningbo.declare(to)
    await ningbo.release(movement.mrn, limit)
    await rest()
    return movement.mrn


async def discharged(ningbo: InTransit, hangzhou: InTransit, mrn: str) -> None:
    """Arrived as declared, and followed to its end."""
    await hangzhou.act("PermitUnloading", mrn)
    await hangzhou.remark(mrn)
    await rest()
    assert await ningbo.state(mrn) == await hangzhou.state(mrn) == "DISCHARGED"


Story = Callable[..., Awaitable[Result]]


def told_in_transit(
    folder: Path,
    names: Sequence[str],
    story: Story[Result],
    seed: int = 2004,
    span_stores: Mapping[str, Path] | None = None,
) -> Result:
    """Runs a story in these districts, each other's partners, each with customs as its only agency."""
    with virtual_time(seed=seed) as world:

        async def play() -> Result:
            for name in names:
                simulated_authority(folder / name, world, name)
            async with AsyncExitStack() as running:
                stores = span_stores or {}
                made = [await _opened(running, folder, world, name, names, stores.get(name)) for name in names]
                for one in made:
                    for other in made:
                        if other is not one:
                            one.reach(other)
                return await story(*map(InTransit, made))

        return world.loop.run_until_complete(play())


async def _opened(
    running: AsyncExitStack, folder: Path, world: World, name: str, names: Sequence[str], span_store: Path | None
) -> SimulatedDistrict:
    partners = {
        other: {
            "address": "inline:1",
            "bundle_file": folder / other / "bundle.json",
            "customs_district_code": CODES[other],
            "guarantee_offices": [GRNS[other][4:8]],
        }
        for other in names
        if other != name
    }
    (folder / "policy.toml").write_text(CUSTOMS_ALONE)
    settings = {"policy_file": folder / "policy.toml", "slot_agency": "", "gate_agency": "", "transfer_agency": ""}
    # There are no clearances here whose turn could come.
    settings |= {"recovery_interval_ms": 60_000, "span_store": span_store}
    opened = simulated_district(folder / name, world, name=name, agencies=("customs",), partners=partners, **settings)
    return await running.enter_async_context(opened)


async def rest(seconds: float = 5) -> None:
    """Loops of the districts do what is to be done."""
    await asyncio.sleep(seconds)
