"""Events at the departure. It alone knows where a movement is to arrive, and it alone discharges.

Messages that cross, as docs/transit.md publishes it:

    cancel/arrive    an arrival that the destination has recorded stands; the invalidation is refused there
    divert/arrive    an arrival at the former destination stands, as long as nobody has found the goods elsewhere
    found/arrive     who says first that the goods are there, is believed; the other is refused, and both show it
    cancel/pass      goods that passed an office of transit have left: the invalidation is refused there, and the
                     destination is not asked before every office of transit has said that nothing passed
"""

from gateway.domain.transit.change import Change, Destination, Happening, Letter, OutOfSequence, Wish
from gateway.domain.transit.content import (
    AnticipatedArrival,
    AnticipatedPassage,
    Discharge,
    Enquiry,
    ForwardedArrival,
    IncidentNotice,
    InvalidationRequest,
    PassageOver,
    RecordAnswer,
    RecoveryNotice,
    StatusRequest,
)
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import ENDED, Event, Side, State
from gateway.domain.transit.tables import after
from gateway.domain.transit.timers import due_time

_RETURNING = frozenset({State.NOT_RELEASED, State.CANCELLED, State.DISCHARGED})
# What only the district says where it is to arrive, or was found.
_CLAIMS_TO_HAVE_IT = frozenset({Event.ARRIVAL_ADVICE, Event.CONFORM, Event.DISCREPANT})


def at_departure(before: Movement, said: Happening) -> Change | OutOfSequence:
    """The movement after an event, with its timer set anew; or the refusal."""
    event = said.event
    if event in _CLAIMS_TO_HAVE_IT and said.sender != before.other:
        return _from_elsewhere(before, said)
    state = after(Side.DEPARTURE, before.state, event)
    if state is None or (event is Event.INVALIDATE and _has_left(before)) or not _may_say(before, said):
        return OutOfSequence()
    if event is Event.CONFORM and before.conflict and state is State.DISCHARGED:
        # Two districts say that they have the goods: an officer decides.
        state = State.DISCREPANCY
    if event is Event.INVALIDATED and before.passages:
        # One district says that they never came, and another, against its own word, that they have passed it.
        state, before = State.DISCREPANCY, before.changed(conflict=True)
    change = _changed(before, before.changed(state=state, update_time=said.time), said)
    letters = change.letters
    if state is State.DISCHARGED:
        letters = (*letters, *_to_all(change.after, Discharge(said.time)))
    if before.state is State.CANCELLING and state is not State.CANCELLING and state not in ENDED:
        # It goes on: who was asked to let nothing pass is told.
        letters = (*letters, *_announced(change.after))
    if state in ENDED and before.departure is not None:
        letters = (*letters, *_to_transit(change.after, PassageOver(state is State.CANCELLED)))
    wish = Wish.RETURN if state in _RETURNING else Wish.CLAIM if state is State.RECOVERY else Wish.STAYS
    return Change(change.after.changed(due_time=due_time(change.after)), letters, wish)


