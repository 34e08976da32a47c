"""People of a simulated district: brokers, officers, terminals, hauliers. They ask until somebody answers, or give up.

Who asks again asks the very same, with the same request id.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from google.protobuf import json_format
from google.protobuf.message import Message
from mortal_district import GATEWAY_ROLE, MortalDistrict
from simulated import CALL_SECONDS, GATEWAY, WORK

from agencykit.refusals import Refusal
from agencykit.rpc.transport import Unreachable
from clearance.agency.v1 import work_service_pb2 as work
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.customs.v1 import guarantee_register_service_pb2 as register
from clearance.customs.v1.guarantee_pb2 import Guarantee
from clearance.gateway.v1 import clearance_service_pb2 as pb
from clearance.gateway.v1 import coordination_service_pb2 as coordination
from clearance.gateway.v1 import guarantee_release_service_pb2 as releases
from clearance.gateway.v1.clearance_pb2 import Clearance
from clearance.port.v1 import gate_service_pb2 as gate
from clearance.port.v1.release_pb2 import GateOut
from tongguan.facts import FACT_KINDS

Answer = TypeVar("Answer", bound=Message)
ACCESS_CODE = "sesame"
RELEASES = "/clearance.gateway.v1.GuaranteeReleaseService/"
COORDINATION = "/clearance.gateway.v1.CoordinationService/"
REGISTER = "/clearance.customs.v1.GuaranteeRegisterService/"
GATE = "/clearance.port.v1.GateService/ReportGateOuts"
EXAMINATION = work.Work.KIND_EXAMINATION


@dataclass
class People:
    """`patience` is how often each of them asks."""

    district: MortalDistrict
    patience: int = 3
    # Withdrawals that were answered: number → version. What was acknowledged must never be lost.
    acknowledged: dict[str, int] = field(default_factory=dict)

    def id(self) -> str:
        """A request id."""
        return self.district.runtime.ids.uuid()

    async def ask(self, party: str, caller: str, method: str, request: Any, response: type[Answer]) -> Answer:
        """Raises the refusal, or Unreachable once patience is at its end."""
        transport = self.district.transport(party, caller)
        for left in reversed(range(self.patience)):
            try:
                return await transport.unary(method, request, response, timeout_seconds=CALL_SECONDS)
            except (Refusal, Unreachable) as error:
                if not left or (isinstance(error, Refusal) and not error.transient):
                    raise
            await asyncio.sleep(self.district.chance.uniform(0.2, 3))
        raise AssertionError("unreachable")

    # Brokers.

    async def submit(self, request: pb.SubmitClearanceRequest) -> Clearance:
        """As its broker."""
        caller = f"broker/{request.consignment.broker_licence}"
        answer = await self.ask(GATEWAY_ROLE, caller, f"{GATEWAY}SubmitClearance", request, pb.SubmitClearanceResponse)
        self._was_told(answer.clearance)
        return answer.clearance

    async def read(self, number: str) -> Clearance:
        """As it stands, by the port office."""
        request = pb.GetClearanceRequest(number=number)
        method = f"{GATEWAY}GetClearance"
        return (
            await self.ask(GATEWAY_ROLE, "operator/port-office", method, request, pb.GetClearanceResponse)
        ).clearance

    async def amend(self, number: str, **changes: Any) -> None:
        """Its broker changes something."""
        current = await self.read(number)
        consignment = current.consignment
        json_format.ParseDict(changes, consignment)
        request = pb.AmendClearanceRequest(
            request_id=self.id(), number=number, version=current.version, consignment=consignment
        )
        answer = await self._broker(current, f"{GATEWAY}AmendClearance", request, pb.AmendClearanceResponse)
        self._was_told(answer.clearance)

    async def withdraw(self, number: str) -> None:
        """Its broker withdraws it."""
        current = await self.read(number)
        request = pb.WithdrawClearanceRequest(
            request_id=self.id(), number=number, version=current.version, reason="sold on"
        )
        await self._broker(current, f"{GATEWAY}WithdrawClearance", request, pb.WithdrawClearanceResponse)

    async def guarantee(self, number: str, *grns: str) -> None:
        """Its broker asks for release on guarantee."""
        current = await self.read(number)
        named = [releases.NamedGuarantee(grn=grn, access_code=ACCESS_CODE) for grn in grns]
        request = releases.RequestGuaranteeReleaseRequest(request_id=self.id(), number=number, guarantees=named)
        method = f"{RELEASES}RequestGuaranteeRelease"
        await self._broker(current, method, request, releases.RequestGuaranteeReleaseResponse)

    async def take_guarantee_back(self, number: str) -> None:
        """Its broker no longer wants it."""
        current = await self.read(number)
        request = releases.CancelGuaranteeReleaseRequest(request_id=self.id(), number=number)
        method = f"{RELEASES}CancelGuaranteeRelease"
        await self._broker(current, method, request, releases.CancelGuaranteeReleaseResponse)

    async def _broker(self, clearance: Clearance, method: str, request: Any, response: type[Answer]) -> Answer:
        path = clearance.broker.partition("://")[2].partition("/")[2]
        return await self.ask(GATEWAY_ROLE, path, method, request, response)

    def _was_told(self, clearance: Clearance) -> None:
        self.acknowledged[clearance.number] = max(clearance.version, self.acknowledged.get(clearance.number, 0))

    # The port office, and whoever lodges facts.

    async def expedite(self, number: str) -> None:
        """The port office makes it urgent."""
        request = coordination.ExpediteClearanceRequest(
            request_id=self.id(), number=number, reason_code="PERISHABLE", reason="fish"
        )
        method = f"{COORDINATION}ExpediteClearance"
        await self.ask(GATEWAY_ROLE, "operator/port-office", method, request, coordination.ExpediteClearanceResponse)

    async def clearances(self) -> list[Clearance]:
        """All of them."""
        request, method = pb.ListClearancesRequest(page_size=1000), f"{GATEWAY}ListClearances"
        answer = await self.ask(GATEWAY_ROLE, "operator/port-office", method, request, pb.ListClearancesResponse)
        return list(answer.clearances)

    async def lodge(self, lines: Iterable[dict[str, Any]]) -> None:
        """Fact lines, those of one kind together."""
        kinds: dict[str, list[Any]] = {}
        for line in lines:
            ((name, content),) = line.items()
            kinds.setdefault(name, []).append(json_format.ParseDict(content, FACT_KINDS[name].message()))
        for name, messages in kinds.items():
            kind = FACT_KINDS[name]
            request = kind.batch(self.id(), messages)
            await self.ask(kind.agency, "operator/port-office", kind.method, request, kind.response)

    # Officers.

    async def open_work(self, agency: str, number: str = "") -> list[work.Work]:
        """What officers have to do."""
        request = work.ListWorkRequest(clearance_number=number, page_size=1000)
        officer = f"operator/officer-{agency}"
        found = (await self.ask(agency, officer, f"{WORK}ListWork", request, work.ListWorkResponse)).work
        return [piece for piece in found if piece.state in (work.Work.STATE_OPEN, work.Work.STATE_TAKEN)]

    async def do_work(self, agency: str, piece: work.Work, outcome: str = "CLEARED") -> None:
        """Whoever opens goods has not read their papers."""
        officer = f"operator/{'examiner' if piece.kind == EXAMINATION else 'officer'}-{agency}"
        if piece.state == work.Work.STATE_OPEN:
            take = work.TakeWorkRequest(request_id=self.id(), work_id=piece.id)
            await self.ask(agency, officer, f"{WORK}TakeWork", take, work.TakeWorkResponse)
        result = work.WorkResult(outcome=work.WorkResult.Outcome.Value(f"OUTCOME_{outcome}"), reason="as seen")
        record = work.RecordWorkRequest(request_id=self.id(), work_id=piece.id, result=result)
        await self.ask(agency, officer, f"{WORK}RecordWork", record, work.RecordWorkResponse)

    async def enter_guarantee(self, grn: str, holder: str, limit: int) -> None:
        """Customs registers a comprehensive guarantee."""
        guarantee = Guarantee(grn=grn, type=Guarantee.TYPE_COMPREHENSIVE, holder_identifier=holder)
        guarantee.limit.currency_code, guarantee.limit.minor_units = "CNY", limit
        entry = register.GuaranteeEntry(guarantee=guarantee, access_code=ACCESS_CODE)
        request = register.RegisterGuaranteesRequest(request_id=self.id(), entries=[entry])
        method = f"{REGISTER}RegisterGuarantees"
        await self.ask("customs", "operator/officer-customs", method, request, register.RegisterGuaranteesResponse)

    # Trucks and ships.

    async def leave(self, number: str) -> bool:
        """All boxes of it, or what is loose, on the newest order that anybody knows; whether something left."""
        seen = await self.read(number)
        order = max((each.order.number for each in seen.orders), default=1)
        left = False
        for container in [each.number for each in seen.consignment.containers] or [""]:
            report = gate.GateOutReport(
                request_id=self.id(),
                clearance_number=number,
                order_number=order,
                container_number=container,
                way=GateOut.WAY_GATE if seen.direction == Consignment.DIRECTION_IMPORT else GateOut.WAY_LOADING,
                place_code="G1",
                conveyance_identification="浙B12345",
            )
            report.exit_time.FromDatetime(self.district.runtime.clock.now())
            request = gate.ReportGateOutsRequest(reports=[report])
            answer = await self.ask("port", "operator/gate", GATE, request, gate.ReportGateOutsResponse)
            left = left or answer.answers[0].HasField("gate_out")
        return left
