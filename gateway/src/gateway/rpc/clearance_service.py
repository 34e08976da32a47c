"""ClearanceService: the public face of the district. A broker sees its own cases; operators and the console see all."""

from collections.abc import AsyncIterator, Sequence

from agencykit.evidence.wire import field
from agencykit.refusals import CallerNotListed, FormInvalid, Refusal, Violation, to_status
from agencykit.rpc.call import Call
from agencykit.rpc.transport import Written
from agencykit.rpc.validation import validate_items
from clearance.gateway.v1.clearance_service_pb2 import (
    AmendClearanceRequest,
    AmendClearanceResponse,
    BatchSubmitClearancesRequest,
    DescribeCommitmentsRequest,
    DescribeCommitmentsResponse,
    GetClearanceRequest,
    GetClearanceResponse,
    GetEvidenceRequest,
    GetEvidenceResponse,
    ListClearancesRequest,
    ListClearancesResponse,
    SubmissionAnswer,
    SubmitClearanceRequest,
    WatchClearancesRequest,
    WatchClearancesResponse,
    WithdrawClearanceRequest,
    WithdrawClearanceResponse,
)
from gateway.operations.accept import Submission
from gateway.operations.desk import Desk
from gateway.operations.questions import Root
from gateway.operations.views import View
from gateway.rpc.commitments import published
from gateway.rpc.failures import Failures
from gateway.rpc.outside_cases import OutsideCases
from gateway.rpc.paging import from_token, to_token
from gateway.rpc.proofs import Exhibits
from gateway.rpc.reading import Reader, wish
from gateway.rpc.sight import BROKER, broker_of, confined_to
from gateway.rpc.times import micros
from gateway.rpc.writing import Detail, clearance, written_clearance
from gateway.storage.listing import Filter

PAGE_SIZE = 100
_LIST, _WATCH = "ListClearances", "WatchClearances"


