"""What other districts say about movements: each message is applied once, in its order, and answered by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.refusals import Unavailable
from agencykit.storage import Database
from gateway.domain.identifiers import Micros
from gateway.domain.transit import content as said
from gateway.domain.transit.change import Destination, Happening
from gateway.domain.transit.states import Event, Side, State
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.operations.ports import Spans
from gateway.operations.traces import beside
from gateway.operations.transit.sheet import Sheet, load_sheet, new_movement
from gateway.storage.movement_mail import (
    Direction,
    Stream,
    positions,
    refused_before,
    store_positions,
    store_refusals,
)
from gateway.storage.movements import Key
from gateway.storage.purged import of_movement, purged_before

DISTRICT = "district"


class Outcome(IntEnum):
    """Numbers are the contract's (clearance.district.v1.MovementReceipt.Outcome)."""

    APPLIED = 1
    OUT_OF_SEQUENCE = 2
    EARLY = 3
    SET_ASIDE = 4


class Receipt(NamedTuple):
    """What has become of a message; `next_sequence` is the next of its stream that would be taken."""

    outcome: Outcome
    state_met: str = ""
    next_sequence: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """A message about a movement, from a district that may say it."""

    sender: str
    mrn: str
    sequence: int
    content: said.Content
    trace: str

    @property
    def stream(self) -> Stream:
        """To which it belongs."""
        return Stream(self.sender, said.spoken_to(self.content), self.mrn)

    @property
    def key(self) -> Key:
        """The view that it is about."""
        return Key(self.stream.side, self.mrn)


class Received(NamedTuple):
    """One receipt for each message, and when the movements began here that they are about."""

    receipts: list[Receipt]
    begun: dict[Key, Micros]


def receive(connection: Connection, heard: Sequence[Heard], context: Context) -> Received:
    """In their order; all in one transaction."""
    sheet = load_sheet(connection, [each.key for each in heard])
    reached = positions(connection, Direction.HEARD, [each.stream for each in heard])
    before = dict(reached)
    known = refused_before(connection, [(each.stream, each.sequence) for each in heard])
    purged = _purged(connection, [each.key for each in heard if each.key not in sheet.now])
    refused: dict[tuple[Stream, int], str] = {}
    receipts = []
    for each in heard:
        place = reached[each.stream]
        if each.sequence > place + 1:
            receipts.append(Receipt(Outcome.EARLY, next_sequence=place + 1))
            continue
        if each.sequence == place + 1:
            reached[each.stream] = each.sequence
            met = State.UNKNOWN if each.key in purged else _apply(sheet, each, context.now)
            if met is not None:
                refused[each.stream, each.sequence] = met.name
        state_met = (known | refused).get((each.stream, each.sequence), "")
        outcome = Outcome.OUT_OF_SEQUENCE if state_met else Outcome.APPLIED
        receipts.append(Receipt(outcome, state_met, reached[each.stream] + 1))
    store_positions(connection, Direction.HEARD, {key: at for key, at in reached.items() if at != before[key]})
    store_refusals(connection, [(stream, sequence, state) for (stream, sequence), state in refused.items()])
    sheet.write(connection, context)
    return Received(receipts, {key: movement.create_time for key, movement in sheet.now.items()})


def _purged(connection: Connection, keys: Sequence[Key]) -> set[Key]:
    """Those that were here once: nothing begins anew under their number."""
    named = {of_movement(key.side, key.mrn): key for key in keys}
    return {named[key] for key in purged_before(connection, named)}


def _apply(sheet: Sheet, heard: Heard, now: Micros) -> State | None:
    """The state that it met where that forbids it."""
    if heard.key not in sheet.now:
        if heard.key.side is Side.DEPARTURE:
            return State.UNKNOWN
        sheet.enter(new_movement(heard.key, heard.sender, now, heard.trace))
    return sheet.happen(heard.key, happening(heard, now))


