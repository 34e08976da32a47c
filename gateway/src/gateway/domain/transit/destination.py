"""Events at a destination. What it has recorded of an arrival stands, whatever else is said meanwhile."""

from gateway.domain.transit.change import Change, Happening, Letter, OutOfSequence
from gateway.domain.transit.content import (
    ControlResults,
    EnquiryAnswer,
    IncidentReport,
    RecordRequest,
    StatusAnswer,
)
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, Side, State
from gateway.domain.transit.tables import after

_HERE = frozenset({State.ARRIVED, State.UNLOADING, State.CONTROL_REPORTED, State.DISCREPANCY})


def at_destination(before: Movement, said: Happening) -> Change | OutOfSequence:
    """The movement after an event; or the refusal."""
    event = said.event
    state = after(Side.DESTINATION, before.state, event)
    if state is None:
        return OutOfSequence()
    moved = before.changed(state=state, update_time=said.time)
    if said.record is not None:
        moved = _known(moved, said)
    if event is Event.ARRIVE:
        return _arrived(moved.changed(arrival=said.arrival))
    if event in (Event.ANTICIPATED, Event.RECORD) and state is State.ARRIVED and before.state is not state:
        return _arrived(moved)
    if event in (Event.REPORT_CONFORM, Event.REPORT_DISCREPANT) and said.remarks is not None:
        return Change(moved.changed(remarks=said.remarks), (Letter(before.other, ControlResults(said.remarks)),))
    if event is Event.FORWARDED and said.found and before.state in _HERE:
        # Found elsewhere, and it is here.
        return Change(moved.changed(conflict=True))
    if event is Event.STATUS_REQUEST:
        return Change(moved, (Letter(before.other, StatusAnswer(state.name)),))
    if event is Event.ANSWER_ENQUIRY:
        return Change(moved, (Letter(before.other, EnquiryAnswer(said.text)),))
    if event is Event.INCIDENT and not said.sender and said.incident is not None:
        return Change(moved, (Letter(before.other, IncidentReport(said.incident)),))
    return Change(moved)


def refused_there(before: Movement, said: Happening) -> Change | None:
    """The departure has refused what this side said of its goods; None where that changes nothing."""
    if said.event is Event.RECORD_REFUSED:
        change = at_destination(before, said)
        return change if isinstance(change, Change) else None
    return Change(before.changed(conflict=True, update_time=said.time)) if before.state in _HERE else None


def _known(moved: Movement, said: Happening) -> Movement:
    """What the departure tells of it, the newest."""
    assert said.record is not None
    record = said.record
    return moved.changed(
        declaration=record.declaration,
        digest=record.declaration_digest,
        departure=record.departure,
        office_code=record.destination_office_code,
        # One trace runs through both districts, also where this one heard of the goods first.
        trace=said.trace or moved.trace,
    )


def _arrived(moved: Movement) -> Change:
    """Told to the departure; or, where it announced nothing, asked of it."""
    assert moved.arrival is not None
    arrival = moved.arrival
    if moved.state is State.RECORD_REQUESTED:
        return Change(moved, (Letter(moved.other, RecordRequest(arrival.office_code, arrival.arrival_time)),))
    return Change(moved, (Letter(moved.other, arrival),))
