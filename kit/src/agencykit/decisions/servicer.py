"""AgencyService, for every agency. Each call reads like a table of contents; the transactions are elsewhere."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import TypeVar

from agencykit.audit.sealer import Sealer
from agencykit.decisions.assess import assess
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.candidates import Answer, Candidate, Decided, Failed
from agencykit.decisions.clock import DistrictWord
from agencykit.decisions.completeness import hold_as_old
from agencykit.decisions.decider import Decider
from agencykit.decisions.describe import describe
from agencykit.decisions.examinations import call_off, propose
from agencykit.decisions.feed import Feed
from agencykit.decisions.followers import Followers
from agencykit.decisions.halves import by_halves
from agencykit.decisions.heads import sealed_heads
from agencykit.decisions.messages import (
    appointment_message,
    assessment_answer,
    called_off,
    claim_of,
    complete_word,
    micros,
    told,
    withdrawal_message,
)
from agencykit.decisions.outcomes import newest_order, record_outcomes
from agencykit.decisions.prepare import prepare
from agencykit.decisions.reads import one_decision
from agencykit.decisions.reassess import Reassess
from agencykit.decisions.restoring import BEHIND, ahead, hold
from agencykit.decisions.shield import Shield
from agencykit.decisions.spans import assess_spans
from agencykit.decisions.withdraw import withdraw
from agencykit.evidence.sheets import Head, head_message
from agencykit.evidence.wire import field
from agencykit.refusals import NotFound, PositionAhead, Refusal
from agencykit.rpc.call import Call
from agencykit.rpc.originators import UNASKED, Originators, why_unasked
from agencykit.rpc.transport import Written
from agencykit.rules import Verdict
from agencykit.storage import Database, to_micros
from agencykit.telemetry import Telemetry
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.evidence_pb2 import SignedOrder

Result = TypeVar("Result")

# So much is prepared on the event loop itself: a fraction of a millisecond.
FEW_ITEMS = 4
FEW_BYTES = 8192
_FINAL = frozenset({Verdict.REFUSED, Verdict.RECALLED})


class AgencyServicer:
    """Answers the gateway."""

    def __init__(
        self,
        decider: Decider,
        database: Database,
        feed: Feed,
        outcomes: Followers,
        reassess: Reassess,
        telemetry: Telemetry,
        shield: Shield,
        originators: Originators,
        word: DistrictWord,
    ) -> None:
        self._decider = decider
        self._originators, self._word = originators, word
        self._database = database
        self._feed = feed
        self._outcomes = outcomes
        self._reassess = reassess
        self._telemetry = telemetry
        self._shield = shield
        self._sealer = Sealer(decider.runtime.clock, telemetry.log, telemetry.metrics)
        self._looked = False
        self._description: pb.AgencyDescription | None = None

    async def AssessConsignments(self, request: pb.AssessConsignmentsRequest, call: Call) -> Written:
        """Prepares each item, decides the sound ones in one transaction, answers all in their order."""
        clock = self._decider.runtime.clock
        started, start_ns = clock.monotonic(), clock.now_ns()
        self._feed.recorded(str(call.identity), request.recorded)
        if request.recorded and not self._looked:
            # Who was put back has been started since: the first that a caller tells is enough.
            self._looked = True
            await self._behind({each.log: each.last_sequence for each in request.recorded})
        self._originators.admit(request.signing_certificates)
        # Each look at the list would make the items' objects anew.
        items = list(request.items)
        answers = await self._shield.run(self._assess(items, call))
        assess_spans(self._telemetry, self._decider.agency, items, answers, call.trace, start_ns, clock.now_ns())
        told_all = [
            field(1, assessment_answer(item.request_id, answer, self._correlation_id(answer)))
            for item, answer in zip(items, answers, strict=True)
        ]
        worked = pb.AssessConsignmentsResponse()
        worked.work_duration.FromTimedelta(timedelta(seconds=clock.monotonic() - started))
        return Written(b"".join([*told_all, worked.SerializeToString()]))

    async def FollowDecisions(
        self, request: pb.FollowDecisionsRequest, call: Call
    ) -> AsyncGenerator[pb.FollowDecisionsResponse, None]:
        """Streams from the positions on. Who has read more than there is shows that this is an old copy."""
        if (found := await self._behind({each.log: each.sequence for each in request.positions})) is not None:
            raise PositionAhead(*found)
        async with aclosing(self._feed.follow(request.positions, call)) as messages:
            async for message in messages:
                yield message

    async def _behind(self, positions: Mapping[str, int]) -> tuple[int, int] | None:
        """Where a caller has read more than there is, his position and the end here; nothing is decided any more."""
        found = await self._database.read(ahead, positions)
        if found is None:
            return None
        log, position, end = found
        if await self._shield.run(self._database.write(hold, BEHIND, self._now(), log, position)):
            self._telemetry.log.error("log.behind", source=log, position=position, sequence=end)
        return position, end

    async def GetDecision(self, request: pb.GetDecisionRequest, call: Call) -> pb.GetDecisionResponse:
        """Looks one decision up."""
        found = await self._database.read(one_decision, request.clearance_number, request.version, request.revision)
        if found is None:
            raise NotFound("decision", request.clearance_number)
        response = pb.GetDecisionResponse()
        response.decision.ParseFromString(found.signed)
        return response

    async def WithdrawConsignment(
        self, request: pb.WithdrawConsignmentRequest, call: Call
    ) -> pb.WithdrawConsignmentResponse:
        """Lays the tombstone."""
        number, version = request.clearance_number, request.version
        self._originators.admit(request.signing_certificates)
        try:
            originator = self._originators.of_withdrawal(request, request.reason)
        except UNASKED as refusal:
            await self._keep_out(call, [(number, version, refusal)])
            raise
        claim = claim_of(request, "withdrawal", originator, request.request_id, number, version)
        ledger = self._decider.definition.ledger
        done = await self._shield.run(self._database.write(withdraw, claim, self._now(), ledger))
        if ledger is not None:
            self._reassess.notify()
        return pb.WithdrawConsignmentResponse(withdrawal=withdrawal_message(done))

    async def RecordOutcomes(self, request: pb.RecordOutcomesRequest, call: Call) -> pb.RecordOutcomesResponse:
        """Stores what became of consignments, and how far that is the whole of it: then tells where the logs end."""
        identity = str(call.identity)
        if request.HasField("district_time"):
            self._word.heard(request.district_time)
        outcomes = [told(outcome, identity) for outcome in request.outcomes]
        complete, off = complete_word(request, identity), [called_off(each) for each in request.called_off]
        if off:
            await self._shield.run(self._database.write(call_off, off, identity, self._now()))
        outlasting = sorted(self._decider.definition.outlasting)
        recording = self._database.write(record_outcomes, outcomes, complete, self._now(), outlasting)
        try:
            superseded = await self._shield.run(recording)
        except PositionAhead:
            await self._orders_lost(identity)
            raise
        if outcomes:
            self._outcomes.notify()
        heads: list[Head] = []
        if complete is not None:
            sealing = self._database.write(sealed_heads, self._decider.agency, self._now())
            # The word itself is stored: what is not sealed now is told the next time.
            sealed = await self._shield.run(self._sealer.tried(sealing))
            heads = sealed or []
        return pb.RecordOutcomesResponse(
            answer_time=self._word.moment() if complete is not None else None,
            newest_order=await self._newest_order(identity) if not outcomes else None,
            heads=[head_message(each) for each in heads],
            receipts=[
                pb.OutcomeReceipt(request_id=outcome.request_id, superseded=kept_out)
                for outcome, kept_out in zip(request.outcomes, superseded, strict=True)
            ],
        )

    async def _orders_lost(self, gateway: str) -> None:
        """What this gateway was receipted is not here: an old copy, whether or not anything was decided since."""
        if await self._shield.run(self._database.write(hold_as_old, gateway, self._now())):
            self._telemetry.log.error("orders.lost", source=gateway)

    async def _newest_order(self, gateway: str) -> SignedOrder | None:
        found = await self._database.read(newest_order, gateway)
        return SignedOrder(order=found[0], signature=found[1]) if found else None

    async def ProposeExamination(
        self, request: pb.ProposeExaminationRequest, call: Call
    ) -> pb.ProposeExaminationResponse:
        """Answers whether the time suits."""
        claim = claim_of(request, "examination", call.identity, request.request_id, request.clearance_number)
        containers, start = list(request.container_numbers), micros(request.start_time)
        done = await self._shield.run(
            self._database.write(propose, claim, containers, start, request.place, self._now())
        )
        return pb.ProposeExaminationResponse(appointment=appointment_message(done))

    async def DescribeAgency(self, request: pb.DescribeAgencyRequest, call: Call) -> pb.DescribeAgencyResponse:
        """Tells who this is and by what it decides."""
        self._description = self._description or describe(self._decider)
        return pb.DescribeAgencyResponse(description=self._description)

    async def _assess(self, items: Sequence[pb.AssessmentItem], call: Call) -> list[Answer]:
        prepared = await self._prepared(items)
        unasked = [(item, one) for item, one in zip(items, prepared, strict=True) if isinstance(one, UNASKED)]
        await self._keep_out(call, [(item.clearance_number, item.version, one) for item, one in unasked])
        sound = [one for one in prepared if isinstance(one, Candidate)]
        # Followers are not woken: the answer itself brings these, and the feed repeats what was not recorded from it.
        decided = iter(await by_halves(sound, self._decide, _alone) if sound else ())
        answers = [next(decided) if isinstance(one, Candidate) else one for one in prepared]
        if self._decider.definition.ledger is not None and any(map(_may_give_back, answers)):
            self._reassess.notify()
        return answers

    async def _prepared(self, items: Sequence[pb.AssessmentItem]) -> list[Candidate | Refusal | Failed]:
        """Off the event loop, unless the way there costs more than the work: that is a tenth of a millisecond."""
        if len(items) <= FEW_ITEMS and sum([len(item.consignment) for item in items]) <= FEW_BYTES:
            return prepare(self._decider.definition, self._originators, items)
        return await self._decider.runtime.executor.run(prepare, self._decider.definition, self._originators, items)

    async def _keep_out(self, call: Call, unasked: Sequence[tuple[str, int, Refusal]]) -> None:
        """An audit row for each that the gateway asked although nobody is proved to have asked the gateway."""
        if not unasked:
            return
        now, gateway = self._now(), str(call.identity)
        entries = [
            AuditEntry(now, gateway, "originator_refused", number, {"version": version, **why_unasked(refusal)})
            for number, version, refusal in unasked
        ]
        await self._shield.run(self._database.write(write_audit, entries))

    async def _decide(self, candidates: Sequence[Candidate]) -> list[Answer]:
        now = self._decider.runtime.clock.now()
        return await self._database.write(assess, self._decider, candidates, now)

    def _correlation_id(self, answer: Answer) -> str:
        if not isinstance(answer, Failed):
            return ""
        correlation_id = self._decider.runtime.ids.code(12)
        self._telemetry.log.error("assessment failed", correlation_id=correlation_id, error=answer.error)
        return correlation_id

    def _now(self) -> int:
        return to_micros(self._decider.runtime.clock.now())


async def _alone(candidate: Candidate, error: Exception) -> list[Answer]:
    return [Failed(error)]


def _may_give_back(answer: Answer | Refusal | Failed) -> bool:
    """Whether what an earlier decision held may have become free for others, who are then due."""
    return isinstance(answer, Decided) and (answer.version > 1 or answer.verdict in _FINAL)
