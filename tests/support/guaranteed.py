"""A simulated district with a guarantee in its register, and a consignment that customs holds for its price."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import grpc
from simulated import CALL_SECONDS, SimulatedDistrict

from agencykit.rpc.transport import Unreachable
from agencykit.testing.inline import InlineTransport, Moment, no_hook
from clearance.common.v1.decision_pb2 import Decision
from clearance.customs.v1 import guarantee_register_service_pb2 as register
from clearance.customs.v1 import payment_service_pb2 as payments
from clearance.customs.v1 import register_service_pb2 as registers
from clearance.customs.v1.guarantee_pb2 import Guarantee, GuaranteeUse
from clearance.gateway.v1 import clearance_service_pb2 as clearances
from clearance.gateway.v1 import guarantee_release_service_pb2 as pb
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.sample.generation import generate

Result = TypeVar("Result")
GRN, ACCESS_CODE = "19XX0040191000015", "sesame"
LIMIT = 900_000_000_000
REGISTER = "/clearance.customs.v1.GuaranteeRegisterService/"
PAYMENTS = "/clearance.customs.v1.PaymentService/"
RELEASES = "/clearance.gateway.v1.GuaranteeReleaseService/"
CLEARANCES = "/clearance.gateway.v1.ClearanceService/"
LEDGER = "/clearance.customs.v1.GuaranteeService/"
ABROAD = "/clearance.district.v1.DistrictService/"
AMENDMENT_HOURS = 0.1
# Of a plain import that owes duty; its prices are then made ten thousand times as high.
SEED = 100
HIGH_TECH_UNTIL = "2030-01-01T00:00:00Z"


@dataclass
class Guaranteed:
    """A district and its people. `broken` names calls of the gateway that fail: (moment, method) → how often."""

    district: SimulatedDistrict
    broken: dict[tuple[Moment, str], int] = field(default_factory=dict)
    made: int = 0

    def break_ledger(self, moment: Moment, method: str, times: int = 1, service: str = LEDGER) -> None:
        """These calls of the gateway to the ledger do not arrive, or their answers are lost."""
        self.broken[moment, service + method] = times
        for link in self.links:
            link.hook = self._hook

    @property
    def links(self) -> list[InlineTransport]:
        """The gateway's connections to whoever keeps guarantees or transfers."""
        keepers = [party for name, party in self.district.parties.items() if name in {"customs", "inspection"}]
        return [*(link for party in keepers for link in party.links), *self.district.partners.values()]

    async def _hook(self, moment: Moment, method: str) -> None:
        left = self.broken.get((moment, method), 0)
        if left:
            self.broken[moment, method] = left - 1
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "cable cut")

    async def granted(self, count: int) -> list[Clearance]:
        """So many clearances to which the scheme grants it, all of them still to be held once calls pass again."""
        self.break_ledger("called", "HoldGuarantees", times=1000)
        clearances = [await self.submitted(high_tech=True) for _ in range(count)]
        await self.enter(clearances[0].consignment.trader.identifier, for_scheme=True)
        await rest()
        self.skip(120)
        self.mend()
        return clearances

    def mend(self) -> None:
        """All calls pass again."""
        self.broken.clear()
        for link in self.links:
            link.hook = no_hook

    def skip(self, seconds: float) -> None:
        """So much time passes in which nobody does anything."""
        assert self.district.world is not None
        self.district.world.loop.skip(seconds)

    async def submitted(self, *, doubted: bool = True, hold: bool = False, high_tech: bool = False) -> Clearance:
        """An import that owes duty, once it is submitted: customs doubts its price, the port has a hold on it, and its
        trader is entitled to schemes.
        """
        self.made += 1
        moment = self.district.runtime.clock.now() + timedelta(microseconds=self.made)
        lines = list(generate(1, SEED, moment))
        for line in lines:
            if "enterprise" in line:
                line["enterprise"]["highTechUntilTime"] = HIGH_TECH_UNTIL if high_tech else None
        await self.district.lodge(line for line in lines if "submission" not in line)
        consignment = lines[-1]["submission"]["consignment"]
        if hold:
            subject = consignment["transportDocumentNumber"]
            await self.district.lodge([{"hold": {"id": f"H-{self.made}", "subject": subject, "reason": "damaged"}}])
        if doubted:
            for money in (consignment["invoiceTotal"], *(item["value"] for item in consignment["items"])):
                money["minorUnits"] = f"{money['minorUnits']}0000"
        answered = await self.district.submit(lines[-1])
        return await self.read(answered)

    async def enter(
        self,
        holder: str,
        grn: str = GRN,
        limit: int = LIMIT,
        *,
        for_scheme: bool = False,
        districts: Sequence[str] = (),
        in_seconds: float = 0,
    ) -> None:
        """A comprehensive guarantee of an enterprise."""
        guarantee = Guarantee(
            grn=grn, type=Guarantee.TYPE_COMPREHENSIVE, holder_identifier=holder, for_scheme=for_scheme
        )
        guarantee.districts.extend(districts)
        if in_seconds:
            guarantee.valid_from_time.FromDatetime(self.district.runtime.clock.now() + timedelta(seconds=in_seconds))
        guarantee.limit.currency_code, guarantee.limit.minor_units = "CNY", limit
        entry = register.GuaranteeEntry(guarantee=guarantee, access_code=ACCESS_CODE)
        request = register.RegisterGuaranteesRequest(request_id=self._id(), entries=[entry])
        await self._officer("RegisterGuarantees", request, register.RegisterGuaranteesResponse)

    async def enter_carrier(self, identifier: str, *vehicles: str, suspended: bool = False) -> None:
        """Who may move goods under customs control."""
        carrier = registers.Carrier(identifier=identifier, suspended=suspended, vehicle_identifications=vehicles)
        request = registers.RegisterCarriersRequest(request_id=self._id(), carriers=[carrier])
        method = "/clearance.customs.v1.RegisterService/RegisterCarriers"
        await self._customs(method, request, registers.RegisterCarriersResponse)

    async def change(self, grn: str = GRN, **changes: Any) -> None:
        """An officer changes it."""
        request = register.ChangeGuaranteeRequest(request_id=self._id(), grn=grn, **changes)
        await self._officer("ChangeGuarantee", request, register.ChangeGuaranteeResponse)

    async def guarantee(self, grn: str = GRN) -> Guarantee:
        """How it stands."""
        request = register.GetGuaranteeRequest(grn=grn)
        return (await self._officer("GetGuarantee", request, register.GetGuaranteeResponse)).guarantee

    async def uses(self, grn: str = GRN) -> list[GuaranteeUse]:
        """All its uses."""
        request = register.ListGuaranteeUsesRequest(grn=grn)
        return list((await self._officer("ListGuaranteeUses", request, register.ListGuaranteeUsesResponse)).uses)

    async def settle(self, claim_id: str, settlement: str) -> None:
        """An officer settles a claim: `PAID` or `REFUNDED`."""
        how = register.SettleClaimRequest.Settlement.Value(f"SETTLEMENT_{settlement}")
        request = register.SettleClaimRequest(request_id=self._id(), claim_id=claim_id, settlement=how)
        await self._officer("SettleClaim", request, register.SettleClaimResponse)

    async def claims(self) -> list[register.GuaranteeClaim]:
        """All of the register."""
        request = register.ListGuaranteeClaimsRequest()
        return list((await self._officer("ListGuaranteeClaims", request, register.ListGuaranteeClaimsResponse)).claims)

    async def differences(self) -> list[str]:
        """What the reckoning of the whole ledger finds."""
        request = register.ReconcileGuaranteesRequest()
        answer = await self._officer("ReconcileGuarantees", request, register.ReconcileGuaranteesResponse)
        return list(answer.differences)

    async def ask(self, clearance: Clearance, *grns: str, request_id: str = "") -> pb.GuaranteeRelease:
        """Its broker asks for release on guarantee."""
        named = [pb.NamedGuarantee(grn=grn, access_code=ACCESS_CODE) for grn in grns or (GRN,)]
        request = pb.RequestGuaranteeReleaseRequest(
            request_id=request_id or self._id(), number=clearance.number, guarantees=named
        )
        answer = await self._broker(clearance, "RequestGuaranteeRelease", request, pb.RequestGuaranteeReleaseResponse)
        return answer.release

    async def cancel(self, clearance: Clearance, request_id: str = "") -> pb.GuaranteeRelease:
        """Its broker takes it back."""
        request = pb.CancelGuaranteeReleaseRequest(request_id=request_id or self._id(), number=clearance.number)
        answer = await self._broker(clearance, "CancelGuaranteeRelease", request, pb.CancelGuaranteeReleaseResponse)
        return answer.release

    async def claim(self, clearance: Clearance, request_id: str = "", who: str = "officer-customs") -> Any:
        """Customs' officer proposes a claim, or claims where another has proposed it."""
        request = pb.ClaimGuaranteeReleaseRequest(
            request_id=request_id or self._id(), number=clearance.number, reason="duty not paid within 15 days"
        )
        operator = self.district.transport("gateway", f"operator/{who}")
        method = f"{RELEASES}ClaimGuaranteeRelease"
        answer = await operator.unary(method, request, pb.ClaimGuaranteeReleaseResponse, timeout_seconds=CALL_SECONDS)
        return answer.release

    async def claimed(self, clearance: Clearance, request_id: str = "") -> Any:
        """Customs' examiner proposes, the officer claims."""
        await self.claim(clearance, who="examiner-customs")
        return await self.claim(clearance, request_id)

    async def unclaim(self, clearance: Clearance, request_id: str = "", who: str = "officer-customs") -> Any:
        """What was proposed is taken back."""
        request = pb.WithdrawGuaranteeClaimRequest(request_id=request_id or self._id(), number=clearance.number)
        operator = self.district.transport("gateway", f"operator/{who}")
        method = f"{RELEASES}WithdrawGuaranteeClaim"
        answer = await operator.unary(method, request, pb.WithdrawGuaranteeClaimResponse, timeout_seconds=CALL_SECONDS)
        return answer.release

    async def releases(self, clearance: Clearance) -> list[pb.GuaranteeRelease]:
        """All uses for it."""
        request = pb.ListGuaranteeReleasesRequest(number=clearance.number)
        answer = await self._broker(clearance, "ListGuaranteeReleases", request, pb.ListGuaranteeReleasesResponse)
        return list(answer.releases)

    async def read(self, clearance: Clearance) -> Clearance:
        """As it stands now, whole."""
        operator = self.district.transport("gateway", "operator/port-office")
        request, method = clearances.GetClearanceRequest(number=clearance.number), f"{CLEARANCES}GetClearance"
        answer = await operator.unary(method, request, clearances.GetClearanceResponse, timeout_seconds=CALL_SECONDS)
        return answer.clearance

    async def amend(self, clearance: Clearance) -> None:
        """Its broker changes something else."""
        clearance.consignment.trader.name += " (Group)"
        request = clearances.AmendClearanceRequest(
            request_id=self._id(), number=clearance.number, version=clearance.version, consignment=clearance.consignment
        )
        await self._as_broker(clearance, f"{CLEARANCES}AmendClearance", request, clearances.AmendClearanceResponse)

    async def pay(self, clearance: Clearance, fen: int, receipt: str) -> None:
        """Customs records that so much of its duty and VAT was paid."""
        payment = payments.Payment(clearance_number=clearance.number, amount_fen=fen, receipt_number=receipt)
        payment.charge = payments.Payment.CHARGE_DUTY_AND_VAT
        payment.pay_time.FromDatetime(self.district.runtime.clock.now())
        request = payments.RecordPaymentsRequest(request_id=self._id(), payments=[payment])
        await self._cashier("RecordPayments", request, payments.RecordPaymentsResponse)

    async def reverse(self, receipt: str) -> None:
        """Customs takes a payment back that was recorded in error."""
        request = payments.ReversePaymentsRequest(request_id=self._id(), receipt_numbers=[receipt])
        await self._cashier("ReversePayments", request, payments.ReversePaymentsResponse)

    async def withdraw(self, clearance: Clearance) -> None:
        """Its broker withdraws it."""
        request = clearances.WithdrawClearanceRequest(
            request_id=self._id(), number=clearance.number, version=clearance.version, reason="sold on"
        )
        await self._as_broker(
            clearance, f"{CLEARANCES}WithdrawClearance", request, clearances.WithdrawClearanceResponse
        )

    async def state(self, clearance: Clearance) -> str:
        """Its state by name."""
        return Clearance.State.Name((await self.read(clearance)).state).removeprefix("STATE_")

    async def _officer(self, method: str, request: Any, response: Any) -> Any:
        return await self._customs(f"{REGISTER}{method}", request, response)

    async def _cashier(self, method: str, request: Any, response: Any) -> None:
        await self._customs(f"{PAYMENTS}{method}", request, response)

    async def _customs(self, method: str, request: Any, response: Any) -> Any:
        operator = self.district.transport("customs", "operator/officer-customs")
        return await operator.unary(method, request, response, timeout_seconds=CALL_SECONDS)

    async def _broker(self, clearance: Clearance, method: str, request: Any, response: Any) -> Any:
        return await self._as_broker(clearance, f"{RELEASES}{method}", request, response)

    async def _as_broker(self, clearance: Clearance, method: str, request: Any, response: Any) -> Any:
        path = clearance.broker.partition("://")[2].partition("/")[2]
        broker = self.district.transport("gateway", path)
        return await broker.unary(method, request, response, timeout_seconds=CALL_SECONDS)

    def _id(self) -> str:
        return self.district.runtime.ids.uuid()


def of_customs(clearance: Clearance) -> Decision:
    """Customs' current decision."""
    [standing] = [each for each in clearance.agencies if each.agency == "customs"]
    return standing.decision


async def rest(seconds: float = 5) -> None:
    """Loops of the district do what is to be done."""
    await asyncio.sleep(seconds)
