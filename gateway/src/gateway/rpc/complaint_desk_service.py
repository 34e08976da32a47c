"""ComplaintDeskService: officers assign, answer and arbitrate complaints (投诉)."""

from collections.abc import Callable
from dataclasses import dataclass

from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.gateway.v1 import complaint_pb2 as messages
from clearance.gateway.v1 import complaint_service_pb2 as pb
from gateway.domain.arbitration import Ruling
from gateway.domain.bulletin import PORT_OFFICE
from gateway.domain.complaint import Outcome
from gateway.operations.arbitrations import ARBITRATE, CONFIRM, WITHDRAW, arbitrate, confirm, withdraw_arbitration
from gateway.operations.complaint_views import one_complaint, page, reach
from gateway.operations.complaints import Act, act, answered
from gateway.operations.context import Context
from gateway.rpc.acting import Acting
from gateway.rpc.complaint_messages import complaint_message, read_measure
from gateway.rpc.complaint_service import Terms
from gateway.rpc.complaint_sight import answerers, handlers
from gateway.rpc.following import Following
from gateway.rpc.paging import from_token, to_token
from gateway.storage.complaints import Wanted

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class ComplaintDeskServicer:
    """Answers operators who act for somebody. `following` are those who hear of arbitrations."""

    database: Database
    context: Callable[[], Context]
    terms: Terms
    acting: Acting
    following: Following

    async def ListComplaints(self, request: pb.ListComplaintsRequest, call: Call) -> pb.ListComplaintsResponse:
        """A page of what is the caller's to see."""
        party = self.acting.party(call)
        agency = request.agency if party == PORT_OFFICE else party
        states = tuple(sorted({int(state) for state in request.states}))
        said = (party, request.agency, states, request.clearance_number, request.overdue)
        place = from_token(call.method, said, request.page_token) if request.page_token else []
        if request.agency not in ("", agency):
            return pb.ListComplaintsResponse()
        size, now = request.page_size or PAGE_SIZE, self.context().legal_now
        wanted = Wanted(states, agency, request.clearance_number, now if request.overdue else None)
        found = await self.database.read(page, wanted, str(place[0]) if place else "", size)
        token = to_token(call.method, said, found[-1].complaint.number) if len(found) == size else ""
        told = [complaint_message(each, to_officer=True) for each in found]
        return pb.ListComplaintsResponse(complaints=told, next_page_token=token)

    async def GetComplaintContact(
        self, request: pb.GetComplaintContactRequest, call: Call
    ) -> pb.GetComplaintContactResponse:
        """How whoever complains can be reached."""
        may = handlers(self.acting.party(call))
        found = await self.database.write(reach, request.number, str(call.identity), may, self.context())
        contact = messages.ComplaintContact(name=found.name, address=found.address)
        return pb.GetComplaintContactResponse(contact=contact)

    async def AssignComplaint(self, request: pb.AssignComplaintRequest, call: Call) -> pb.AssignComplaintResponse:
        """Whose it is."""
        who, agency, context = self.acting.port_office.check(call), request.agency, self.context()
        if agency != PORT_OFFICE and agency not in self.terms.agencies:
            raise FormInvalid([Violation("agency", "complaint.agency", "is no agency of this district", "string")])
        done = Act(request.request_id, who, request.number, "AssignComplaint", (agency,))
        may, now = handlers(PORT_OFFICE), context.now
        await self.database.write(act, done, may, lambda before: before.assigned(agency, now), context)
        return pb.AssignComplaintResponse(complaint=await self._told(request.number))

    async def AnswerComplaint(self, request: pb.AnswerComplaintRequest, call: Call) -> pb.AnswerComplaintResponse:
        """Answered."""
        party, context = self.acting.party(call), self.context()
        outcome, paragraphs = Outcome(request.outcome), tuple(request.paragraphs)
        said = (int(outcome), *paragraphs)
        done = Act(request.request_id, str(call.identity), request.number, "AnswerComplaint", said)
        change = answered(done, party, outcome, paragraphs, context.now, self.terms.rules)
        await self.database.write(act, done, answerers(party), change, context)
        return pb.AnswerComplaintResponse(complaint=await self._told(request.number))

    async def ArbitrateComplaint(
        self, request: pb.ArbitrateComplaintRequest, call: Call
    ) -> pb.ArbitrateComplaintResponse:
        """Proposed, or decided."""
        who = self.acting.port_office.check(call)
        wrong = [place for place, each in enumerate(request.measures) if each.agency not in self.terms.agencies]
        if wrong:
            said = "is no agency of this district"
            paths = [f"measures[{place}].agency" for place in wrong]
            raise FormInvalid([Violation(path, "measure.agency", said, "string") for path in paths])
        ruling, reasons = Ruling(request.outcome), tuple(request.reasons)
        measures = tuple(read_measure(each) for each in request.measures)
        words = [int(ruling), reasons, [[each.agency, int(each.kind), each.text, each.due_time] for each in measures]]
        done = Act(request.request_id, who, request.number, ARBITRATE, words)
        await self.database.write(arbitrate, done, ruling, reasons, measures, self.context())
        return pb.ArbitrateComplaintResponse(complaint=await self._decided(request.number))

    async def ConfirmArbitration(
        self, request: pb.ConfirmArbitrationRequest, call: Call
    ) -> pb.ConfirmArbitrationResponse:
        """Decided."""
        who = self.acting.port_office.check(call)
        done = Act(request.request_id, who, request.number, CONFIRM, (request.serial,))
        await self.database.write(confirm, done, request.serial, self.context())
        return pb.ConfirmArbitrationResponse(complaint=await self._decided(request.number))

    async def WithdrawArbitration(
        self, request: pb.WithdrawArbitrationRequest, call: Call
    ) -> pb.WithdrawArbitrationResponse:
        """Its proposal taken back."""
        done = Act(request.request_id, self.acting.port_office.check(call), request.number, WITHDRAW, ())
        await self.database.write(withdraw_arbitration, done, self.context())
        return pb.WithdrawArbitrationResponse(complaint=await self._told(request.number))

    async def _decided(self, number: str) -> messages.Complaint:
        self.following.notify()
        return await self._told(number)

    async def _told(self, number: str) -> messages.Complaint:
        return complaint_message(await self.database.read(one_complaint, number), to_officer=True)
