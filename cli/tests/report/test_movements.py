"""Movements in words."""

from typing import Any

import pytest

from clearance.district.v1.movement_pb2 import SEAL_STATE_BROKEN, SEAL_STATE_INTACT, Discrepancy
from clearance.gateway.v1.guarantee_release_service_pb2 import GuaranteeRelease
from clearance.gateway.v1.transit_service_pb2 import Movement
from tongguan.console import PlainConsole
from tongguan.failures import Misused
from tongguan.report.movements import (
    movement_line,
    movement_row,
    movement_view,
    movements_table,
    side_number,
    state_number,
)

MRN = "26CN310400000017J4"


@pytest.fixture
def movement() -> Movement:
    """Released at Ningbo for Hangzhou, whose gateway has been away since."""
    made = Movement(
        mrn=MRN,
        lrn="SPINDLES-0417",
        side=Movement.SIDE_DEPARTURE,
        state=Movement.STATE_RELEASED,
        other_district="hangzhou",
        destination_office_code="2900",
        declarant="spiffe://ningbo.clearance/broker/3104980001",
    )
    declaration = made.declaration
    declaration.departure_office_code, declaration.destination_office_code = "3104", "2900"
    declaration.holder.name, declaration.holder.identifier = "Mule [& Jenny]", "3302961284"
    declaration.items.add(number=1)
    declaration.containers.add(number="CSQU3054383", seal_numbers=["BOLT-9"])
    made.departure.release_time.FromJsonString("2026-11-23T09:30:00Z")
    made.departure.limit_time.FromJsonString("2026-11-25T09:30:00Z")
    made.departure.control_result_code = "A2"
    made.departure.seal_numbers.append("NB-0021")
    made.guarantee.grns.append("04CN2900000000017")
    made.guarantee.amount.currency_code, made.guarantee.amount.minor_units = "CNY", 966_393
    made.guarantee.state, made.guarantee.generation = GuaranteeRelease.STATE_CONFIRMED, 1
    made.guarantee.home_district = "hangzhou"
    return made


def said(movement: Movement) -> str:
    console = PlainConsole(width=200)
    with console.capture() as told:
        console.print(*movement_view(movement), sep="\n")
    return told.get()


def test_a_movement_tells_its_way_its_guarantee_and_its_seals(movement: Movement) -> None:
    text = said(movement)
    assert text.startswith(f"{MRN} (LRN SPINDLES-0417): RELEASED")
    assert "1 item from office 3104 to 2900, holder Mule [& Jenny] 3302961284" in text
    assert "guarantee 1: CONFIRMED, 9663.93 CNY on 04CN2900000000017 kept by hangzhou" in text
    assert "trader's seals: BOLT-9" in text
    assert "customs' seals NB-0021" in text


def test_what_happened_is_told_in_its_order_with_what_was_refused(movement: Movement) -> None:
    movement.events.add(sequence=7, event="ARRIVAL_ADVICE", refused=True, by="district/hangzhou", state_after=5)
    [line] = [line for line in said(movement).splitlines() if "ARRIVAL_ADVICE" in line]
    assert "(refused)" in line
    assert "district/hangzhou" in line


def test_a_message_that_was_set_aside_says_how_it_is_tried_again(movement: Movement) -> None:
    movement.messages.add(district="hangzhou", kind="AnticipatedArrival", attempts=3, set_aside=True, reason="[odd]")
    assert "set aside: [odd]; `tongguan transit requeue`" in said(movement)


def test_discrepancies_and_broken_seals_are_told(movement: Movement) -> None:
    movement.arrival.office_code, movement.arrival.seal_state = "2900", SEAL_STATE_INTACT
    movement.remarks.seal_state = SEAL_STATE_BROKEN
    movement.remarks.discrepancies.add(item_number=2, kind=Discrepancy.KIND_OTHER_GOODS, text="bobbins")
    movement.remarks.discrepancies.add(kind=Discrepancy.KIND_SEALS, text="NB-0021 cut")
    text = said(movement)
    assert "not as declared, seals broken" in text
    assert "item 2: other goods: bobbins" in text
    assert "the whole: seals: NB-0021 cut" in text


def test_a_refused_guarantee_and_a_conflict_are_seen_at_once(movement: Movement) -> None:
    movement.conflict = True
    movement.guarantee.refusals.append("G09")
    row: dict[Any, str] = dict(
        zip((column.header for column in movements_table().columns), movement_row(movement), strict=True)
    )
    assert row["state"] == "RELEASED (CONFLICT)"
    assert "refused by G09" in movement_line(movement)


def test_a_partner_that_is_away_and_one_that_told_the_movement_are_named(movement: Movement) -> None:
    movement.other_absence.district = "hangzhou"
    movement.other_absence.unreached_since_time.FromJsonString("2026-11-24T09:30:00Z")
    assert "hangzhou is away since" in said(movement)
    assert "shown by ningbo, as far as" in said(Movement(mrn=MRN, shown_by_district="ningbo"))


def test_offices_that_were_passed_are_told_with_the_seals_there(movement: Movement) -> None:
    passage = movement.passages.add(office_code="2900", seal_state=SEAL_STATE_BROKEN)
    passage.passage_time.FromJsonString("2026-11-24T09:30:00Z")
    assert "passed 2900 2026-11-24" in said(movement)
    assert "seals broken" in said(movement)


def test_states_and_sides_are_named_and_others_refused() -> None:
    assert state_number("released") == Movement.STATE_RELEASED
    assert (side_number(""), side_number("transit")) == (0, Movement.SIDE_TRANSIT)
    with pytest.raises(Misused, match="no such state"):
        state_number("sunk")
    with pytest.raises(Misused, match="no such side"):
        side_number("port")


@pytest.mark.parametrize("width", [60, 80, 160])
def test_a_row_is_known_by_its_number_however_narrow_the_terminal_is(movement: Movement, width: int) -> None:
    table, console = movements_table(), PlainConsole(width=width)
    table.add_row(*movement_row(movement))
    with console.capture() as printed:
        console.print(table)
    assert MRN in printed.get()
    assert "RELEASED" in printed.get()
