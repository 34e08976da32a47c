"""TransitService: brokers declare movements, customs' operators decide on them."""

from dataclasses import dataclass

from agencykit.refusals import CallerNotListed, NotFound
from agencykit.rpc.call import Call
from clearance.gateway.v1 import transit_service_pb2 as pb
from gateway.domain.transit.states import BEFORE_RELEASE, Event, Side
from gateway.operations.ledger import Named
from gateway.operations.transit.reading import MovementView
from gateway.operations.transit.transits import Transits
from gateway.rpc.guarantee_release_service import AbsenceOf
from gateway.rpc.outside_cases import OutsideCases
from gateway.rpc.paging import from_token, to_token
from gateway.rpc.sight import broker_of, confined_to
from gateway.rpc.transit_reading import (
    TransitReader,
    departure_of,
    enquiry_of,
    incident_of,
    listing_of,
    remarks_of,
)
from gateway.rpc.transit_writing import movement_message

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class TransitServicer:
    """`officers` are the operators who decide."""

    transits: Transits
    reader: TransitReader
    officers: tuple[str, ...]
    # Movements that began elsewhere and do not come here.
    outside: OutsideCases
    absence: AbsenceOf

    async def DeclareMovement(self, request: pb.DeclareMovementRequest, call: Call) -> pb.DeclareMovementResponse:
        declared = self.reader.declared(request, broker_of(call), call)
        named = [Named(each.grn, each.access_code) for each in request.guarantees]
        return pb.DeclareMovementResponse(movement=_told(await self.transits.declare(declared, named)))

    async def PresentGoods(self, request: pb.PresentGoodsRequest, call: Call) -> pb.PresentGoodsResponse:
        broker = broker_of(call)
        found = await self.transits.find(request.lrn, Side.DEPARTURE, broker)
        act = self.reader.act(request, call, found.movement.mrn, Event.PRESENT, declarant=broker)
        return pb.PresentGoodsResponse(movement=_told(await self.transits.act(act)))

    async def AmendGuarantee(self, request: pb.AmendGuaranteeRequest, call: Call) -> pb.AmendGuaranteeResponse:
        amended = self.reader.amended(request, broker_of(call))
        named = [Named(each.grn, each.access_code) for each in request.guarantees]
        return pb.AmendGuaranteeResponse(movement=_told(await self.transits.amend(amended, named)))

    async def DecideDeparture(self, request: pb.DecideDepartureRequest, call: Call) -> pb.DecideDepartureResponse:
        event, terms = departure_of(request, self._officer(call), self.reader)
        act = self.reader.act(request, call, request.mrn, event, text=request.reason, departure=terms)
        return pb.DecideDepartureResponse(movement=_told(await self.transits.act(act)))

    async def CancelMovement(self, request: pb.CancelMovementRequest, call: Call) -> pb.CancelMovementResponse:
        """A broker before release, an officer also after it."""
        broker = confined_to(call)
        found = await self.transits.find(request.mrn, Side.DEPARTURE, broker)
        before = bool(broker) or found.movement.state in BEFORE_RELEASE
        if not broker:
            self._officer(call)
        event = Event.CANCEL if before else Event.INVALIDATE
        act = self.reader.act(request, call, request.mrn, event, text=request.reason, declarant=broker)
        return pb.CancelMovementResponse(movement=_told(await self.transits.act(act)))

    async def DivertMovement(self, request: pb.DivertMovementRequest, call: Call) -> pb.DivertMovementResponse:
        self._officer(call)
        there = self.reader.destination(request.office_code)
        act = self.reader.act(request, call, request.mrn, Event.DIVERT, destination=there)
        return pb.DivertMovementResponse(movement=_told(await self.transits.act(act)))

    async def ArriveMovement(self, request: pb.ArriveMovementRequest, call: Call) -> pb.ArriveMovementResponse:
        """The answer to a broker leaves out what is the declarant's."""
        whole = not confined_to(call)
        if whole:
            self._officer(call)
        found = await self.transits.act(self.reader.arrival(request, call))
        return pb.ArriveMovementResponse(movement=_told(found, whole=whole))

    async def ReportPassage(self, request: pb.ReportPassageRequest, call: Call) -> pb.ReportPassageResponse:
        self._officer(call)
        return pb.ReportPassageResponse(movement=_told(await self.transits.act(self.reader.passage(request, call))))

    async def PermitUnloading(self, request: pb.PermitUnloadingRequest, call: Call) -> pb.PermitUnloadingResponse:
        self._officer(call)
        act = self.reader.act(request, call, request.mrn, Event.PERMIT_UNLOADING, side=Side.DESTINATION)
        return pb.PermitUnloadingResponse(movement=_told(await self.transits.act(act)))

    async def RecordUnloading(self, request: pb.RecordUnloadingRequest, call: Call) -> pb.RecordUnloadingResponse:
        self._officer(call)
        event, remarks = remarks_of(request)
        act = self.reader.act(request, call, request.mrn, event, side=Side.DESTINATION, remarks=remarks)
        return pb.RecordUnloadingResponse(movement=_told(await self.transits.act(act)))

    async def ReportIncident(self, request: pb.ReportIncidentRequest, call: Call) -> pb.ReportIncidentResponse:
        """At the departure, if this is it; a broker reports on his own."""
        broker = confined_to(call)
        event, incident = incident_of(request)
        if not broker:
            self._officer(call)
        found = await self.transits.find(request.mrn, 0, broker)
        side = found.movement.side
        act = self.reader.act(request, call, request.mrn, event, side=side, declarant=broker, incident=incident)
        return pb.ReportIncidentResponse(movement=_told(await self.transits.act(act)))

    async def EnquireMovement(self, request: pb.EnquireMovementRequest, call: Call) -> pb.EnquireMovementResponse:
        self._officer(call)
        event, side = enquiry_of(request)
        text, suspected = request.text, request.fraud_suspected
        act = self.reader.act(request, call, request.mrn, event, side=side, text=text, fraud_suspected=suspected)
        return pb.EnquireMovementResponse(movement=_told(await self.transits.act(act)))

    async def DischargeMovement(self, request: pb.DischargeMovementRequest, call: Call) -> pb.DischargeMovementResponse:
        self._officer(call)
        act = self.reader.act(request, call, request.mrn, Event.SETTLE, text=request.reason)
        return pb.DischargeMovementResponse(movement=_told(await self.transits.act(act)))

    async def RequeueMovement(self, request: pb.RequeueMovementRequest, call: Call) -> pb.RequeueMovementResponse:
        self._officer(call)
        movement = await self.transits.requeue(request.mrn, str(call.identity))
        return pb.RequeueMovementResponse(movement=_told(movement))

    async def GetMovement(self, request: pb.GetMovementRequest, call: Call) -> pb.GetMovementResponse:
        broker = confined_to(call)
        try:
            found = await self.transits.find(request.reference, request.side, broker)
        except NotFound:
            elsewhere = request.side not in (pb.Movement.SIDE_UNSPECIFIED, pb.Movement.SIDE_DEPARTURE)
            if elsewhere or not self.outside.departure_of(request.reference):
                raise
            told = await self.outside.movement(request.reference, call.identity, call.remaining())
            return pb.GetMovementResponse(movement=told)
        answer, one = pb.GetMovementResponse(movement=_told(found)), found.movement
        if not one.ended and (absence := await self.absence(one.other)) is not None:
            answer.movement.other_absence.CopyFrom(absence)
        return answer

    async def ListMovements(self, request: pb.ListMovementsRequest, call: Call) -> pb.ListMovementsResponse:
        broker = confined_to(call)
        wanted, most = listing_of(request, broker), request.page_size or PAGE_SIZE
        if request.page_token:
            time, mrn, side = from_token(call.method, wanted, request.page_token)
            found = await self.transits.page(wanted._replace(before=(int(time), str(mrn), int(side))), most)
        else:
            found = await self.transits.page(wanted, most)
        last = found[-1].movement if len(found) == most else None
        token = to_token(call.method, wanted, last.create_time, last.mrn, int(last.side)) if last else ""
        return pb.ListMovementsResponse(movements=map(_told, found), next_page_token=token)

    def _officer(self, call: Call) -> str:
        if not any(call.identity.matches(pattern) for pattern in self.officers):
            raise CallerNotListed(call.identity, call.method)
        return str(call.identity)


def _told(view: MovementView, *, whole: bool = True) -> pb.Movement:
    return movement_message(view, whole=whole)
