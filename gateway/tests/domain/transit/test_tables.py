"""The state machine against the published tables (docs/transit.md): every state and every event, on both sides."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.transit.change import Change, Destination, Happening, Letter, OutOfSequence
from gateway.domain.transit.content import (
    AnticipatedPassage,
    ArrivalAdvice,
    DepartureRecord,
    Discrepancy,
    DiscrepancyKind,
    Incident,
    IncidentKind,
    InvalidationRequest,
    MovementRecord,
    Passage,
    PassageOver,
    SealState,
    UnloadingRemarks,
)
from gateway.domain.transit.departure import at_departure
from gateway.domain.transit.destination import at_destination
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.passing import at_transit
from gateway.domain.transit.states import Event, Side, State
from gateway.domain.transit.tables import TABLES

DOCS = Path(__file__).resolve().parents[4] / "docs" / "transit.md"
NOW = 1_100_649_600_000_000
RECORD = DepartureRecord(NOW, NOW + 10**12, ("CN-1",), "A1")
ARRIVAL = ArrivalAdvice("2921", NOW, SealState.INTACT)
PASSAGE = Passage("2910", NOW, SealState.INTACT)
DECIDE = {Side.DEPARTURE: at_departure, Side.DESTINATION: at_destination, Side.TRANSIT: at_transit}
REMARKS = UnloadingRemarks(False, SealState.BROKEN, NOW, (Discrepancy(1, DiscrepancyKind.MISSING, "三台"),))
# As an event may bring it: each handler takes what it needs.
SAID = Happening(
    Event.DECLARE,
    "spiffe://ningbo.clearance/operator/officer-customs",
    NOW,
    departure=RECORD,
    destination=Destination("shanghai", "2201"),
    arrival=ARRIVAL,
    remarks=REMARKS,
    incident=Incident(IncidentKind.OTHER, NOW, "绍兴", "lorry changed"),
    record=MovementRecord(b"declaration", b"digest", RECORD, "2921"),
    passage=PASSAGE,
    office_codes=("2910",),
    text="why",
    sender="hangzhou",
)


def movement(side: Side, state: State) -> Movement:
    """One that has come so far as to have everything."""
    other = "hangzhou" if side is Side.DEPARTURE else "ningbo"
    begun = Movement(side, "04CN31047K3M9QZAJ0", state, other, "2921", "LRN", "broker", b"d", b"5", "00-1", NOW, NOW)
    via = (("hangzhou", "2910"),) if side is Side.DEPARTURE else (("", "2910"),)
    return replace(begun, departure=RECORD, arrival=ARRIVAL, via=via, etag=1)


def published(side: Side) -> dict[State, dict[Event, State]]:
    """The table of one side as the documents have it."""
    part = DOCS.read_text().split(f"### {side.name.capitalize()}\n")[1].split("\n#")[0].split("\nBeside")[0]
    rows = re.findall(r"^\| ([A-Z_]+) \| (.*?) \|$", part, re.MULTILINE)
    return {State[name]: _leads(cell) for name, cell in rows}


def _leads(cell: str) -> dict[Event, State]:
    leads = {}
    for part in cell.split(" · ") if cell != "–" else ():
        events, _, state = part.partition(" → ")
        leads |= {Event[name]: State[state] for name in events.split()}
    return leads


@pytest.mark.parametrize("side", Side)
def test_each_side_publishes_all_its_states(side: Side) -> None:
    assert set(published(side)) == set(TABLES[side])


@pytest.mark.parametrize("side", Side)
def test_every_state_meets_every_event_as_published(side: Side) -> None:
    table, decide = published(side), DECIDE[side]
    for state in TABLES[side]:
        for event in Event:
            found = decide(movement(side, state), replace(SAID, event=event))
            expected = table[state].get(event)
            if expected is None:
                assert isinstance(found, OutOfSequence), f"{side.name} {state.name} {event.name}"
                assert found.marked is None
            else:
                assert isinstance(found, Change), f"{side.name} {state.name} {event.name}"
                assert found.after.state is expected


@pytest.mark.parametrize("side", Side)
def test_what_ended_stays_as_it_is(side: Side) -> None:
    assert all(not TABLES[side][state] for state in TABLES[side] if movement(side, state).ended)
    assert all(TABLES[side][state] for state in TABLES[side] if not movement(side, state).ended)


@pytest.mark.parametrize("side", Side)
def test_every_state_but_the_first_is_reached(side: Side) -> None:
    reached = {state for leads in TABLES[side].values() for state in leads.values()}
    assert reached == set(TABLES[side]) - {State.UNKNOWN}


@pytest.mark.parametrize("event", [Event.ARRIVAL_ADVICE, Event.CONFORM, Event.DISCREPANT])
def test_only_the_district_where_it_is_to_arrive_may_say_that_it_has_it(event: Event) -> None:
    for state in TABLES[Side.DEPARTURE]:
        before = movement(Side.DEPARTURE, state)
        found = at_departure(before, replace(SAID, event=event, sender="nanjing"))
        assert isinstance(found, OutOfSequence)
        assert (found.marked is not None and found.marked.conflict) is not before.ended


def test_a_passage_counts_from_the_district_of_an_office_on_the_way_only() -> None:
    before = movement(Side.DEPARTURE, State.RELEASED)
    passed = at_departure(before, replace(SAID, event=Event.PASSAGE))
    assert isinstance(passed, Change)
    assert passed.after.passages == (PASSAGE,)
    for said in (replace(SAID, sender="nanjing"), replace(SAID, passage=replace(PASSAGE, office_code="2921"))):
        assert isinstance(at_departure(before, replace(said, event=Event.PASSAGE)), OutOfSequence)
    expected = movement(Side.TRANSIT, State.EXPECTED)
    elsewhere = replace(SAID, event=Event.PASS, passage=replace(PASSAGE, office_code="2921"))
    assert isinstance(at_transit(expected, elsewhere), OutOfSequence)


def test_goods_that_passed_have_left_and_an_officer_decides_where_the_destination_ended_them() -> None:
    passed = replace(movement(Side.DEPARTURE, State.RELEASED), passages=(PASSAGE,))
    assert isinstance(at_departure(passed, replace(SAID, event=Event.INVALIDATE)), OutOfSequence)
    crossed = at_departure(
        replace(passed, state=State.CANCELLING), replace(SAID, event=Event.INVALIDATED, sender="hangzhou")
    )
    assert isinstance(crossed, Change)
    assert (crossed.after.state, crossed.after.conflict) == (State.DISCREPANCY, True)
    assert [type(each.content) for each in crossed.letters] == [AnticipatedPassage], (
        "offices of transit expect it again"
    )


def test_the_destination_is_asked_once_every_district_on_the_way_has_said_that_nothing_passed() -> None:
    via = (("shanghai", "2201"), ("shanghai", "2202"), ("nanjing", "2300"))
    said = replace(SAID, event=Event.INVALIDATE)
    asking = at_departure(replace(movement(Side.DEPARTURE, State.RELEASED), via=via), said)
    assert isinstance(asking, Change)
    assert asking.letters == (Letter("shanghai", PassageOver(True)), Letter("nanjing", PassageOver(True)))
    one = at_departure(asking.after, replace(SAID, event=Event.NOT_PASSED, sender="nanjing"))
    assert isinstance(one, Change)
    assert (one.letters, one.after.asked) == ((), ("shanghai",))
    both = at_departure(one.after, replace(SAID, event=Event.NOT_PASSED, sender="shanghai"))
    assert isinstance(both, Change)
    assert both.letters == (Letter("hangzhou", InvalidationRequest("why")),)


@pytest.mark.parametrize("event", [Event.HAS_PASSED, Event.INVALIDATION_REFUSED])
def test_what_goes_on_after_all_is_announced_to_the_offices_on_the_way_again(event: Event) -> None:
    asking = replace(movement(Side.DEPARTURE, State.CANCELLING), asked=("hangzhou",))
    found = at_departure(asking, replace(SAID, event=event))
    assert isinstance(found, Change)
    assert [type(each.content) for each in found.letters] == [AnticipatedPassage]
    again = at_departure(found.after, replace(SAID, event=Event.INVALIDATE))
    assert isinstance(again, OutOfSequence), "who has not agreed may have seen it pass"


@pytest.mark.parametrize(
    ("state", "event", "cancelled"),
    [(State.ARRIVED, Event.CONFORM, False), (State.CANCELLING, Event.INVALIDATED, True)],
)
def test_offices_of_transit_are_told_when_it_has_ended(state: State, event: Event, cancelled: bool) -> None:
    found = at_departure(movement(Side.DEPARTURE, state), replace(SAID, event=event))
    assert isinstance(found, Change)
    assert found.letters[-1] == Letter("hangzhou", PassageOver(cancelled))


def test_what_was_sent_to_another_district_is_not_invalidated_for_the_former_one_may_have_it() -> None:
    diverted = replace(movement(Side.DEPARTURE, State.DIVERTED), former=("nanjing",))
    assert isinstance(at_departure(diverted, replace(SAID, event=Event.INVALIDATE)), OutOfSequence)
