"""The state machine against the published tables (docs/transit.md): every state and every event, on both sides."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.domain.transit.change import Change, Destination, Happening, OutOfSequence
from gateway.domain.transit.content import (
    ArrivalAdvice,
    DepartureRecord,
    Discrepancy,
    DiscrepancyKind,
    Incident,
    IncidentKind,
    MovementRecord,
    SealState,
    UnloadingRemarks,
)
from gateway.domain.transit.departure import at_departure
from gateway.domain.transit.destination import at_destination
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import TABLES, Event, Side, State

DOCS = Path(__file__).resolve().parents[4] / "docs" / "transit.md"
NOW = 1_100_649_600_000_000
RECORD = DepartureRecord(NOW, NOW + 10**12, ("CN-1",), "A1")
ARRIVAL = ArrivalAdvice("2921", NOW, SealState.INTACT)
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
    text="why",
    sender="hangzhou",
)


def movement(side: Side, state: State) -> Movement:
    """One that has come so far as to have everything."""
    other = "hangzhou" if side is Side.DEPARTURE else "ningbo"
    begun = Movement(side, "04CN31047K3M9QZAJ0", state, other, "2921", "LRN", "broker", b"d", b"5", "00-1", NOW, NOW)
    return replace(begun, departure=RECORD, arrival=ARRIVAL, etag=1)


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
    table, decide = published(side), at_departure if side is Side.DEPARTURE else at_destination
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
