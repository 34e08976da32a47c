"""Room by slots: the decision table (slots.txt), the list of resources, and that no slot is ever overbooked."""

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from agencykit.decisions.requests import Claim
from agencykit.refusals import NotFound, RequestIdReused, SlotFull, SlotInvalid, StateForbids
from agencykit.settings import SettingsError
from port.domain.capacity import MINUTE, Kind, Resource, Taken, Wish, booked, no_room, what_is_wrong
from port.operations import appointments, lodging
from port.operations.appointments import Booking, Party
from port.storage.appointments import Appointment, page
from port.storage.capacity import read_capacity

HOUR = 60 * MINUTE
DAY = 1_100_649_600_000_000 // (24 * HOUR) * 24 * HOUR
NOW = DAY + 8 * HOUR
GATE = Resource("BEILUN-2/GATE", Kind.GATE, "BEILUN-2", 60, 3)
SCANNER = Resource("BEILUN-2/SCANNER", Kind.SCANNER, "BEILUN-2", 30, 2)
RESOURCES = {each.code: each for each in (GATE, SCANNER)}
OFFICE = Party("operator/port-office", operator=True)
YONGGANG, SIMING = Party("haulier/YONGGANG", haulier="YONGGANG"), Party("haulier/SIMING", haulier="SIMING")
_ids = count(1)

