"""Goods declared at Hangzhou and verified at the port of Ningbo (属地申报、口岸验放), in simulated districts.

Customs is Hangzhou's only agency; Ningbo has all four.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from google.protobuf import json_format
from simulated import (
    AGENCIES,
    CALL_SECONDS,
    CODES,
    CUSTOMS_ALONE,
    GATEWAY,
    WORK,
    SimulatedDistrict,
    simulated_authority,
    simulated_district,
)

from agencykit.refusals import NotFound
from agencykit.testing.virtual import virtual_time
from clearance.agency.v1 import work_service_pb2 as work
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.port.v1 import gate_service_pb2 as gate
from clearance.port.v1.release_pb2 import GateOut
from customs.app import LISTS
from tongguan.sample.generation import generate

Result = TypeVar("Result")
HOME, PORT, BEILUN = "hangzhou", "ningbo", "3104"
POLICY = f'{CUSTOMS_ALONE}\nverification = {{home = ["customs"]}}\n'
SCHEMES = """
[HOME]
enterprise_classes = ["A", "B", "C", "D"]
since = 2004-01-01
"""
# All is selected, for one lane.
LANE = """
[[criterion]]
id = "R-901"
version = 1
zh = "全部"
en = "All goods"
concern = "fraud"
lane = "{lane}"
rate_percent = "100"
[criterion.when]
directions = ["import", "export"]
"""
# Of a plain import that owes no duty, in one container.
SEED = 120
# Of one that owes duty.
OWING = 104
GATE = "/clearance.port.v1.GateService/ReportGateOuts"


@dataclass
class Verified:
    """Both districts."""

    home: SimulatedDistrict
    port: SimulatedDistrict
    made: int = 0

    async def submitted(
        self, seed: int = SEED, office: str = BEILUN, *, doubted: bool = False, **changes: Any
    ) -> Clearance:
        """A consignment that lies at Beilun: its registers are Hangzhou's, its ship and manifest Ningbo's.

        Customs doubts prices that are ten thousand times as high.
        """
        self.made += 1
        lines = list(generate(1, seed, self.home.runtime.clock.now(), f"33019800{self.made:02}"))
        at_home = [line for line in lines if next(iter(line)) in ("enterprise", "broker", "licence")]
        await self.home.lodge(at_home)
        await self.port.lodge(line for line in lines if line not in at_home and "submission" not in line)
        consignment = lines[-1]["submission"]["consignment"]
        consignment |= {"verificationOfficeCode": office, **changes}
        prices = (consignment["invoiceTotal"], *(item["value"] for item in consignment["items"]))
        for money in prices if doubted else ():
            money["minorUnits"] = f"{money['minorUnits']}0000"
        return await self.at(self.home, (await self.home.submit(lines[-1])).number)

    async def at(self, district: SimulatedDistrict, number: str) -> Clearance:
        """As it stands there, whole."""
        operator, method = district.transport("gateway", "operator/port-office"), f"{GATEWAY}GetClearance"
        request = pb.GetClearanceRequest(number=number)
        return (await operator.unary(method, request, pb.GetClearanceResponse, timeout_seconds=CALL_SECONDS)).clearance

    async def state(self, district: SimulatedDistrict, number: str) -> str:
        """Its state by name."""
        return Clearance.State.Name((await self.at(district, number)).state).removeprefix("STATE_")

    async def states(self, number: str) -> tuple[str, str]:
        """At home, and at the port; empty where that has not heard of it."""
        try:
            there = await self.state(self.port, number)
        except NotFound:
            there = ""
        return await self.state(self.home, number), there

    async def amend(self, clearance: Clearance, **changes: Any) -> Clearance:
        """Its broker changes something."""
        consignment = clearance.consignment
        json_format.ParseDict(changes, consignment)
        request = pb.AmendClearanceRequest(
            request_id=self.id(), number=clearance.number, version=clearance.version, consignment=consignment
        )
        return (await self._broker(clearance, "AmendClearance", request, pb.AmendClearanceResponse)).clearance

    async def withdraw(self, clearance: Clearance) -> Clearance:
        """Its broker withdraws it."""
        current = await self.at(self.home, clearance.number)
        request = pb.WithdrawClearanceRequest(
            request_id=self.id(), number=clearance.number, version=current.version, reason="sold on"
        )
        return (await self._broker(clearance, "WithdrawClearance", request, pb.WithdrawClearanceResponse)).clearance

    async def leave(self, number: str, container: str = "", order: int = 0) -> Any:
        """Goods leave by Ningbo's gate, or are loaded there: the port's answer."""
        seen = await self.at(self.port, number)
        report = gate.GateOutReport(
            request_id=self.id(),
            clearance_number=number,
            order_number=order or max((each.order.number for each in seen.orders), default=1),
            container_number=container,
            way=GateOut.WAY_GATE if seen.direction == Consignment.DIRECTION_IMPORT else GateOut.WAY_LOADING,
            place_code="G1",
            conveyance_identification="浙B12345",
        )
        report.exit_time.FromDatetime(self.port.runtime.clock.now())
        operator = self.port.transport("port", "operator/gate")
        request, response = gate.ReportGateOutsRequest(reports=[report]), gate.ReportGateOutsResponse
        return (await operator.unary(GATE, request, response, timeout_seconds=CALL_SECONDS)).answers[0]

    async def hold(self, clearance: Clearance) -> None:
        """The port finds the goods damaged."""
        subject = clearance.consignment.transport_document_number
        await self.port.lodge([{"hold": {"id": f"H-{clearance.reference}", "subject": subject, "reason": "damaged"}}])

    async def lift(self, clearance: Clearance) -> None:
        """It was not so bad."""
        subject = clearance.consignment.transport_document_number
        lifted = {"id": f"H-{clearance.reference}", "subject": subject, "reason": "dried", "lifted": True}
        await self.port.lodge([{"hold": lifted}])

    async def officer_finds(self, number: str, outcome: str) -> int:
        """Customs' officer at home records this on all work on it; how much there was."""
        officer, ids = self.home.transport("customs", "operator/officer-customs"), self.home.runtime.ids
        wanted, listed = work.ListWorkRequest(clearance_number=number), work.ListWorkResponse
        found = (await officer.unary(f"{WORK}ListWork", wanted, listed, timeout_seconds=CALL_SECONDS)).work
        for piece in found:
            take = work.TakeWorkRequest(request_id=ids.uuid(), work_id=piece.id)
            await officer.unary(f"{WORK}TakeWork", take, work.TakeWorkResponse, timeout_seconds=CALL_SECONDS)
            result = work.WorkResult(outcome=work.WorkResult.Outcome.Value(f"OUTCOME_{outcome}"), reason="as seen")
            record = work.RecordWorkRequest(request_id=ids.uuid(), work_id=piece.id, result=result)
            await officer.unary(f"{WORK}RecordWork", record, work.RecordWorkResponse, timeout_seconds=CALL_SECONDS)
        return len(found)

    async def waits(self, district: SimulatedDistrict, number: str) -> set[str]:
        """Whom it waits for there, and for what."""
        return {f"{wait.party} {wait.fact_kind}".strip() for wait in (await self.at(district, number)).waiting}

    def cut(self) -> None:
        """Neither gateway reaches the other."""
        for district in (self.home, self.port):
            for link in district.partners.values():
                link.layers = None

    def mend(self) -> None:
        """They do again."""
        self.home.reach(self.port)
        self.port.reach(self.home)

    def skip(self, days: float) -> None:
        """So much time passes in which nobody does anything."""
        assert self.home.world is not None
        self.home.world.loop.skip(days * 86_400)

    def id(self) -> str:
        """A request id."""
        return self.home.runtime.ids.uuid()

    async def _broker(self, clearance: Clearance, name: str, request: Any, response: Any) -> Any:
        broker = self.home.transport("gateway", clearance.broker.partition("://")[2].partition("/")[2])
        return await broker.unary(f"{GATEWAY}{name}", request, response, timeout_seconds=CALL_SECONDS)


