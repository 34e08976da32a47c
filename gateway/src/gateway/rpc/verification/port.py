"""What a port does for homes: takes in what is to be verified and the homes' orders, and tells how it stands."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from agencykit.identity import Identity
from agencykit.refusals import (
    DeadlineTooShort,
    DigestMismatch,
    DistrictMismatch,
    PositionAhead,
    Refusal,
    StaleVersion,
    StateForbids,
    Unavailable,
    WithdrawalRefused,
    Withdrawn,
    to_status,
)
from agencykit.rpc.call import Call
from agencykit.rpc.originators import UNASKED, why_unasked
from agencykit.runtime import Executor
from clearance.common.v1.evidence_pb2 import SignedDecision, SigningCertificate
from clearance.district.v1 import district_service_pb2 as pb
from clearance.district.v1.verification_pb2 import VerificationAnswer, VerificationItem
from gateway.domain.case import Case
from gateway.domain.commitment import Journey
from gateway.domain.states import BEFORE_RELEASE, State
from gateway.domain.transit.numbers import district_code
from gateway.domain.verification import GATEWAY
from gateway.domain.withdrawal import withdrawal_standing
from gateway.operations.accept import Submission
from gateway.operations.amend import Amendment
from gateway.operations.desk import Desk
from gateway.operations.questions import Root
from gateway.operations.verification.hearing import bar, hear_orders
from gateway.operations.verification.speaking import Speaker
from gateway.operations.views import View
from gateway.operations.withdraw import Wish
from gateway.rpc.failures import Failures
from gateway.rpc.keys import OwnKeys
from gateway.rpc.times import timestamp
from gateway.rpc.verification.intake import Intake
from gateway.rpc.verification.proofs import Proofs
from gateway.storage.audit import ORIGINATOR_REFUSED, Entry, write_audit
from gateway.storage.cases import load_cases
from gateway.storage.verifications import exits_after, last_said, newest_said, said_after

Part = TypeVar("Part")
BATCH = 256
# How often a stream looks by itself, and at the latest says that it lives.
LOOK_SECONDS = 5.0
RELEASED_RULE = "GW-RELEASED"


@dataclass(slots=True)
class VerificationPort:
    """A caller has been found to be the gateway of the partner that he is named as."""

    desk: Desk
    intake: Intake
    speaker: Speaker
    keys: OwnKeys
    proofs: Proofs
    executor: Executor
    failures: Failures
    # Called when orders were taken up.
    on_orders: Callable[[], None]
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _closed: bool = False

    async def request(
        self, request: pb.RequestVerificationsRequest, home: str, code: str, call: Call
    ) -> pb.RequestVerificationsResponse:
        """Each item is answered by itself; what they have in common is done once for all."""
        read = await self._read(request.items, home, code, tuple(request.signing_certificates))
        numbers = {item.clearance_number for item in request.items}
        cases = await self.desk.database.read(load_cases, numbers)
        failed = await self._take_in(request.items, read, cases, call.deadline)
        unasked = [
            (item.clearance_number, error)
            for item, error in zip(request.items, failed, strict=True)
            if isinstance(error, UNASKED)
        ]
        if unasked:
            await self._keep_out(home, unasked)
        taken = [item.clearance_number for item, error in zip(request.items, failed, strict=True) if error is None]
        said: Mapping[str, tuple[bytes, int]] = {}
        if taken:
            await self.speaker.speak(set(taken))
            said = await self.desk.database.read(newest_said, taken)
        answers = [self._answer(item, error, said) for item, error in zip(request.items, failed, strict=True)]
        return pb.RequestVerificationsResponse(answers=answers, signing_certificates=await self.keys.certificates())

    async def _read(
        self, items: Sequence[VerificationItem], home: str, code: str, certificates: Sequence[SigningCertificate]
    ) -> list[tuple[Submission, Root] | Exception]:
        """Each as a submission, or what is wrong with it; of another district's number nothing is read."""
        own = [item for item in items if district_code(item.clearance_number) == code]
        read = iter(await self.intake.read(own, home, certificates))
        return [
            next(read)
            if district_code(item.clearance_number) == code
            else DistrictMismatch(item.clearance_number, home)
            for item in items
        ]

    async def _take_in(
        self,
        items: Sequence[VerificationItem],
        read: Sequence[tuple[Submission, Root] | Exception],
        cases: Mapping[str, Case],
        deadline: float,
    ) -> list[Exception | None]:
        """Submits what is new, all together, and amends what has a newer version; what went wrong with each."""
        failed: list[Exception | None] = [each if isinstance(each, Exception) else None for each in read]
        new: dict[int, tuple[Submission, Root]] = {}
        newer: dict[int, Amendment] = {}
        for place, (item, each) in enumerate(zip(items, read, strict=True)):
            if isinstance(each, Exception):
                continue
            case = cases.get(item.clearance_number)
            if case is None:
                new[place] = each
            elif case.version < item.version:
                newer[place] = _amendment(each[0], case.version, item.request_id)
            else:
                failed[place] = _unlike(case, item)
        amending = [self.desk.amend(each, deadline) for each in newer.values()]
        submitting = self._submitted(list(new.values()), deadline)
        answers, *amended = await asyncio.gather(submitting, *amending, return_exceptions=True)
        assert isinstance(answers, list)
        for place, answer in [*zip(new, answers, strict=True), *zip(newer, amended, strict=True)]:
            # What has been taken in is told as it stands, however far its agencies have come.
            if isinstance(answer, Exception) and not isinstance(answer, DeadlineTooShort):
                failed[place] = answer
        return failed

    async def _submitted(
        self, submissions: Sequence[tuple[Submission, Root]], deadline: float
    ) -> Sequence[View | Exception]:
        if not submissions:
            return []
        try:
            return await self.desk.submit(submissions, deadline)
        except Exception as none_taken:
            return [none_taken] * len(submissions)

    def _answer(
        self, item: VerificationItem, error: Exception | None, said: Mapping[str, tuple[bytes, int]]
    ) -> VerificationAnswer:
        answer = VerificationAnswer(request_id=item.request_id)
        signed, version = said.get(item.clearance_number, (b"", 0))
        if error is None and version == item.version:
            answer.decision.ParseFromString(signed)
            return answer
        error = error or Unavailable()
        # Our own fault concerns this item only.
        answer.error.CopyFrom(to_status(error if isinstance(error, Refusal) else self.failures.internal(error)))
        return answer

    async def withdraw(
        self, request: pb.WithdrawVerificationRequest, home: str, call: Call
    ) -> pb.WithdrawVerificationResponse:
        """Agreed to once all agencies have; before that whoever asks asks again, under the same request id."""
        number = request.clearance_number
        broker = await self._withdrawer(request, home)
        if not await self.desk.database.write(bar, number, home, request.version):
            view = await self.desk.read(number)
            if view.case.state is not State.WITHDRAWN:
                view = await self._withdrawn(view, request, broker, call)
            standing = withdrawal_standing(view.case)
            if view.case.state is not State.WITHDRAWN:
                if standing is None or standing.open:
                    raise Unavailable
                agency, rule_id = standing.refused[0]
                raise WithdrawalRefused(rule_id or agency)
        return pb.WithdrawVerificationResponse(clearance_number=number)

    async def _withdrawer(self, request: pb.WithdrawVerificationRequest, home: str) -> Identity:
        """Who asks for it at home."""
        proves = self.proofs.originators(home, request.signing_certificates)
        try:
            return await self.executor.run(proves.of_withdrawal, request, request.reason)
        except UNASKED as refusal:
            await self._keep_out(home, [(request.clearance_number, refusal)])
            raise

    async def _keep_out(self, home: str, unasked: Sequence[tuple[str, Refusal]]) -> None:
        """Audit rows of what the partner's gateway asked although nobody is proved to have asked it."""
        entries = [
            Entry(number, ORIGINATOR_REFUSED, details={"home": home, **why_unasked(refusal)})
            for number, refusal in unasked
        ]
        context = self.desk.context()
        await self.desk.database.write(write_audit, context.replica, context.now, entries)

    async def _withdrawn(
        self, view: View, request: pb.WithdrawVerificationRequest, broker: Identity, call: Call
    ) -> View:
        case = view.case
        if case.version > request.version:
            raise StaleVersion(request.version, case.version)
        if case.state not in BEFORE_RELEASE:
            raise WithdrawalRefused(RELEASED_RULE)
        standing = withdrawal_standing(case)
        if standing is not None and standing.open:
            raise Unavailable
        gateway = str(Identity.of_district(case.policy.declared_at, GATEWAY))
        wish = Wish(request.request_id, str(broker), case.number, case.version, request.reason, gateway)
        try:
            return await self.desk.withdraw(wish, call.deadline)
        except (StateForbids, StaleVersion) as crossed:
            raise Unavailable from crossed

    async def orders(self, request: pb.RecordHomeOrdersRequest, home: str, code: str) -> pb.RecordHomeOrdersResponse:
        """All or nothing."""
        certificates = tuple(request.signing_certificates)
        heard = await self.executor.run(self.proofs.orders, home, request.orders, certificates)
        for one in heard:
            if district_code(one.number) != code:
                raise DistrictMismatch(one.number, home)
        closed = [one.number for one, told in zip(heard, request.orders, strict=True) if not told.order]
        count = await self.desk.database.write(hear_orders, home, heard, closed, self.desk.context())
        self.on_orders()
        return pb.RecordHomeOrdersResponse(count=count)

    async def follow(
        self, request: pb.FollowVerificationsRequest, home: str, call: Call
    ) -> AsyncIterator[pb.FollowVerificationsResponse]:
        """What was said, and is said from now on."""
        position = request.position
        newest = await self.desk.database.read(last_said, home)
        if position > newest:
            # An older copy of this database was put back: home must not take silence for the newest word.
            raise PositionAhead(position, newest)
        async for found in self._looks(call, said_after, home, position, lambda last: last[0]):
            position = found[-1][0] if found else position
            decisions = [SignedDecision.FromString(signed) for _, signed in found]
            beside = await self.keys.certificates() if found else ()
            yield pb.FollowVerificationsResponse(decisions=decisions, position=position, signing_certificates=beside)

    async def exits(
        self, request: pb.FollowVerifiedExitsRequest, home: str, call: Call
    ) -> AsyncIterator[pb.FollowVerifiedExitsResponse]:
        """What left, and leaves from now on."""
        position = request.position
        async for found in self._looks(call, exits_after, home, position, lambda last: last.position):
            position = found[-1].position if found else position
            part = pb.FollowVerifiedExitsResponse(position=position)
            for each in found:
                part.exits.add(
                    clearance_number=each.number,
                    position=each.position,
                    version=each.version,
                    order_number=each.order_number,
                    container_number=each.container,
                    way=each.way,
                    exit_time=timestamp(each.exit_time),
                    last=each.last,
                )
            yield part

    async def _looks(
        self,
        call: Call,
        read: Callable[[Connection, str, int, int], list[Part]],
        home: str,
        position: int,
        place: Callable[[Part], int],
    ) -> AsyncIterator[list[Part]]:
        """Whatever is found after the position, at once; nothing as a sign of life."""
        while (left := call.remaining()) > 0 and not self._closed:
            news = self._news
            found = await self.desk.database.read(read, home, position, BATCH)
            yield found
            position = place(found[-1]) if found else position
            if len(found) < BATCH:
                try:
                    async with asyncio.timeout(min(left, LOOK_SECONDS)):
                        await news.wait()
                except TimeoutError:
                    continue

    def close(self) -> None:
        """Ends every stream, now and later: homes resume elsewhere."""
        self._closed = True
        self.notify()

    def notify(self) -> None:
        """Something was said, or left: whoever follows looks."""
        event, self._news = self._news, asyncio.Event()
        event.set()


def _unlike(case: Case, item: VerificationItem) -> Refusal | None:
    """Why a version that is known already is not answered."""
    if case.version > item.version:
        return StaleVersion(item.version, case.version)
    if case.digest != item.consignment_digest:
        return DigestMismatch(case.number, item.version)
    return Withdrawn(case.number) if case.state is State.WITHDRAWN else None


def _amendment(submission: Submission, replaced: int, request_id: str) -> Amendment:
    way: Journey = submission.journey
    return Amendment(
        *(request_id, submission.broker, submission.number, replaced, submission.reference, way),
        *(submission.consignment, submission.digest, submission.version, submission.given, submission.relayed_from),
    )
