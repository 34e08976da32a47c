"""Releases by hand by chance, in a simulated district: agencies fall silent and return, officers ask, the gate tried.

At every step what leaves and what is ordered must keep the first promise: every required agency's yes, or the word of
two officers in place of an agency that had not decided, and never both ways for one clearance.
"""

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from simulated import CALL_SECONDS, GATEWAY, SimulatedDistrict

from agencykit.evidence.by_hand import flaw_of_manual
from agencykit.refusals import Refusal
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1 import emergency_service_pb2 as emergency
from clearance.gateway.v1 import manual_release_service_pb2 as manual
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.port.v1 import gate_service_pb2 as gate
from clearance.port.v1.release_pb2 import GateOut
from tongguan.sample.generation import generate

WEI, FANG = "operator/port-office", "operator/port-office-duty"
RELEASES = "/clearance.gateway.v1.ManualReleaseService/"
EMERGENCIES = "/clearance.gateway.v1.EmergencyService/"
GATE = "/clearance.port.v1.GateService/ReportGateOuts"
YES = (Decision.VERDICT_APPROVED, Decision.VERDICT_APPROVED_WITH_OBLIGATIONS, Decision.VERDICT_NOT_SUBJECT)
FREE = (Clearance.STATE_RELEASED_MANUALLY, Clearance.STATE_CLOSED)
# Something goes from here on: by the order that stands.
GOING = (
    *FREE,
    Clearance.STATE_RELEASED,
    Clearance.STATE_RELEASED_ON_GUARANTEE,
    Clearance.STATE_PARTLY_RELEASED,
)
# Of a plain import that owes no duty, in one container.
SEED = 120
TABLE = """
version = "model-1"
agency = [{agency = "customs", after_minutes = 60}, {agency = "border", after_minutes = 60}]
never = {commodities = []}
reason = [{code = "SYSTEM_OUTAGE", zh = "机关系统中断", en = "An agency's system is out"}]
"""