def told_verified(
    folder: Path,
    story: Callable[[Verified], Awaitable[Result]],
    seed: int = 2004,
    schemes: str = SCHEMES,
    lane: str = "",
    **gateways: dict[str, Any],
) -> Result:
    """Runs a story in Hangzhou and Ningbo, with these settings of each one's gateway."""
    (folder / "policy.toml").write_text(POLICY)
    (folder / "schemes.toml").write_text(schemes)
    (folder / "risk.toml").write_text((LISTS / "risk_nothing.toml").read_text() + LANE.format(lane=lane))
    customs: dict[str, Any] = {"scheme_file": folder / "schemes.toml"}
    customs |= {"risk_profile_file": folder / "risk.toml"} if lane else {}
    alone = {"policy_file": folder / "policy.toml", "slot_agency": "", "gate_agency": "", "transfer_agency": ""}
    with virtual_time(seed=seed) as world:

        async def opened(running: AsyncExitStack, name: str, other: str, **settings: Any) -> SimulatedDistrict:
            partner = {"address": "inline:1", "bundle_file": folder / other / "bundle.json"}
            partners = {other: {**partner, "customs_district_code": CODES[other]}}
            settings = {"partners": partners, **settings, **gateways.get(name, {})}
            return await running.enter_async_context(
                simulated_district(folder / name, world, customs, name=name, **settings)
            )

        async def play() -> Result:
            for name in (HOME, PORT):
                (folder / name).mkdir(exist_ok=True)
                simulated_authority(folder / name, world, name)
            async with AsyncExitStack() as running:
                home = await opened(running, HOME, PORT, agencies=("customs",), **alone)
                port = await opened(running, PORT, HOME, agencies=AGENCIES)
                both = Verified(home, port)
                both.mend()
                return await story(both)

        return world.loop.run_until_complete(play())


async def rest(seconds: float = 5) -> None:
    """Loops of the districts do what is to be done."""
    await asyncio.sleep(seconds)