class ClearanceServicer:
    """Answers brokers, operators and the console."""

    def __init__(
        self,
        desk: Desk,
        reader: Reader,
        failures: Failures,
        trust_domain: str,
        outside: OutsideCases,
        exhibits: Exhibits,
    ) -> None:
        self._desk, self._reader, self._failures, self._outside = desk, reader, failures, outside
        self._exhibits = exhibits
        self._commitments, self._trust_domain = reader.commitments, trust_domain

    async def SubmitClearance(self, request: SubmitClearanceRequest, call: Call) -> Written:
        """One submission, answered when no agency it needs is still to answer, or when the deadline nears."""
        submission = self._reader.submission(request, call, alone=True)
        (answer,) = await self._desk.submit([submission], call.deadline)
        if isinstance(answer, Exception):
            raise answer
        return Written(field(1, written_clearance(answer, Detail.ANSWERED)))

    async def BatchSubmitClearances(self, request: BatchSubmitClearancesRequest, call: Call) -> Written:
        """Several submissions; each is refused or answered by itself."""
        read = self._read_all(request.requests, call)
        taken = [each for each in read if not isinstance(each, Refusal)]
        views = iter(await self._submit(taken, call))
        answers = [each if isinstance(each, Refusal) else next(views) for each in read]
        return Written(b"".join([field(1, self._written(answer)) for answer in answers]))

    async def _submit(self, taken: Sequence[tuple[Submission, Root]], call: Call) -> Sequence[View | Exception]:
        """Each is answered by itself, also where the queue takes none of them."""
        try:
            return await self._desk.submit(taken, call.deadline) if taken else []
        except Refusal as refusal:
            return [refusal] * len(taken)

    def _read_all(
        self, requests: Sequence[SubmitClearanceRequest], call: Call
    ) -> list[tuple[Submission, Root] | Refusal]:
        read: list[tuple[Submission, Root] | Refusal] = []
        for request, invalid in zip(requests, validate_items(requests), strict=True):
            try:
                read.append(invalid or self._reader.submission(request, call, alone=False))
            except Refusal as refusal:
                read.append(refusal)
        return read

    def _written(self, answer: View | Exception) -> bytes:
        """A SubmissionAnswer in wire form."""
        if isinstance(answer, View):
            return field(1, written_clearance(answer, Detail.ANSWERED))
        refusal = answer if isinstance(answer, Refusal) else self._failures.internal(answer)
        return SubmissionAnswer(error=to_status(refusal)).SerializeToString()

    async def GetClearance(self, request: GetClearanceRequest, call: Call) -> GetClearanceResponse:
        """One clearance, whole, or as a partner shows its own; by its number, or by the calling broker's reference."""
        broker = confined_to(call)
        if not request.number and not (request.reference and broker):
            message = "a number, or a broker's own reference, is needed"
            raise FormInvalid([Violation("number", "clearance.named", message, "string")])
        # What a partner declared and is verified here is known here too.
        if self._outside.district_of(request.number) and not await self._known(request.number, broker):
            return GetClearanceResponse(
                clearance=await self._outside.get(request.number, call.identity, call.remaining())
            )
        view = await self._desk.read(request.number, broker, request.reference)
        return GetClearanceResponse(clearance=clearance(view, Detail.WHOLE))

    async def _known(self, number: str, broker: str) -> bool:
        view = None if broker else await self._desk.find(number)
        return view is not None

    async def GetEvidence(self, request: GetEvidenceRequest, call: Call) -> GetEvidenceResponse:
        """What proves it, to whom it may be shown."""
        return GetEvidenceResponse(evidence=await self._exhibits.of(request.number, confined_to(call)))

    async def ListClearances(self, request: ListClearancesRequest, call: Call) -> ListClearancesResponse:
        """A page, newest first, of what the caller may see."""
        wanted = Filter(
            broker=self._broker(request.broker_licence, call),
            states=tuple(sorted({int(state) for state in request.states})),
            waiting_party=request.waiting_party,
            key=request.key_id,
            created_from=micros(request.created_after_time) if request.HasField("created_after_time") else None,
        )
        method = f"{_LIST}.overdue" if request.overdue else _LIST
        place = from_token(method, wanted, request.page_token) if request.page_token else []
        after = (int(place[0]), str(place[1])) if len(place) == 2 else None
        size = request.page_size or PAGE_SIZE
        if request.overdue:
            page = await self._desk.overdue(wanted, after, size)
        else:
            page = await self._desk.page(wanted, after, size, clocks=request.with_clock)
        token = to_token(method, wanted, *page.next_key) if page.next_key else ""
        return ListClearancesResponse(
            clearances=[clearance(view, Detail.LISTED) for view in page.views], next_page_token=token
        )

    async def WatchClearances(
        self, request: WatchClearancesRequest, call: Call
    ) -> AsyncIterator[WatchClearancesResponse]:
        """Clearances as they change, from the token's place or from now on, until the caller's deadline."""
        wanted = Filter(broker=confined_to(call), numbers=tuple(sorted(set(request.numbers))))
        place = from_token(_WATCH, wanted, request.resume_token) if request.resume_token else []
        after = int(place[0]) if place else None
        async for changes in self._desk.watch(wanted, after, call.deadline):
            yield WatchClearancesResponse(
                clearances=[clearance(view, Detail.LISTED) for view in changes.views],
                resume_token=to_token(_WATCH, wanted, changes.reached),
            )

    async def AmendClearance(self, request: AmendClearanceRequest, call: Call) -> AmendClearanceResponse:
        """A new version, put before all agencies."""
        view = await self._desk.amend(self._reader.amendment(request, call), call.deadline)
        return AmendClearanceResponse(clearance=clearance(view, Detail.ANSWERED))

    async def WithdrawClearance(self, request: WithdrawClearanceRequest, call: Call) -> WithdrawClearanceResponse:
        """A withdrawal, put before all agencies."""
        broker_of(call)
        view = await self._desk.withdraw(wish(request, call), call.deadline)
        return WithdrawClearanceResponse(clearance=clearance(view, Detail.ANSWERED))

    async def DescribeCommitments(self, request: DescribeCommitmentsRequest, call: Call) -> DescribeCommitmentsResponse:
        """What is promised, as the file says."""
        return DescribeCommitmentsResponse(
            commitments=published(self._commitments, self._desk.context().policy.deadlines)
        )

    def _broker(self, licence: str, call: Call) -> str:
        """The broker a list is about. A broker that names another's licence finds nothing of it: CallerNotListed."""
        own = confined_to(call)
        if own and licence not in ("", call.identity.name):
            raise CallerNotListed(call.identity, call.method)
        return own or (f"spiffe://{self._trust_domain}/{BROKER}/{licence}" if licence else "")
