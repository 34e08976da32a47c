"""Messages about movements on their way between districts, out and in."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from agencykit.refusals import DistrictMismatch
from agencykit.rpc.transport import Transport
from agencykit.rpc.validation import violations
from clearance.district.v1 import district_service_pb2 as pb
from clearance.district.v1.movement_pb2 import MovementReceipt, TransitDeclaration
from gateway.domain.transit import content as said
from gateway.domain.transit.numbers import is_mrn
from gateway.domain.transit.offices import Offices
from gateway.domain.transit.states import Side
from gateway.operations.context import Context
from gateway.operations.ports import CallFailed
from gateway.operations.transit.receive import Heard, Outcome, Receipt, Reception
from gateway.rpc.guarantee_ledger import called
from gateway.rpc.movement_wire import heard_of, message_of
from gateway.storage.movement_mail import Posted

DELIVER = "/clearance.district.v1.DistrictService/DeliverMovements"


@dataclass(frozen=True, slots=True)
class TransportMovements:
    """The way to a partner's gateway. See MovementPort."""

    partner: Transport
    budget_seconds: float

    async def deliver(self, letters: Sequence[Posted]) -> Sequence[Receipt]:
        """See MovementPort."""
        request = pb.DeliverMovementsRequest(messages=[message_of(each) for each in letters])
        answer = await called(self.partner, DELIVER, request, pb.DeliverMovementsResponse, self.budget_seconds)
        if len(answer.receipts) != len(letters):
            raise CallFailed("GARBLED")
        return [_receipt(each) for each in answer.receipts]


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Takes in what districts say: each of its own movements, or of those that arrive there."""

    reception: Reception
    offices: Offices
    context: Callable[[], Context]

    async def deliver(self, letters: Sequence[Posted]) -> Sequence[Receipt]:
        """What this district says to itself: both offices are its own. See MovementPort."""
        own = self.offices.own
        said_here = [(each, each.content) for each in letters if each.content is not None]
        heard = [Heard(own, each.stream.mrn, each.sequence, content, each.trace) for each, content in said_here]
        return await self.reception.receive(heard, self.context())

    async def take(self, request: pb.DeliverMovementsRequest, sender: str) -> pb.DeliverMovementsResponse:
        """One receipt for each message. Raises DistrictMismatch where it is not the sender's to say."""
        heard = [heard_of(each, sender) for each in request.messages]
        for each in heard:
            if each is not None and not self._may_say(each):
                raise DistrictMismatch(each.mrn, sender)
        sound = [each if each is not None and _sound(each) else None for each in heard]
        known = [each for each in sound if each is not None]
        receipts = iter(await self.reception.receive(known, self.context()) if known else ())
        answers = [next(receipts) if each is not None else Receipt(Outcome.SET_ASIDE, "FORM_INVALID") for each in sound]
        return pb.DeliverMovementsResponse(receipts=[_message(each) for each in answers])

    def _may_say(self, heard: Heard) -> bool:
        """The departure speaks of movements that began with it, others of those that began here."""
        speaker = self.offices.own if heard.stream.side is Side.DEPARTURE else heard.sender
        return is_mrn(heard.mrn) and self.offices.district_of_number(heard.mrn) == speaker


def _sound(heard: Heard) -> bool:
    """Whether a declaration that is brought is one, and the one that its digest names: nobody could show another."""
    content = heard.content
    if not isinstance(content, said.AnticipatedArrival | said.RecordAnswer | said.AnticipatedPassage):
        return True
    declaration = content.record.declaration
    if hashlib.sha256(declaration).digest() != content.record.declaration_digest:
        return False
    try:
        return not violations(TransitDeclaration.FromString(declaration))
    except DecodeError:
        return False


_OUTCOMES = frozenset(int(each) for each in Outcome)


def _receipt(message: MovementReceipt) -> Receipt:
    """What a later version may say beyond this one's outcomes is taken for one that could not be worked on."""
    number = int(message.outcome)
    outcome = Outcome(number) if number in _OUTCOMES else Outcome.SET_ASIDE
    return Receipt(outcome, message.state_met, message.next_sequence)


def _message(receipt: Receipt) -> MovementReceipt:
    return MovementReceipt(
        outcome=int(receipt.outcome),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        state_met=receipt.state_met,
        next_sequence=receipt.next_sequence,
    )
