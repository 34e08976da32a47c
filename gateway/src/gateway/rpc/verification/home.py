"""The way from a home to the port: a partner's gateway as an agency of the cases whose goods are verified there."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from google.protobuf.message import DecodeError, Message

from agencykit.refusals import Refusal
from agencykit.rpc.transport import Response, Transport, Unreachable
from agencykit.runtime import Clock, Executor
from agencykit.telemetry import span_name
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal, SignedDecision, SigningCertificate
from clearance.common.v1.originator_pb2 import SignedAssertion
from clearance.common.v1.trace_pb2 import TraceContext
from clearance.district.v1 import district_service_pb2 as pb
from clearance.district.v1.verification_pb2 import VerificationAnswer, VerificationItem
from gateway.domain.decision import YES
from gateway.domain.examination import CalledOff
from gateway.domain.exit import Exit
from gateway.domain.head import LogHead
from gateway.domain.identifiers import Micros
from gateway.domain.states import OutcomeKind
from gateway.operations.log import Log
from gateway.operations.ports import (
    Agreement,
    AssessItem,
    CallFailed,
    ExitPart,
    FeedEntry,
    FeedPart,
    ItemRefused,
    Reply,
    Stretch,
    WithdrawItem,
)
from gateway.rpc.answers import failed, item_error, refused
from gateway.rpc.guarantee_ledger import PARTNER
from gateway.rpc.keys import OwnKeys
from gateway.rpc.partner_gate import NotSpoken
from gateway.rpc.streams import stream_parts
from gateway.rpc.times import micros, timestamp
from gateway.rpc.verification.proofs import UNKNOWN, Proofs
from gateway.rpc.verification.speech import Speech, log_of
from gateway.storage.decisions import Received
from gateway.storage.outcomes import Outcome

# Why nothing is asked of a partner that is too old for it.
CONTRACT_VERSION = "CONTRACT_VERSION"
HOME_UNDECIDED = ItemRefused("HOME_UNDECIDED", transient=True)
Certificates = Callable[[], Awaitable[Sequence[SigningCertificate]]]


def method(name: str) -> str:
    """Of DistrictService."""
    return f"{PARTNER.service}/{name}"


@dataclass(slots=True)
class TransportVerifications:
    """See AgencyPort: what agencies do for all, a port does for what was declared at this home."""

    district: str
    home: str
    transport: Transport
    proofs: Proofs
    speech: Speech
    keys: OwnKeys
    log: Log
    # Of the own agencies that are asked at home.
    certificates: Certificates
    executor: Executor
    clock: Clock

    async def assess(
        self, items: Sequence[AssessItem], recorded: Sequence[Stretch], budget_seconds: float, trace: str
    ) -> Reply:
        """See AgencyPort. What somebody at home has taken back meanwhile is not asked for."""
        ready = [item for item in items if _agreed(item)]
        if not ready:
            return Reply([HOME_UNDECIDED] * len(items), 0.0)
        request = pb.RequestVerificationsRequest(
            items=[_item(item) for item in ready],
            signing_certificates=[*await self.keys.certificates(), *await self.certificates()],
        )
        answer = await self._called(
            "RequestVerifications", request, pb.RequestVerificationsResponse, budget_seconds, trace
        )
        if [each.request_id for each in answer.answers] != [item.request_id for item in ready]:
            raise CallFailed("GARBLED", item_suspected=True)
        proved = await self._proved(answer.answers, tuple(answer.signing_certificates))
        told = {item.number: _answer(item, one) for item, one in zip(ready, proved, strict=True)}
        return Reply([told.get(item.number, HOME_UNDECIDED) for item in items], 0.0)

    async def withdraw(self, item: WithdrawItem, budget_seconds: float) -> Agreement | ItemRefused:
        """See AgencyPort."""
        request = pb.WithdrawVerificationRequest(
            request_id=item.request_id,
            clearance_number=item.number,
            version=item.version,
            reason=item.reason,
            assertion=SignedAssertion.FromString(item.assertion),
            signing_certificates=await self.keys.certificates(),
        )
        called = self.transport.unary(
            method("WithdrawVerification"), request, pb.WithdrawVerificationResponse, timeout_seconds=budget_seconds
        )
        try:
            await called
        except Refusal as refusal:
            if refusal.reason == "WITHDRAWAL_REFUSED":
                return Agreement(refusal.metadata.get("rule_id") or "unnamed")
            return refused(refusal)
        except Unreachable as error:
            raise _failed(error) from error
        return Agreement()

    async def tell(self, agency: str, outcomes: Sequence[Outcome], budget_seconds: float) -> None:
        """See AgencyPort. The port goes by orders until the case is closed; what else becomes of it is home's."""
        told = [each for each in outcomes if each.order_bytes or each.kind == OutcomeKind.CLOSED]
        if told:
            orders = await self.executor.run(self.speech.orders, told)
            certificates = await self.keys.certificates()
            request = pb.RecordHomeOrdersRequest(orders=orders, signing_certificates=certificates)
            await self._called("RecordHomeOrders", request, pb.RecordHomeOrdersResponse, budget_seconds)

    async def call_off(self, agency: str, called_off: Sequence[CalledOff], budget_seconds: float) -> None:
        """See AgencyPort. Goods that lie elsewhere are opened elsewhere."""

    async def assure(
        self, complete_time: Micros, receipted: Micros | None, budget_seconds: float
    ) -> Sequence[LogHead] | None:
        """See AgencyPort. The port's gate goes by the orders of its own gateway, which countersigns its own logs."""
        return None

    async def show(self, budget_seconds: float) -> None:
        """See AgencyPort. A partner shows the sheets that it keeps."""

    async def follow(self, positions: Mapping[str, int]) -> AsyncGenerator[FeedPart, None]:
        """See AgencyPort."""
        log = log_of(self.home)
        request = pb.FollowVerificationsRequest(position=positions.get(log, 0))
        called = (self.transport, self.clock, method("FollowVerifications"), request, pb.FollowVerificationsResponse)
        async with aclosing(stream_parts(*called)) as parts:
            async for part in parts:
                certificates = tuple(part.signing_certificates)
                entries = [FeedEntry(_place(each), (each, certificates)) for each in part.decisions]
                yield FeedPart(entries, {log: part.position} if part.position else {})

    def number(self, entry: FeedEntry) -> str:
        """See AgencyPort."""
        try:
            return Decision.FromString(entry.signed[0].decision).clearance_number
        except DecodeError:
            return ""

    def content(self, entry: FeedEntry) -> bytes:
        """See AgencyPort."""
        signed, certificates = entry.signed
        said = pb.FollowVerificationsResponse(decisions=[signed], signing_certificates=certificates)
        content: bytes = said.SerializeToString()
        return content

    def entry(self, content: bytes) -> FeedEntry:
        """See AgencyPort."""
        said = pb.FollowVerificationsResponse.FromString(content)
        return FeedEntry(_place(said.decisions[0]), (said.decisions[0], tuple(said.signing_certificates)))

    async def verify(self, entries: Sequence[FeedEntry]) -> Sequence[Received | None]:
        """See AgencyPort. What proves nothing is passed over, so that one such decision does not end the feed."""
        # They came in one part.
        certificates = entries[0].signed[1] if entries else ()
        signed = [entry.signed[0] for entry in entries]
        found: list[Received | None] = []
        for one in await self.executor.run(self.proofs.of_gateway, self.district, signed, certificates):
            if isinstance(one, Received):
                found.append(one)
                continue
            if one in UNKNOWN:
                raise CallFailed("UNTRUSTED")
            self.log.error("feed.untrusted", agency=self.district, reason=one)
            found.append(None)
        return found

    async def _proved(
        self, answers: Sequence[VerificationAnswer], certificates: Sequence[SigningCertificate]
    ) -> list[Received | ItemRefused]:
        signed = [answer.decision for answer in answers if answer.HasField("decision")]
        checked = iter(await self.executor.run(self.proofs.of_gateway, self.district, signed, certificates))
        found: list[Received | ItemRefused] = []
        for answer in answers:
            one = next(checked) if answer.HasField("decision") else item_error(answer.error)
            found.append(ItemRefused("UNTRUSTED", transient=True) if isinstance(one, str) else one)
        return found

    async def _called(
        self, name: str, request: Message, response: type[Response], seconds: float, trace: str = ""
    ) -> Response:
        span = span_name(trace) if trace else None
        try:
            return await self.transport.unary(
                method(name), request, response, timeout_seconds=seconds, trace=span.context if span else None
            )
        except (Refusal, Unreachable) as error:
            raise _failed(error) from error