HEADING = ("taken", "wish", "now", "answer")
TABLE = [
    line
    for line in Path(__file__).with_name("slots.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def moment(text: str) -> int:
    hour, _, minute = text.partition(":")
    return DAY + int(hour) * HOUR + int(minute or 0) * MINUTE


def taken_of(cell: str) -> list[Taken]:
    found = []
    for each in cell.split() if cell != "-" else ():
        units, _, span = each.partition("@")
        start, end = span.split("-")
        found.append(Taken(each, moment(start), moment(end), int(units)))
    return found


@pytest.mark.parametrize("line", TABLE[1:])
def test_room_is_as_the_table_says(line: str) -> None:
    taken, wished, now, answer = (cell.strip() for cell in line.split("  ") if cell.strip())
    units, at, slots = wished.replace("@", " ").split()
    wish = Wish(moment(at), int(slots.removeprefix("x")), int(units))
    wrong = what_is_wrong(GATE, wish, moment(now))
    full = no_room(GATE, taken_of(taken), wish)
    said = f"full at {(full.start - DAY) // HOUR}, {full.free} free" if full else "fits"
    assert (wrong or said) == answer


@given(st.lists(st.tuples(st.integers(8, 20), st.integers(1, 4), st.integers(1, 3)), max_size=40))
def test_whatever_is_booked_in_turn_no_slot_has_more_than_its_capacity(wishes: list[tuple[int, int, int]]) -> None:
    taken: list[Taken] = []
    for hour, slots, units in wishes:
        wish = Wish(DAY + hour * HOUR, slots, units)
        if no_room(GATE, taken, wish) is None:
            taken.append(Taken("", wish.start, wish.end(GATE), units))
    for start in range(DAY, DAY + 30 * HOUR, HOUR):
        assert booked(taken, start, start + HOUR) <= GATE.capacity


def test_the_list_that_comes_with_the_port_has_every_kind() -> None:
    resources = read_capacity(None)
    assert {each.kind for each in resources.values()} == set(Kind)
    assert all(code == each.code for code, each in resources.items())


def test_a_bad_list_is_refused_with_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "capacity.toml"
    file.write_text('[A]\nkind = "QUAY"\nslot_minutes = 7\ncapacity = 0\n[B]\nkind = "GATE"\ncolour = 1\n')
    with pytest.raises(SettingsError) as refused:
        read_capacity(file)
    faults = "\n".join(refused.value.faults)
    for fault in (
        "A: terminal is missing",
        "A: kind must",
        "A: slot_minutes",
        "A: capacity",
        "B: colour",
        "B: terminal",
    ):
        assert fault in faults
    file.write_text("[A\n")
    with pytest.raises(SettingsError):
        read_capacity(file)


def booking(hour: float = 10, units: int = 1, party: Party = OFFICE, **fields: Any) -> Booking:
    number = next(_ids)
    claim = Claim("appointment", party.identity, fields.pop("request_id", f"booking-{number}"), f"{hour}".encode())
    wish = Wish(DAY + int(hour * HOUR), fields.pop("slots", 1), units)
    made = {"resource": GATE.code, "document": "COSU4117", "container": "", "conveyance": ""} | fields
    return Booking(claim=claim, wish=wish, new_id=f"{number:036d}", **made)


def book(connection: Connection, *bookings: Booking, party: Party = OFFICE) -> list[Any]:
    answers = appointments.book(connection, RESOURCES, party, bookings, NOW)
    return [each if isinstance(each, Appointment) else type(each) for each in answers]


def free(connection: Connection, hour: int, resource: Resource = GATE) -> int:
    _, [(_, taken)] = appointments.slots(connection, RESOURCES, OFFICE, resource.code, DAY + hour * HOUR, 1)
    return resource.capacity - taken


def act(operation: Any, connection: Connection, made: Appointment, party: Party = OFFICE, *target: Any) -> Appointment:
    claim = Claim("act", party.identity, f"act-{next(_ids)}", b"")
    resources = (RESOURCES,) if operation is appointments.move else ()
    done: Appointment = operation(connection, *resources, party, claim, made.id, *target, NOW)
    return done


def kinds(answers: Sequence[Any]) -> list[Any]:
    return [Appointment if isinstance(each, Appointment) else each for each in answers]


def test_each_booking_sees_those_before_it_and_the_last_finds_no_room(connection: Connection) -> None:
    answers = book(connection, booking(10, 2), booking(10), booking(10), booking(11, 3, slots=2))
    assert kinds(answers) == [Appointment, Appointment, SlotFull, Appointment]
    assert [free(connection, hour) for hour in (9, 10, 11, 12, 13)] == [3, 0, 0, 0, 3]
    assert kinds(book(connection, booking(12), booking(13))) == [SlotFull, Appointment]


def test_the_same_booking_again_is_the_same_appointment(connection: Connection) -> None:
    first = booking(10, 3)
    [made] = book(connection, first)
    assert book(connection, first, first) == [made, made]
    other = booking(11, 3, request_id=first.claim.request_id)
    assert book(connection, other) == [RequestIdReused]


def test_what_cannot_be_booked_says_why(connection: Connection) -> None:
    bad = [booking(10.5), booking(6), booking(resource="BEILUN-9/GATE")]
    assert book(connection, *bad) == [SlotInvalid, SlotInvalid, NotFound]


def test_an_appointment_moves_and_its_old_room_is_free(connection: Connection) -> None:
    made, _ = book(connection, booking(10, 2), booking(12, 2))
    with pytest.raises(SlotFull):
        act(appointments.move, connection, made, OFFICE, "", DAY + 12 * HOUR)
    assert (free(connection, 10), free(connection, 12)) == (1, 1), "it stays where it was"
    moved = act(appointments.move, connection, made, OFFICE, "", DAY + 11 * HOUR)
    assert (moved.start_time, moved.end_time) == (DAY + 11 * HOUR, DAY + 12 * HOUR)
    assert (free(connection, 10), free(connection, 11)) == (3, 1)
    scanned = act(appointments.move, connection, made, OFFICE, SCANNER.code, DAY + 11 * HOUR)
    assert scanned.end_time - scanned.start_time == HOUR, "as long as before, in slots of half an hour"
    assert (free(connection, 11), free(connection, 11, SCANNER)) == (3, 0)


def test_a_full_slot_has_room_for_what_moves_within_itself(connection: Connection) -> None:
    [made] = book(connection, booking(10, 3, slots=2))
    assert act(appointments.move, connection, made, OFFICE, "", DAY + 11 * HOUR).end_time == DAY + 13 * HOUR


def test_a_cancelled_appointment_gives_its_room_back_once_and_stays_cancelled(connection: Connection) -> None:
    [made] = book(connection, booking(10, 3))
    assert act(appointments.cancel, connection, made).state == 2
    assert act(appointments.cancel, connection, made).state == 2
    assert free(connection, 10) == 3
    with pytest.raises(StateForbids):
        act(appointments.move, connection, made, OFFICE, "", DAY + 12 * HOUR)


def test_what_has_begun_can_neither_be_moved_nor_cancelled(connection: Connection) -> None:
    [made] = book(connection, booking(8))
    with pytest.raises(StateForbids):
        act(appointments.cancel, connection, made)
    with pytest.raises(StateForbids):
        act(appointments.move, connection, made, OFFICE, "", DAY + 12 * HOUR)


def test_a_haulier_books_at_gates_for_goods_he_may_fetch_and_sees_his_own(connection: Connection) -> None:
    lodging.lodge_delivery_orders(connection, [{"document": "COSU4117", "haulier": "YONGGANG", "withdrawn": False}])
    wishes = [booking(10, 1, YONGGANG), booking(10, 1, YONGGANG, document="COSU9"), booking(10, 1, YONGGANG)]
    wishes[2] = booking(10, 1, YONGGANG, resource=SCANNER.code)
    [made, *refused] = book(connection, *wishes, party=YONGGANG)
    assert refused == [NotFound, NotFound]
    assert book(connection, booking(10, 1, SIMING), party=SIMING) == [NotFound]
    with pytest.raises(NotFound):
        act(appointments.cancel, connection, made, SIMING)
    assert page(connection, YONGGANG.identity, "", 0, "", 10) == [made]
    assert page(connection, SIMING.identity, "", 0, "", 10) == []
    assert act(appointments.cancel, connection, made, OFFICE).state == 2, "an operator may"


def test_a_terminal_books_its_own_resources_only(connection: Connection) -> None:
    terminal = Party("terminal/CHUANSHAN", terminal="CHUANSHAN")
    assert book(connection, booking(10, 1, terminal), party=terminal) == [NotFound]
    with pytest.raises(NotFound):
        appointments.slots(connection, RESOURCES, terminal, GATE.code, NOW, 3)
