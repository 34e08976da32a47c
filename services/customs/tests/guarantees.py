"""Guarantees in a running customs, for tests of their services."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from agencykit.refusals import Refusal, from_status
from agencykit.testing.inline_agency import InlineAgency
from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import guarantee_pb2 as g
from clearance.customs.v1 import guarantee_register_service_pb2 as reg
from clearance.customs.v1 import guarantee_service_pb2 as pb

USES = "/clearance.customs.v1.GuaranteeService/"
REGISTER = "/clearance.customs.v1.GuaranteeRegisterService/"
HOLDER, CODE, LIMIT = "3302961234", "7Q4M", 1_000_000
# Right check digits.
COMPREHENSIVE, OTHER, CASH = "19XX0040191000015", "04CN0000000000016", "04CN0000000000034"
VOUCHERS = ("04CN0000000000052A000001", "04CN0000000000052A000002")


@dataclass
class Desk:
    """What gateway and officer of one customs do with guarantees."""

    customs: InlineAgency
    sent: list[str] = field(default_factory=list)

    async def enter(
        self,
        grn: str,
        limit: int,
        type_: Any = g.Guarantee.TYPE_COMPREHENSIVE,
        currency: str = "CNY",
        **terms: Any,
    ) -> None:
        coded = type_ not in {g.Guarantee.TYPE_CASH, g.Guarantee.TYPE_PUBLIC_BODY}
        guarantee = g.Guarantee(
            grn=grn,
            type=type_,
            holder_identifier=HOLDER,
            limit=Money(currency_code=currency, minor_units=limit),
        )
        guarantee.MergeFrom(g.Guarantee(**terms))
        entry = reg.GuaranteeEntry(guarantee=guarantee, access_code=CODE if coded else "")
        await self.officer(
            "RegisterGuarantees",
            reg.RegisterGuaranteesRequest(request_id=str(uuid.uuid4()), entries=[entry]),
            reg.RegisterGuaranteesResponse,
        )

    async def officer(self, method: str, request: Any, response_type: Any) -> Any:
        return await self.customs.operator.call(f"{REGISTER}{method}", request, response_type)

    async def change(self, grn: str, **changes: Any) -> g.Guarantee:
        request = reg.ChangeGuaranteeRequest(request_id=str(uuid.uuid4()), grn=grn, **changes)
        return (await self.officer("ChangeGuarantee", request, reg.ChangeGuaranteeResponse)).guarantee

    async def guarantee(self, grn: str = COMPREHENSIVE) -> g.Guarantee:
        return (
            await self.officer("GetGuarantee", reg.GetGuaranteeRequest(grn=grn), reg.GetGuaranteeResponse)
        ).guarantee

    async def differences(self) -> list[str]:
        found = await self.officer(
            "ReconcileGuarantees", reg.ReconcileGuaranteesRequest(), reg.ReconcileGuaranteesResponse
        )
        return list(found.differences)

    async def call(self, method: str, request: Any, response_type: Any) -> list[g.GuaranteeUse | Refusal]:
        response = await self.customs.gateway.call(f"{USES}{method}", request, response_type)
        return [each.use if each.HasField("use") else _refusal(each) for each in response.answers]

    async def hold(self, *holds: pb.GuaranteeHold) -> list[g.GuaranteeUse | Refusal]:
        return await self.call("HoldGuarantees", pb.HoldGuaranteesRequest(holds=holds), pb.HoldGuaranteesResponse)

    async def confirm(self, *keys: g.GuaranteeUseKey) -> list[g.GuaranteeUse | Refusal]:
        request = pb.ConfirmGuaranteesRequest(keys=keys)
        return await self.call("ConfirmGuarantees", request, pb.ConfirmGuaranteesResponse)

    async def cancel(self, *keys: g.GuaranteeUseKey) -> list[g.GuaranteeUse | Refusal]:
        return await self.call("CancelGuarantees", pb.CancelGuaranteesRequest(keys=keys), pb.CancelGuaranteesResponse)

    async def credit(self, key: g.GuaranteeUseKey, units: int = 0, request_id: str = "") -> g.GuaranteeUse | Refusal:
        each = pb.GuaranteeResolution(request_id=request_id or str(uuid.uuid4()), key=key, units=units)
        request = pb.CreditGuaranteesRequest(credits=[each])
        (answer,) = await self.call("CreditGuarantees", request, pb.CreditGuaranteesResponse)
        return answer

    async def claim(self, key: g.GuaranteeUseKey, units: int = 0, request_id: str = "") -> g.GuaranteeUse | Refusal:
        each = pb.GuaranteeResolution(request_id=request_id or str(uuid.uuid4()), key=key, units=units)
        request = pb.ClaimGuaranteesRequest(claims=[each])
        (answer,) = await self.call("ClaimGuarantees", request, pb.ClaimGuaranteesResponse)
        return answer

    async def record(self, *covers: pb.OutsideCover) -> list[str]:
        request, answer = pb.RecordOutsideCoversRequest(covers=covers), pb.RecordOutsideCoversResponse
        return _cover_states(await self.customs.gateway.call(f"{USES}RecordOutsideCovers", request, answer))

    async def end(self, *keys: g.GuaranteeUseKey) -> list[str]:
        request, answer = pb.EndOutsideCoversRequest(keys=keys), pb.EndOutsideCoversResponse
        return _cover_states(await self.customs.gateway.call(f"{USES}EndOutsideCovers", request, answer))


def _cover_states(response: Any) -> list[str]:
    return [
        pb.OutsideCover.State.Name(each.cover.state)[6:] if each.HasField("cover") else _refusal(each).reason
        for each in response.answers
    ]


def _refusal(answer: pb.GuaranteeAnswer | pb.OutsideCoverAnswer) -> Refusal:
    refusal = from_status(answer.error)
    assert refusal is not None
    return refusal


def key(number: str = "31002004NBGUAR000001", generation: int = 1) -> g.GuaranteeUseKey:
    return g.GuaranteeUseKey(clearance_number=number, generation=generation)


def cover(number: str, units: int, *, generation: int = 1, home: str = "hangzhou") -> pb.OutsideCover:
    """Confirmed by another district."""
    amount = Money(currency_code="CNY", minor_units=units)
    return pb.OutsideCover(key=key(number, generation), home_district=home, amount=amount, grns=["04CN0290000000013"])


def hold(
    units: int, *grns: str, number: str = "31002004NBGUAR000001", generation: int = 1, code: str = CODE, **more: Any
) -> pb.GuaranteeHold:
    """A hold by the holder, with the right access code unless another is given."""
    asked = pb.GuaranteeHold(
        key=key(number, generation),
        amount=Money(currency_code="CNY", minor_units=units),
        holder_identifier=HOLDER,
        references=[pb.GuaranteeReference(grn=grn, access_code=code) for grn in grns or (COMPREHENSIVE,)],
    )
    for name in more:
        asked.ClearField(name)  # type: ignore[arg-type]
    asked.MergeFrom(pb.GuaranteeHold(**more))
    return asked


async def balances(desk: Desk, grn: str = COMPREHENSIVE) -> tuple[int, int, int, int]:
    found = await desk.guarantee(grn)
    return found.limit.minor_units, found.available_units, found.held_units, found.confirmed_units


def states(answers: list[g.GuaranteeUse | Refusal]) -> list[str]:
    return [
        g.GuaranteeUse.State.Name(each.state)[6:] if isinstance(each, g.GuaranteeUse) else each.reason
        for each in answers
    ]