@dataclass(frozen=True, slots=True)
class TransportVerifiedGate:
    """See GatePort: what left the partner's port of the goods that were declared here."""

    transport: Transport
    clock: Clock

    async def exits(self, position: int) -> AsyncGenerator[ExitPart, None]:
        """See GatePort."""
        request = pb.FollowVerifiedExitsRequest(position=position)
        called = (self.transport, self.clock, method("FollowVerifiedExits"), request, pb.FollowVerifiedExitsResponse)
        async with aclosing(stream_parts(*called)) as parts:
            async for part in parts:
                left = [
                    Exit(
                        *(each.clearance_number, each.position, each.version, each.order_number),
                        *(each.container_number, int(each.way), micros(each.exit_time), each.last),
                    )
                    for each in part.exits
                ]
                yield ExitPart(left, max(part.position, position))


def _failed(error: Refusal | Unreachable) -> CallFailed:
    return CallFailed(CONTRACT_VERSION) if isinstance(error, NotSpoken) else failed(error)


def _agreed(item: AssessItem) -> bool:
    """Whether all that goes with it is a yes still."""
    decisions = [Decision.FromString(SignedDecision.FromString(each).decision) for each in item.depends_on]
    return bool(decisions) and all(int(each.verdict) in YES for each in decisions)


def _item(item: AssessItem) -> VerificationItem:
    return VerificationItem(
        request_id=item.request_id,
        clearance_number=item.number,
        version=item.version,
        consignment=item.consignment,
        consignment_digest=item.digest,
        assertion=SignedAssertion.FromString(item.assertion),
        accept_time=timestamp(item.accept_time),
        decisions=[SignedDecision.FromString(each) for each in item.depends_on],
        trace_context=TraceContext(traceparent=item.trace),
        urgent=item.urgent,
    )


def _answer(item: AssessItem, one: Received | ItemRefused) -> Received | ItemRefused:
    if isinstance(one, Received) and (one.number, one.decision.version, one.digest) != (
        item.number,
        item.version,
        item.digest,
    ):
        return ItemRefused("GARBLED", transient=True)
    return one


def _place(signed: SignedDecision) -> tuple[str, int]:
    seal = BatchSeal.FromString(signed.seal)
    return seal.log, seal.first_sequence + signed.proof.index
