"""DistrictService: what partner districts may ask of this one.

Guarantees are passed on to customs, transfers of inspection at origin to inspection. Nothing is stored here: each does
a thing once, whoever repeats the call. What they refuse goes back unchanged; that one is away goes back as UNAVAILABLE,
and the partner asks again.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.message import Message

from agencykit.refusals import CallerNotListed, DistrictMismatch, NotFound, StateForbids
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.rpc.transport import Response, Transport
from agencykit.storage import Database
from clearance.common.v1.trust_bundle_pb2 import SignedTrustBundle
from clearance.customs.v1 import guarantee_service_pb2 as customs
from clearance.customs.v1.guarantee_pb2 import GuaranteeUseKey
from clearance.district.v1 import district_service_pb2 as pb
from clearance.inspection.v1 import transfer_service_pb2 as inspection
from gateway.domain.identifiers import request_id_about
from gateway.domain.transit.numbers import district_code
from gateway.domain.transit.states import Side
from gateway.operations.bulletins import followed
from gateway.operations.context import Context
from gateway.operations.notices import hear
from gateway.operations.partners import Description, OwnBundle
from gateway.operations.transit.reading import MovementView
from gateway.operations.views import View
from gateway.rpc import shown_movements
from gateway.rpc.bulletin_messages import write_bulletin
from gateway.rpc.guarantee_ledger import CUSTOMS
from gateway.rpc.movement_delivery import Mailroom
from gateway.rpc.notices import read_notice
from gateway.rpc.proofs import certificate_message, sheet_message, signer_of
from gateway.rpc.shown_cases import all_of
from gateway.rpc.times import timestamp
from gateway.rpc.transfers import EXCHANGE
from gateway.rpc.transit_writing import movement_message
from gateway.rpc.verification.port import VerificationPort
from gateway.rpc.visibility import Visibility
from gateway.rpc.writing import Detail, clearance
from gateway.storage.heads import certificates, newest_sheets, sheets_kept_for

GATEWAY = "gateway"
# One case by its number, whole; NotFound.
Read = Callable[[str], Awaitable[View]]
# One movement by its number, its reference's side and declarant; NotFound.
Find = Callable[[str, int, str], Awaitable[MovementView]]


@dataclass(frozen=True, slots=True)
class DistrictServicer:
    """`ledger` is the agency that keeps guarantees; None where there is none."""

    ledger: Transport | None
    # The agency that keeps transfers; None where there is none.
    keeper: Transport | None
    # Takes in what partners say of movements in transit.
    mailroom: Mailroom
    # Of the partners: trust domain → code with which that district's numbers begin.
    codes: Mapping[str, str]
    budget_seconds: float
    # What it says of itself but for its bundle.
    own: Description
    bundle: OwnBundle
    database: Database
    context: Callable[[], Context]
    read: Read
    find: Find
    visibility: Visibility
    # What is verified at this port.
    port: VerificationPort

    async def QueryClearance(self, request: pb.QueryClearanceRequest, call: Call) -> pb.QueryClearanceResponse:
        self._asker(call, ())
        whole = all_of(clearance(await self.read(request.number), Detail.WHOLE))
        shown = self.visibility.shown(whole, request.role)
        if shown is None:
            raise NotFound("clearance", request.number)
        return pb.QueryClearanceResponse(clearance=shown)

    async def QueryMovement(self, request: pb.QueryMovementRequest, call: Call) -> pb.QueryMovementResponse:
        self._asker(call, ())
        found = await self.find(request.mrn, Side.DEPARTURE, "")
        shown = self.visibility.shown_movement(shown_movements.all_of(movement_message(found)), request.role)
        if shown is None:
            raise NotFound("movement", request.mrn)
        return pb.QueryMovementResponse(movement=shown)

    async def DescribeDistrict(self, request: pb.DescribeDistrictRequest, call: Call) -> pb.DescribeDistrictResponse:
        self._asker(call, ())
        bundle = self.bundle.current()
        return pb.DescribeDistrictResponse(
            district=self.own.district,
            customs_district_code=self.own.code,
            contract_versions=self.own.contract_versions,
            gateway_version=self.own.gateway_version,
            bundle_version=bundle.version if bundle else 0,
            answer_time=timestamp(self.context().now),
        )

    async def GetTrustBundle(self, request: pb.GetTrustBundleRequest, call: Call) -> pb.GetTrustBundleResponse:
        self._asker(call, ())
        bundle = self.bundle.current()
        if bundle is None:
            raise NotFound("trust_bundle", self.own.district)
        return pb.GetTrustBundleResponse(bundle=SignedTrustBundle.FromString(bundle.signed))

    async def GetHeadSheets(self, request: pb.GetHeadSheetsRequest, call: Call) -> pb.GetHeadSheetsResponse:
        partner = self._asker(call, ())
        sheets = await self.database.read(newest_sheets)
        kept = await self.database.read(sheets_kept_for, partner)
        known = await self.database.read(certificates)
        used = {each.key_id for each in sheets} | {signer_of(each.sheet) for each in kept}
        signed = [certificate_message(known[key_id]) for key_id in sorted(used & known.keys())]
        return pb.GetHeadSheetsResponse(
            sheets=map(sheet_message, sheets), certificates=signed, kept=map(sheet_message, kept)
        )

    async def TellUnavailability(
        self, request: pb.TellUnavailabilityRequest, call: Call
    ) -> pb.TellUnavailabilityResponse:
        partner = self._asker(call, ())
        notices = {each.id: read_notice(each) for each in request.notices}
        heard = (partner, request.revision, tuple(notices.values()))
        return pb.TellUnavailabilityResponse(revision=await self.database.write(hear, *heard, self.context()))

    async def FetchBulletins(self, request: pb.FetchBulletinsRequest, call: Call) -> pb.FetchBulletinsResponse:
        self._asker(call, ())
        found, newest = await self.database.read(followed, request.position, self.own.district)
        position = found[-1].position if found else request.position
        told = [write_bulletin(each, newest[each.number]) for each in found]
        return pb.FetchBulletinsResponse(bulletins=told, position=position)

    async def HoldGuarantees(self, request: pb.HoldGuaranteesRequest, call: Call) -> pb.HoldGuaranteesResponse:
        asker = self._asker(call, [each.key for each in request.holds])
        asked = customs.HoldGuaranteesRequest(holds=request.holds, asking_district=asker)
        answer = await self._passed(call, asked, customs.HoldGuaranteesResponse)
        return pb.HoldGuaranteesResponse(answers=answer.answers)

    async def ConfirmGuarantees(self, request: pb.ConfirmGuaranteesRequest, call: Call) -> pb.ConfirmGuaranteesResponse:
        asker = self._asker(call, request.keys)
        asked = customs.ConfirmGuaranteesRequest(keys=request.keys, asking_district=asker)
        answer = await self._passed(call, asked, customs.ConfirmGuaranteesResponse)
        return pb.ConfirmGuaranteesResponse(answers=answer.answers)

    async def CancelGuarantees(self, request: pb.CancelGuaranteesRequest, call: Call) -> pb.CancelGuaranteesResponse:
        asker = self._asker(call, request.keys)
        asked = customs.CancelGuaranteesRequest(keys=request.keys, asking_district=asker)
        answer = await self._passed(call, asked, customs.CancelGuaranteesResponse)
        return pb.CancelGuaranteesResponse(answers=answer.answers)

    async def CreditGuarantees(self, request: pb.CreditGuaranteesRequest, call: Call) -> pb.CreditGuaranteesResponse:
        asker = self._asker(call, [each.key for each in request.credits])
        asked = customs.CreditGuaranteesRequest(credits=request.credits, asking_district=asker)
        answer = await self._passed(call, asked, customs.CreditGuaranteesResponse)
        return pb.CreditGuaranteesResponse(answers=answer.answers)

    async def ClaimGuarantees(self, request: pb.ClaimGuaranteesRequest, call: Call) -> pb.ClaimGuaranteesResponse:
        asker = self._asker(call, [each.key for each in request.claims])
        asked = customs.ClaimGuaranteesRequest(claims=request.claims, asking_district=asker)
        answer = await self._passed(call, asked, customs.ClaimGuaranteesResponse)
        return pb.ClaimGuaranteesResponse(answers=answer.answers)

    async def GetGuaranteeUse(self, request: pb.GetGuaranteeUseRequest, call: Call) -> pb.GetGuaranteeUseResponse:
        asker = self._asker(call, [request.key])
        asked = customs.GetGuaranteeUseRequest(key=request.key, asking_district=asker)
        answer = await self._passed(call, asked, customs.GetGuaranteeUseResponse)
        return pb.GetGuaranteeUseResponse(use=answer.use)

    async def DeliverTransfers(self, request: pb.DeliverTransfersRequest, call: Call) -> pb.DeliverTransfersResponse:
        self._asker(call, ())
        for each in request.packages:
            if each.transfer.origin_district != call.identity.district:
                raise DistrictMismatch(each.transfer.number, call.identity.district)
        if self.keeper is None:
            raise StateForbids("NO_KEEPER", "DeliverTransfers")
        asked = inspection.ReceiveTransfersRequest(
            # No other partner's.
            request_id=request_id_about("transfers of", call.identity.district, request.request_id),
            packages=request.packages,
        )
        seconds = min(call.remaining(), self.budget_seconds)
        method, answer = f"{EXCHANGE}/ReceiveTransfers", inspection.ReceiveTransfersResponse
        received = await self.keeper.unary(method, asked, answer, timeout_seconds=seconds)
        return pb.DeliverTransfersResponse(count=len(received.transfers))

    async def DeliverMovements(self, request: pb.DeliverMovementsRequest, call: Call) -> pb.DeliverMovementsResponse:
        return await self.mailroom.take(request, self._asker(call, ()))

    async def RequestVerifications(
        self, request: pb.RequestVerificationsRequest, call: Call
    ) -> pb.RequestVerificationsResponse:
        return await self.port.request(request, self._asker(call, ()), self.codes[call.identity.trust_domain], call)

    async def WithdrawVerification(
        self, request: pb.WithdrawVerificationRequest, call: Call
    ) -> pb.WithdrawVerificationResponse:
        home = self._asker(call, ())
        if district_code(request.clearance_number) != self.codes[call.identity.trust_domain]:
            raise DistrictMismatch(request.clearance_number, home)
        return await self.port.withdraw(request, home, call)

    async def RecordHomeOrders(self, request: pb.RecordHomeOrdersRequest, call: Call) -> pb.RecordHomeOrdersResponse:
        return await self.port.orders(request, self._asker(call, ()), self.codes[call.identity.trust_domain])

    async def FollowVerifications(
        self, request: pb.FollowVerificationsRequest, call: Call
    ) -> AsyncIterator[pb.FollowVerificationsResponse]:
        async for part in self.port.follow(request, self._asker(call, ()), call):
            yield part

    async def FollowVerifiedExits(
        self, request: pb.FollowVerifiedExitsRequest, call: Call
    ) -> AsyncIterator[pb.FollowVerifiedExitsResponse]:
        async for part in self.port.exits(request, self._asker(call, ()), call):
            yield part

    def _asker(self, call: Call, keys: Iterable[GuaranteeUseKey]) -> str:
        """The district of the partner that calls. Its gateway may name clearances of its own district and no other."""
        code = self.codes.get(call.identity.trust_domain)
        if code is None or call.identity.path != GATEWAY:
            raise CallerNotListed(call.identity, call.method)
        for key in keys:
            if district_code(key.clearance_number) != code:
                raise DistrictMismatch(key.clearance_number, call.identity.district)
        return call.identity.district

    async def _passed(self, call: Call, asked: Message, answer: type[Response]) -> Response:
        name = call.method.rpartition("/")[2]
        if self.ledger is None:
            raise StateForbids("NO_LEDGER", name)
        seconds = min(call.remaining(), self.budget_seconds)
        return await self.ledger.unary(f"{CUSTOMS.service}/{name}", asked, answer, timeout_seconds=seconds)


def district_service(servicer: DistrictServicer) -> Service:
    """The service, for partners' gateways and nobody else."""
    callers = [f"spiffe://{domain}/{GATEWAY}" for domain in servicer.codes]
    return Service(servicer, pb.DESCRIPTOR.services_by_name["DistrictService"], callers, for_partners=True)
