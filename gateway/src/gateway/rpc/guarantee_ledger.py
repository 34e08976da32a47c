"""The ledger of guarantees: over customs' GuaranteeService, or a partner's over its gateway's DistrictService."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

from google.protobuf.message import Message

from agencykit.refusals import Refusal
from agencykit.rpc.transport import Response, Transport, Unreachable
from agencykit.telemetry import span_name
from clearance.customs.v1 import guarantee_service_pb2 as pb
from clearance.customs.v1.guarantee_pb2 import GuaranteeUseKey
from clearance.district.v1 import district_service_pb2 as district
from gateway.domain.guarantee import GuaranteeRelease, LedgerAnswer, Step, UseState
from gateway.operations.ledger import Hold
from gateway.operations.ports import CallFailed
from gateway.rpc.answers import failed, item_error

STATE_FORBIDS = "STATE_FORBIDS"
_CODE = re.compile("[0-9]{2,10}")


class Contract(NamedTuple):
    """A service that takes calls to a ledger. Requests and answers have the same names and items in both."""

    service: str
    messages: ModuleType


CUSTOMS = Contract("/clearance.customs.v1.GuaranteeService", pb)
PARTNER = Contract("/clearance.district.v1.DistrictService", district)


@dataclass(frozen=True, slots=True)
class TransportLedger:
    """See LedgerPort."""

    transport: Transport
    budget_seconds: float
    contract: Contract = CUSTOMS

    async def hold(self, holds: Sequence[Hold], span: str) -> Sequence[LedgerAnswer]:
        """See LedgerPort."""
        return await self._answers("HoldGuarantees", len(holds), span, holds=[hold_message(each) for each in holds])

    async def take(self, step: Step, releases: Sequence[GuaranteeRelease]) -> Sequence[LedgerAnswer]:
        """See LedgerPort."""
        if step is Step.CONFIRM:
            return await self._answers("ConfirmGuarantees", len(releases), keys=[use_key(each) for each in releases])
        if step is Step.CLAIM:
            answers = await self._answers("ClaimGuarantees", len(releases), claims=_resolutions(step, releases))
        else:
            answers = await self._returned(releases)
        return [
            await self._found(release) if answer.refusal == STATE_FORBIDS else answer
            for release, answer in zip(releases, answers, strict=True)
        ]

    async def _returned(self, releases: Sequence[GuaranteeRelease]) -> list[LedgerAnswer]:
        """Cancelled; what is confirmed already, perhaps by a call whose answer was lost, is credited."""
        keys = [use_key(each) for each in releases]
        answers = await self._answers("CancelGuarantees", len(releases), keys=keys)
        confirmed = [place for place, answer in enumerate(answers) if answer.refusal == STATE_FORBIDS]
        if confirmed:
            credits = _resolutions(Step.RETURN, [releases[place] for place in confirmed])
            credited = await self._answers("CreditGuarantees", len(credits), credits=credits)
            for place, answer in zip(confirmed, credited, strict=True):
                answers[place] = answer
        return answers

    async def _found(self, release: GuaranteeRelease) -> LedgerAnswer:
        """How a use stands that another call has ended."""
        response = await self._call("GetGuaranteeUse", key=use_key(release))
        return LedgerAnswer(_state(response.use.state))

    async def _answers(self, method: str, count: int, span: str = "", **fields: Any) -> list[LedgerAnswer]:
        """One for each item. Raises CallFailed where one may be answered otherwise another time."""
        response = await self._call(method, span, **fields)
        if len(response.answers) != count:
            raise CallFailed("GARBLED")
        return [_answer(each) for each in response.answers]

    async def _call(self, method: str, span: str = "", **fields: Any) -> Any:
        service, messages = self.contract
        request, answer = getattr(messages, f"{method}Request")(**fields), getattr(messages, f"{method}Response")
        return await called(self.transport, f"{service}/{method}", request, answer, self.budget_seconds, span)


async def called(
    transport: Transport, method: str, request: Message, answer: type[Response], budget_seconds: float, span: str = ""
) -> Response:
    """The answer; CallFailed where there is none. The call stands below `span`, a traceparent."""
    above = span_name(span)
    trace = above.context if above else None
    try:
        return await transport.unary(method, request, answer, timeout_seconds=budget_seconds, trace=trace)
    except (Refusal, Unreachable) as error:
        raise failed(error) from error


def hold_message(hold: Hold) -> pb.GuaranteeHold:
    """One use as the ledger is asked for it.

    Commodity codes are declared as free codes, and the ledger compares digits: what a code begins with, if that is a
    chapter at least. Any other can be none of the goods that a guarantee leaves out.
    """
    terms = hold.release.terms
    wanted = pb.GuaranteeHold(
        key=use_key(hold.release),
        holder_identifier=hold.holder,
        customs_office_code=hold.office,
        commodity_codes=dict.fromkeys(found.group() for found in map(_CODE.match, hold.commodities) if found),
        granted_by_scheme=hold.release.by_scheme,
    )
    wanted.amount.currency_code, wanted.amount.minor_units = terms.currency_code, terms.units
    for grn, access_code in hold.named:
        wanted.references.add(grn=grn, access_code=access_code)
    return wanted


def _resolutions(step: Step, releases: Sequence[GuaranteeRelease]) -> list[pb.GuaranteeResolution]:
    return [pb.GuaranteeResolution(request_id=each.request_id_for(step), key=use_key(each)) for each in releases]


def _answer(answer: pb.GuaranteeAnswer) -> LedgerAnswer:
    if answer.HasField("use"):
        return LedgerAnswer(_state(answer.use.state))
    refused = item_error(answer.error)
    if refused.transient and not refused.reason.startswith("GUARANTEE_"):
        raise CallFailed(refused.reason, item_suspected=True)
    return LedgerAnswer(UseState.UNKNOWN, refused.reason)


def _state(number: int) -> UseState:
    """Another district may send what this version does not know."""
    try:
        return UseState(number)
    except ValueError:
        raise CallFailed("GARBLED", item_suspected=True) from None


def use_key(release: GuaranteeRelease) -> GuaranteeUseKey:
    """Names the use to whoever keeps it."""
    return GuaranteeUseKey(clearance_number=release.number, generation=release.generation)
