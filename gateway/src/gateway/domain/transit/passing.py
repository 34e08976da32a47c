"""Events at offices of transit: goods are announced there (050), pass (118), and are expected no more."""

from gateway.domain.transit.change import Change, Happening, Letter, OutOfSequence
from gateway.domain.transit.content import IncidentReport
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, Side
from gateway.domain.transit.tables import after


def at_transit(before: Movement, said: Happening) -> Change | OutOfSequence:
    """The movement after an event; or the refusal."""
    event = said.event
    state = after(Side.TRANSIT, before.state, event)
    if state is None or not _is_office(before, said):
        return OutOfSequence()
    moved = before.changed(state=state, update_time=said.time)
    if event is Event.PASSAGE_ANTICIPATED and said.record is not None:
        return Change(_announced(moved, said))
    if event is Event.PASS and said.passage is not None:
        passed = moved.changed(passages=(*moved.passages, said.passage))
        return Change(passed, (Letter(before.other, said.passage),))
    if event is Event.INCIDENT and not said.sender and said.incident is not None:
        return Change(moved, (Letter(before.other, IncidentReport(said.incident)),))
    return Change(moved)


def _announced(moved: Movement, said: Happening) -> Movement:
    record = said.record
    assert record is not None
    return moved.changed(
        declaration=record.declaration,
        digest=record.declaration_digest,
        departure=record.departure,
        office_code=record.destination_office_code,
        via=tuple(("", each) for each in said.office_codes),
        trace=said.trace or moved.trace,
    )


def _is_office(before: Movement, said: Happening) -> bool:
    """Goods pass where they are announced."""
    return said.event is not Event.PASS or said.passage is None or ("", said.passage.office_code) in before.via