@dataclass
class ByHand:
    """The district and its people. `seen` counts what happened."""

    district: SimulatedDistrict
    seen: Counter[str] = field(default_factory=Counter)
    numbers: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    made: int = 0

    async def submit(self) -> Clearance:
        """A plain import, with all that is to be lodged for it."""
        self.made += 1
        lines = list(generate(1, SEED, self.district.runtime.clock.now(), f"33019800{self.made:02}"))
        await self.district.lodge(line for line in lines if "submission" not in line)
        answered = await self.district.submit(lines[-1])
        self.numbers.append(answered.number)
        return answered

    def cut(self, agency: str) -> None:
        """It falls silent."""
        self.away.add(agency)
        self.district.cut(agency)

    def mend(self, agency: str) -> None:
        """It answers again."""
        self.away.discard(agency)
        self.district.mend(agency)

    async def pass_time(self, minutes: float) -> None:
        """So long nobody does anything."""
        assert self.district.world is not None
        self.district.world.loop.skip(minutes * 60)
        await rest()

    async def get(self, number: str) -> Clearance:
        """As it stands, whole."""
        operator, request = self.district.transport("gateway", WEI), pb.GetClearanceRequest(number=number)
        method = f"{GATEWAY}GetClearance"
        return (await operator.unary(method, request, pb.GetClearanceResponse, timeout_seconds=CALL_SECONDS)).clearance

    async def order(self, number: str, officer: str, **fields: Any) -> str:
        """An officer asks for it; how it stands then, or why not."""
        standing = await self.get(number)
        absent = [each.agency for each in standing.agencies if each.required and not each.HasField("decision")]
        said = {"request_id": self.district.runtime.ids.uuid(), "number": number, "version": standing.version}
        paper = {"reason_code": "SYSTEM_OUTAGE", "paper_order_number": f"P-{number[-6:]}", "reason": "系统中断"}
        request = manual.OrderManualReleaseRequest(
            **{**said, **paper, "absent_agencies": absent or ["customs"], **fields}
        )
        office, answer = self.district.transport("gateway", officer), manual.OrderManualReleaseResponse
        try:
            told = await office.unary(f"{RELEASES}OrderManualRelease", request, answer, timeout_seconds=CALL_SECONDS)
        except Refusal as refused:
            return refused.reason
        return manual.ManualRelease.State.Name(told.release.state).removeprefix("STATE_")

    async def declare(self, officer: str, measure: str) -> emergency.Emergency:
        """An officer declares an emergency, or proposes it."""
        office, ids = self.district.transport("gateway", officer), self.district.runtime.ids
        request = emergency.DeclareEmergencyRequest(request_id=ids.uuid(), measure_id=measure, reason="系统中断")
        answer, method = emergency.DeclareEmergencyResponse, f"{EMERGENCIES}DeclareEmergency"
        return (await office.unary(method, request, answer, timeout_seconds=CALL_SECONDS)).emergency

    async def leave(self, number: str) -> str:
        """The terminal reports the goods at the gate: LEFT, or why they stay."""
        standing = await self.get(number)
        report = gate.GateOutReport(
            request_id=self.district.runtime.ids.uuid(),
            clearance_number=number,
            order_number=max((each.order.number for each in standing.orders), default=1),
            container_number=standing.consignment.containers[0].number,
            way=GateOut.WAY_GATE,
            place_code="G1",
            conveyance_identification="浙B12345",
        )
        report.exit_time.FromDatetime(self.district.runtime.clock.now())
        request, response = gate.ReportGateOutsRequest(reports=[report]), gate.ReportGateOutsResponse
        operator = self.district.transport("port", "operator/gate")
        [answer] = (await operator.unary(GATE, request, response, timeout_seconds=CALL_SECONDS)).answers
        if answer.HasField("error"):
            return "STAYS"
        self.seen["left by hand" if standing.manual else "left"] += 1
        holds_the_promise(standing)
        return "LEFT"

    async def play(self, chance: random.Random, steps: int = 25) -> None:
        """So many steps by chance; then all return, officers clear what is open, and nothing may stay unreconciled."""
        for _ in range(steps):
            await self._step(chance)
            await self._look()
        for agency in sorted(self.away):
            self.mend(agency)
        await self.pass_time(30)
        await self._look()
        for agency in ("customs", "border"):
            await self.district.clear_work(agency)
        await self.pass_time(30)
        for number in self.numbers:
            settled = await self.get(number)
            holds_the_promise(settled)
            if settled.manual:
                self.seen["reconciled"] += 1
                assert not [wait for wait in settled.waiting if wait.fact_kind == "reconciliation"]

    async def _look(self) -> None:
        """Nothing that stands breaks the promise."""
        for number in self.numbers:
            standing = await self.get(number)
            holds_the_promise(standing)
            conflicts = [wait.party for wait in standing.waiting if wait.fact_key == "conflict"]
            self.seen["conflict"] += len(conflicts)
            assert not conflicts or standing.state not in FREE, "what is there stays where an agency says no"

    async def _step(self, chance: random.Random) -> None:
        weights = {"outage": 3, "order": 12, "leave": 4, "mend": 2, "submit": 1, "cut": 1, "wait": 1}
        [act] = chance.choices(list(weights), list(weights.values()))
        if act == "submit" or not self.numbers:
            await self.submit()
        elif act == "outage":
            self.cut(chance.choice(["customs", "border"]))
            await self.submit()
            await self.pass_time(70)
        elif act == "cut":
            self.cut(chance.choice(["customs", "border"]))
        elif act == "mend" and self.away:
            self.mend(chance.choice(sorted(self.away)))
        elif act == "wait":
            await self.pass_time(chance.choice([1, 20, 70]))
        elif act == "order":
            answer = await self.order(self.numbers[-1], chance.choice([WEI, FANG]))
            self.seen[answer] += 1
        elif act == "leave":
            await rest()
            await self.leave(self.numbers[-1])


async def rest() -> None:
    """Until what is due has been done."""
    await asyncio.sleep(20)


def holds_the_promise(clearance: Clearance) -> None:
    """Every release order of it rests on all required agencies' yes, or says in whose place two officers gave it."""
    required = {each.agency for each in clearance.agencies if each.required}
    ways = set()
    for signed in clearance.orders:
        order = signed.order
        ways.add(order.HasField("manual"))
        if order.kind != ReleaseOrder.KIND_RELEASE:
            continue
        rests_on = {each.agency for each in order.decisions}
        absent = set(order.manual.absent_agencies)
        assert rests_on | absent >= required, "nobody is passed over"
        assert not flaw_of_manual(order)
        for each in signed.decisions:
            assert Decision.FromString(each.decision).verdict in YES, "nobody's no is overridden"
    assert len(ways) <= 1, "by hand or electronically, and never both"
    noes = [each.agency for each in clearance.agencies if each.required and _says_no(each)]
    assert not noes or clearance.state not in GOING, f"G1: goods may go although {noes} has said no"
    by_hand = clearance.state == Clearance.STATE_RELEASED_MANUALLY
    assert not by_hand or ways == {True}
    assert clearance.state not in (Clearance.STATE_RELEASED, Clearance.STATE_RELEASED_ON_GUARANTEE) or ways == {False}


def _says_no(standing: Any) -> bool:
    """Whether the agency has decided on this version, and otherwise than yes: nobody stands in for that."""
    return standing.HasField("decision") and standing.decision.verdict not in (*YES, Decision.VERDICT_PENDING)
