"""One agency over a transport (operations.ports.AgencyPort)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from agencykit.refusals import Refusal
from agencykit.rpc.transport import Transport, Unreachable, Written
from agencykit.runtime import Clock
from agencykit.telemetry import span_name
from clearance.agency.v1.agency_service_pb2 import (
    AssessConsignmentsResponse,
    AssessmentAnswer,
    FollowDecisionsResponse,
    RecordOutcomesRequest,
    RecordOutcomesResponse,
    WithdrawConsignmentResponse,
)
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal, SignedDecision, SignedOrder
from gateway.domain.examination import CalledOff
from gateway.domain.head import LogHead
from gateway.domain.identifiers import Micros
from gateway.operations.ports import (
    Agreement,
    AssessItem,
    CallFailed,
    FeedEntry,
    FeedPart,
    ItemRefused,
    Place,
    Reply,
    Stretch,
    WithdrawItem,
)
from gateway.rpc.answers import failed, item_error, proved, refused
from gateway.rpc.evidence import Evidence, Flaw
from gateway.rpc.keys import OwnKeys
from gateway.rpc.proofs import heads_told
from gateway.rpc.requests import (
    assess_request,
    assurance_request,
    called_off_request,
    follow_request,
    outcomes_request,
    withdraw_request,
)
from gateway.rpc.streams import stream_parts
from gateway.rpc.times import micros
from gateway.storage.decisions import Received
from gateway.storage.outcomes import Outcome

SERVICE = "/clearance.agency.v1.AgencyService"


@dataclass(slots=True)
class TransportAgency:
    """Calls one agency and proves that what it answers is its own decision on the very item."""

    transport: Transport
    evidence: Evidence
    clock: Clock
    # By which the gateway signs orders, and who asks; their certificates are told to the agency.
    keys: OwnKeys
    # What time it is in the district, in seconds since 1970; and who hears what time it is there, and how long it took.
    middle: Callable[[], float]
    heard: Callable[[float, float], None]
    # Hears what the agency holds of what this gateway signed.
    shown: Callable[[SignedOrder], Awaitable[None]]
    _seal: tuple[bytes, BatchSeal] = field(default_factory=lambda: (b"", BatchSeal()))

    async def assess(
        self, items: Sequence[AssessItem], recorded: Sequence[Stretch], budget_seconds: float, trace: str
    ) -> Reply:
        """See AgencyPort."""
        name = span_name(trace)
        try:
            response = await self.transport.unary(
                f"{SERVICE}/AssessConsignments",
                assess_request(items, recorded, self.keys.known),
                AssessConsignmentsResponse,
                timeout_seconds=budget_seconds,
                trace=name.context if name else None,
            )
        except (Refusal, Unreachable) as error:
            raise failed(error) from error
        # Each look at the list would make the answers' objects anew.
        answers = list(response.answers)
        if [answer.request_id for answer in answers] != [item.request_id for item in items]:
            raise CallFailed("GARBLED", item_suspected=True)
        duration = response.work_duration
        return Reply(await self._answers(items, answers), duration.seconds + duration.nanos / 1e9)

    async def _answers(
        self, items: Sequence[AssessItem], answers: Sequence[AssessmentAnswer]
    ) -> list[Received | ItemRefused]:
        """Errors as they are; decisions verified together, off the event loop."""
        decisions = [answer.decision if answer.HasField("decision") else None for answer in answers]
        checked = iter(await self.evidence.check([each for each in decisions if each is not None]))
        return [
            item_error(answer.error) if decision is None else proved(item, next(checked))
            for item, answer, decision in zip(items, answers, decisions, strict=True)
        ]

    async def withdraw(self, item: WithdrawItem, budget_seconds: float) -> Agreement | ItemRefused:
        """See AgencyPort."""
        request, method = withdraw_request(item, self.keys.known), f"{SERVICE}/WithdrawConsignment"
        try:
            await self.transport.unary(method, request, WithdrawConsignmentResponse, timeout_seconds=budget_seconds)
        except Refusal as refusal:
            if refusal.reason == "WITHDRAWAL_REFUSED":
                return Agreement(refusal.metadata.get("rule_id") or "unnamed")
            failure = failed(refusal)
            if not failure.item_suspected:
                raise failure from refusal
            return refused(refusal)
        except Unreachable as error:
            raise failed(error) from error
        return Agreement()

    async def tell(self, agency: str, outcomes: Sequence[Outcome], budget_seconds: float) -> None:
        """See AgencyPort."""
        await self._record(outcomes_request(agency, outcomes), budget_seconds)

    async def call_off(self, agency: str, called_off: Sequence[CalledOff], budget_seconds: float) -> None:
        """See AgencyPort."""
        await self._record(called_off_request(agency, called_off), budget_seconds)

    async def assure(
        self, complete_time: Micros, receipted: Micros | None, budget_seconds: float
    ) -> Sequence[LogHead] | None:
        """See AgencyPort."""
        certificates = await self.keys.certificates()
        request = assurance_request(complete_time, receipted, certificates, round(self.middle() * 1e6))
        asked = self.clock.monotonic()
        told = await self._record(request, budget_seconds)
        if told.HasField("answer_time"):
            self.heard(micros(told.answer_time) / 1e6, self.clock.monotonic() - asked)
        if told.HasField("newest_order"):
            await self.shown(told.newest_order)
        return heads_told(told.heads)

    async def show(self, budget_seconds: float) -> None:
        """See AgencyPort."""
        told = await self._record(RecordOutcomesRequest(), budget_seconds)
        if told.HasField("newest_order"):
            await self.shown(told.newest_order)

    async def _record(self, request: Written | RecordOutcomesRequest, budget_seconds: float) -> RecordOutcomesResponse:
        method = f"{SERVICE}/RecordOutcomes"
        try:
            return await self.transport.unary(method, request, RecordOutcomesResponse, timeout_seconds=budget_seconds)
        except (Refusal, Unreachable) as error:
            raise failed(error) from error

    async def follow(self, positions: Mapping[str, int]) -> AsyncGenerator[FeedPart, None]:
        """See AgencyPort. Silence beyond an agency's sign of life is a failure."""
        method, request = f"{SERVICE}/FollowDecisions", follow_request(positions)
        stream = stream_parts(self.transport, self.clock, method, request, FollowDecisionsResponse)
        async with aclosing(stream) as parts:
            async for part in parts:
                yield self._part(part)

    def _part(self, part: FollowDecisionsResponse) -> FeedPart:
        entries = [FeedEntry(self._place(signed), signed) for signed in part.decisions]
        return FeedPart(entries, {position.log: position.sequence for position in part.positions})

    def _place(self, signed: SignedDecision) -> Place:
        """Where it says it stands; proved only by `verify`. Many entries share one seal."""
        if self._seal[0] != signed.seal:
            self._seal = (signed.seal, BatchSeal.FromString(signed.seal))
        seal = self._seal[1]
        return seal.log, seal.first_sequence + signed.proof.index

    def number(self, entry: FeedEntry) -> str:
        """See AgencyPort. Bytes that are no decision name no case; `verify` finds them out."""
        try:
            return Decision.FromString(entry.signed.decision).clearance_number
        except DecodeError:
            return ""

    def content(self, entry: FeedEntry) -> bytes:
        """See AgencyPort."""
        content: bytes = entry.signed.SerializeToString()
        return content

    def entry(self, content: bytes) -> FeedEntry:
        """See AgencyPort."""
        signed = SignedDecision.FromString(content)
        return FeedEntry(self._place(signed), signed)

    async def verify(self, entries: Sequence[FeedEntry]) -> Sequence[Received | None]:
        """See AgencyPort."""
        checked = await self.evidence.check([entry.signed for entry in entries])
        if any(isinstance(each, Flaw) and each.of_seal for each in checked):
            raise CallFailed("UNTRUSTED")
        return [None if isinstance(each, Flaw) else each for each in checked]
