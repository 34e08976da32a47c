"""ComplaintService: whoever complains (投诉) files, accepts, escalates, takes back; everybody reads figures."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.gateway.v1 import complaint_pb2 as messages
from clearance.gateway.v1 import complaint_service_pb2 as pb
from gateway.domain.bulletin import PORT_OFFICE
from gateway.domain.complaint import Channel, Complaint, Rules
from gateway.operations.complaint_views import one_complaint
from gateway.operations.complaints import Act, Filing, act, file_complaint
from gateway.operations.context import Context
from gateway.rpc.acting import Acting
from gateway.rpc.complaint_messages import complaint_message, figures_message, kind_message
from gateway.rpc.complaint_sight import CONSOLE, digest_of, filers, handled_by, handlers, is_filers
from gateway.rpc.sight import confined_to, is_person
from gateway.storage.complaints import Contact, figures_since

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Terms:
    """What of the district decides how complaints are taken."""

    rules: Rules
    code: str
    agencies: Collection[str]
    # How many one caller may file in a day.
    most: int
    most_public: int


@dataclass(frozen=True, slots=True)
class ComplaintServicer:
    """Answers brokers, operators and the console."""

    database: Database
    context: Callable[[], Context]
    terms: Terms
    acting: Acting

    async def FileComplaint(self, request: pb.FileComplaintRequest, call: Call) -> pb.FileComplaintResponse:
        """Filed, and acknowledged by its number."""
        channel = self._channel(call)
        self._check(request, channel)
        contact = Contact(request.contact.name, request.contact.address)
        filing = Filing(
            *(request.request_id, str(call.identity), channel, request.kind_id, request.agency),
            *(request.clearance_number, tuple(request.paragraphs)),
            contact if contact.name or contact.address else None,
            digest_of(request.token),
            call.trace.trace_id if call.trace else "",
            confined_to(call),
        )
        terms = self.terms
        most = terms.most_public if channel is Channel.PUBLIC else terms.most
        about = (terms.rules, terms.code, terms.agencies, most)
        made = await self.database.write(file_complaint, filing, self.context(), *about)
        return pb.FileComplaintResponse(complaint=await self._told(made.number))

    async def GetComplaint(self, request: pb.GetComplaintRequest, call: Call) -> pb.GetComplaintResponse:
        """To whoever complains, or to an officer whose it is."""
        party = self.acting.party(call) if is_person(call) else ""
        view = await self.database.read(one_complaint, request.number)
        is_officers = bool(party) and handled_by(party, view.complaint)
        if not is_officers and not is_filers(call, request.token, view.complaint):
            handlers("")(view.complaint)
        return pb.GetComplaintResponse(complaint=complaint_message(view, to_officer=is_officers))

    async def AcceptAnswer(self, request: pb.AcceptAnswerRequest, call: Call) -> pb.AcceptAnswerResponse:
        """Accepted."""
        now = self.context().now
        told = await self._act("AcceptAnswer", request, call, (), lambda before: before.accepted(now))
        return pb.AcceptAnswerResponse(complaint=told)

    async def EscalateComplaint(self, request: pb.EscalateComplaintRequest, call: Call) -> pb.EscalateComplaintResponse:
        """Before the port office."""
        said, now, rules = tuple(request.paragraphs), self.context().now, self.terms.rules
        told = await self._act("EscalateComplaint", request, call, said, lambda c: c.contested(said, now, rules))
        return pb.EscalateComplaintResponse(complaint=told)

    async def WithdrawComplaint(self, request: pb.WithdrawComplaintRequest, call: Call) -> pb.WithdrawComplaintResponse:
        """Taken back."""
        now = self.context().now
        told = await self._act("WithdrawComplaint", request, call, (), lambda before: before.withdrawn(now))
        return pb.WithdrawComplaintResponse(complaint=told)

    async def DescribeComplaints(
        self, request: pb.DescribeComplaintsRequest, call: Call
    ) -> pb.DescribeComplaintsResponse:
        """The table."""
        rules = self.terms.rules
        kinds = [kind_message(each) for each in rules.kinds.values()]
        return pb.DescribeComplaintsResponse(kinds=kinds, version=rules.version, contest_days=rules.contest_days)

    async def ReportComplaints(self, request: pb.ReportComplaintsRequest, call: Call) -> pb.ReportComplaintsResponse:
        """Figures, by month, kind and agency."""
        context = self.context()
        first = _months_before(self.terms.rules.time.month(context.now), (request.months or MONTHS) - 1)
        found = await self.database.read(figures_since, first, context.legal_now)
        return pb.ReportComplaintsResponse(figures=map(figures_message, found))

    async def _act(
        self,
        event: str,
        request: pb.AcceptAnswerRequest | pb.EscalateComplaintRequest | pb.WithdrawComplaintRequest,
        call: Call,
        said: tuple[str, ...],
        change: Callable[[Complaint], Complaint | None],
    ) -> messages.Complaint:
        if is_person(call):
            self.acting.party(call)
        digest = digest_of(request.token).hex()
        done = Act(request.request_id, str(call.identity), request.number, event, (digest, *said))
        made = await self.database.write(act, done, filers(call, request.token), change, self.context())
        return await self._told(made.number)

    async def _told(self, number: str) -> messages.Complaint:
        return complaint_message(await self.database.read(one_complaint, number), to_officer=False)

    def _channel(self, call: Call) -> Channel:
        """How it comes; an officer enters what comes by telephone or letter."""
        if call.identity.path == CONSOLE:
            return Channel.PUBLIC
        if is_person(call):
            self.acting.port_office.check(call)
            return Channel.OFFICE
        return Channel.BROKER

    def _check(self, request: pb.FileComplaintRequest, channel: Channel) -> None:
        broken = []
        if request.kind_id not in self.terms.rules.kinds:
            said = f"must be one of {', '.join(sorted(self.terms.rules.kinds))}"
            broken.append(Violation("kind_id", "complaint.kind", said, "string"))
        if request.agency not in ("", PORT_OFFICE, *self.terms.agencies):
            broken.append(Violation("agency", "complaint.agency", "is no agency of this district", "string"))
        if channel is not Channel.BROKER and not request.token:
            broken.append(Violation("token", "complaint.token", "must be made where nobody's certificate is", "string"))
        if broken:
            raise FormInvalid(broken)


def _months_before(month: str, count: int) -> str:
    """`2003-12` is two months before `2004-02`."""
    year, number = map(int, month.split("-"))
    whole = year * 12 + number - 1 - count
    return f"{whole // 12:04}-{whole % 12 + 1:02}"