def _changed(before: Movement, moved: Movement, said: Happening) -> Change:
    """What an event writes down and says, beside the state."""
    event, here = said.event, moved.other
    if event is Event.RELEASE:
        released = moved.changed(departure=said.departure)
        return Change(released, (Letter(here, AnticipatedArrival(released.record)), *_announced(released)))
    if event is Event.PASSAGE and said.passage is not None:
        return Change(moved.changed(passages=(*moved.passages, said.passage)))
    if event is Event.DIVERT:
        return _sent_elsewhere(moved, said, found=False)
    if event is Event.RECORD_REQUEST:
        return _sent_elsewhere(moved, said, found=True)
    if event is Event.ARRIVAL_ADVICE and said.arrival is not None:
        arrived = moved.changed(arrival=said.arrival, office_code=said.arrival.office_code, found=True)
        return Change(arrived.changed(wait_time=said.time))
    if event in (Event.CONFORM, Event.DISCREPANT):
        return Change(moved.changed(remarks=said.remarks))
    if event is Event.INVALIDATE:
        asking = moved.changed(reason=said.text, asked=moved.via_districts)
        return Change(asking, tuple(_to_transit(asking, PassageOver(True))) or _invalidation(asking))
    if event is Event.NOT_PASSED:
        left = moved.changed(asked=tuple(each for each in moved.asked if each != said.sender))
        return Change(left, () if left.asked else _invalidation(left))
    if event is Event.INCIDENT and said.incident is not None:
        told = () if said.sender == here else (Letter(here, IncidentNotice(said.incident)),)
        return Change(moved, told)
    if event is Event.REQUEST_STATUS:
        arrived_there = before.state is State.ARRIVED
        return Change(moved.changed(wait_time=said.time), (Letter(here, StatusRequest(arrived_there)),))
    if event in (Event.ENQUIRE, Event.REMIND):
        suspected = said.fraud_suspected or moved.fraud_suspected
        asked = moved.changed(fraud_suspected=suspected, wait_time=said.time)
        return Change(asked, (Letter(here, Enquiry(said.text, suspected)),))
    if event is Event.RECOVER:
        return Change(moved, (Letter(here, RecoveryNotice(said.time)),))
    return Change(moved)


def _invalidation(moved: Movement) -> tuple[Letter, ...]:
    """The destination is asked last: once it has agreed, it takes no arrival."""
    return (Letter(moved.other, InvalidationRequest(moved.reason)),)


def _has_left(before: Movement) -> bool:
    """It passed an office of transit, was found, or was sent to another district: a former one may have it.

    An office of transit that was asked once and has not agreed has refused, or may do so still.
    """
    return bool(before.passages or before.former or before.found or before.asked)


def _may_say(before: Movement, said: Happening) -> bool:
    """A passage is told by the district of an office on the way."""
    if said.event is not Event.PASSAGE or said.passage is None:
        return True
    return (said.sender, said.passage.office_code) in before.via


def _announced(movement: Movement) -> list[Letter]:
    """To the districts of offices of transit (050)."""
    return [Letter(each, AnticipatedPassage(movement.record, movement.via_of(each))) for each in movement.via_districts]


def _to_transit(movement: Movement, content: PassageOver) -> list[Letter]:
    return [Letter(each, content) for each in movement.via_districts]


def _sent_elsewhere(moved: Movement, said: Happening, *, found: bool) -> Change:
    """To another office; of who knew of it before, everybody else is told."""
    assert said.destination is not None
    there, old = said.destination, moved.other
    moved = _towards(moved, there).changed(found=found or (moved.found and old == there.district))
    tell = RecordAnswer(moved.record) if found else AnticipatedArrival(moved.record)
    letters = [Letter(there.district, tell)]
    if old != there.district:
        letters.append(Letter(old, ForwardedArrival(there.district, there.office_code, found)))
    return Change(moved, tuple(letters))


def _towards(moved: Movement, there: Destination) -> Movement:
    known = dict.fromkeys((*moved.former, moved.other))
    former = tuple(district for district in known if district != there.district)
    return moved.changed(other=there.district, office_code=there.office_code, former=former)


def _from_elsewhere(before: Movement, said: Happening) -> Change | OutOfSequence:
    """A district where it is not to arrive says that it has it."""
    stands = said.event is Event.ARRIVAL_ADVICE and not before.found and said.sender in before.former
    if stands and said.arrival is not None and after(Side.DEPARTURE, before.state, said.event) is not None:
        there = Destination(said.sender, said.arrival.office_code)
        back = at_departure(_towards(before, there), said)
        if isinstance(back, Change):
            told = Letter(before.other, ForwardedArrival(*there, found=True))
            return Change(back.after, (*back.letters, told), back.wish)
    if before.ended:
        return OutOfSequence()
    return OutOfSequence(before.changed(conflict=True, update_time=said.time))


def _to_all(movement: Movement, content: Discharge) -> list[Letter]:
    return [Letter(district, content) for district in (movement.other, *movement.former)]