def happening(heard: Heard, now: Micros) -> Happening:
    """What a message says, as an event of the side that hears it."""
    content, by, sender = heard.content, f"{DISTRICT}/{heard.sender}", heard.sender
    match content:
        case said.AnticipatedArrival(record):
            return Happening(Event.ANTICIPATED, by, now, record=record, sender=sender, trace=heard.trace)
        case said.RecordAnswer(record):
            return Happening(Event.RECORD, by, now, record=record, sender=sender, trace=heard.trace)
        case said.RecordRequest(office_code):
            there = Destination(sender, office_code)
            return Happening(Event.RECORD_REQUEST, by, now, destination=there, sender=sender)
        case said.ArrivalAdvice():
            return Happening(Event.ARRIVAL_ADVICE, by, now, arrival=content, sender=sender)
        case said.ForwardedArrival(found=found):
            return Happening(Event.FORWARDED, by, now, found=found, sender=sender)
        case said.ControlResults(remarks):
            event = Event.CONFORM if remarks.conform else Event.DISCREPANT
            return Happening(event, by, now, remarks=remarks, sender=sender)
        case said.IncidentReport(incident) | said.IncidentNotice(incident):
            return Happening(Event.INCIDENT, by, now, incident=incident, sender=sender)
        case said.AnticipatedPassage(record, office_codes):
            announced = Happening(Event.PASSAGE_ANTICIPATED, by, now, record=record, sender=sender, trace=heard.trace)
            return replace(announced, office_codes=office_codes)
        case said.Passage():
            return Happening(Event.PASSAGE, by, now, passage=content, sender=sender)
        case said.PassageOver(cancelled):
            return Happening(Event.INVALIDATION if cancelled else Event.DISCHARGE, by, now, sender=sender)
        case said.Enquiry(text, suspected):
            return Happening(Event.ENQUIRY, by, now, text=text, fraud_suspected=suspected, sender=sender)
        case _:
            return Happening(_PLAIN[type(content)], by, now, sender=sender)


# Of these only that they were said counts.
_PLAIN: dict[type[said.Content], Event] = {
    said.InvalidationRequest: Event.INVALIDATION,
    said.StatusRequest: Event.STATUS_REQUEST,
    said.StatusAnswer: Event.STATUS_ANSWER,
    said.EnquiryAnswer: Event.ENQUIRY_ANSWER,
    said.RecoveryNotice: Event.RECOVERY,
    said.Discharge: Event.DISCHARGE,
}


@dataclass(slots=True)
class Reception:
    """Receives batches; what cannot be worked on stops its own movement only."""

    database: Database
    spans: Spans
    log: Log
    # Called when something was taken in.
    on_change: list[Callable[[], None]] = field(default_factory=list)

    async def receive(self, heard: Sequence[Heard], context: Context) -> list[Receipt]:
        """One receipt for each, in their order. Raises Unavailable."""
        begin = self.spans.now()
        try:
            received = await self.database.write(receive, heard, context)
        except Unavailable:
            raise
        except Exception as error:
            if len(heard) == 1:
                self.log.error("transit.set_aside", movement=heard[0].mrn, sequence=heard[0].sequence, error=error)
                return [Receipt(Outcome.SET_ASIDE)]
            half = len(heard) // 2
            return [*await self.receive(heard[:half], context), *await self.receive(heard[half:], context)]
        self._record(heard, received, begin)
        for listener in self.on_change:
            listener()
        return received.receipts

    def _record(self, heard: Sequence[Heard], received: Received, begin: int) -> None:
        """In the trace that the departure's district began."""
        end = self.spans.now()
        for each, receipt in zip(heard, received.receipts, strict=True):
            said = {"movement": each.mrn, "district": each.sender, "outcome": receipt.outcome.name}
            parent, link = beside(each.trace, received.begun.get(each.key, begin // 1000), begin)
            name = f"transit.{type(each.content).__name__}"
            self.spans.record(name, "", parent, begin, end, said, receipt.state_met, link)
