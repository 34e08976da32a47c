"""Room is booked, moved and given back, on both databases, and each party sees what is his."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.decisions.requests import Claim
from agencykit.refusals import NotFound, RecordPurged, RequestIdReused, SlotFull, SlotInvalid, StateForbids
from agencykit.storage.rows import run
from agencykit.testing.statements import statements_of
from port.domain.capacity import CALENDAR_END, Resource, Wish
from port.operations import appointments, lodging
from port.operations.appointments import Booking, Party
from port.storage.appointments import Appointment, page

from .rooms import DAY, GATE, HOUR, NOW, RESOURCES, SCANNER, YARD

OFFICE = Party("operator/port-office", operator=True)
YONGGANG, SIMING = Party("haulier/YONGGANG", haulier="YONGGANG"), Party("haulier/SIMING", haulier="SIMING")
_ids = count(1)


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
    room = appointments.room(connection, RESOURCES, OFFICE, resource.code, DAY + hour * HOUR, 1, NOW)
    [(_, taken)] = room.slots
    return resource.capacity - taken


def seen(connection: Connection, party: Party, code: str = "", size: int = 10, last_id: str = "") -> list[Appointment]:
    return appointments.seen(connection, RESOURCES, party, code, 0, last_id, size)


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


def test_a_booking_that_was_purged_is_not_booked_again(connection: Connection) -> None:
    first = booking(10, 3)
    book(connection, first)
    run(connection, "DELETE FROM slot_bookings")
    assert book(connection, first) == [RecordPurged]
    assert free(connection, 10) == 3


def test_what_cannot_be_booked_says_why(connection: Connection) -> None:
    bad = [booking(10.5), booking(6), booking(resource="BEILUN-9/GATE")]
    assert book(connection, *bad) == [SlotInvalid, SlotInvalid, NotFound]


def test_nothing_is_booked_or_shown_beyond_the_calendar(connection: Connection) -> None:
    """A time that no message can say would keep every list that it stands in from being told."""
    last = (CALENDAR_END + 1 - DAY) // HOUR - 1
    assert kinds(book(connection, booking(last), booking(last - 1))) == [SlotInvalid, Appointment]
    room = appointments.room(connection, RESOURCES, OFFICE, GATE.code, DAY + (last - 1) * HOUR, 3, NOW)
    assert [begin for begin, _ in room.slots] == [DAY + (last - 1) * HOUR]


def test_of_two_far_bookings_at_a_yard_what_lies_between_is_not_looked_at(connection: Connection) -> None:
    far = 24 * 365 * 7_000
    stands(connection, "MSKU1234565")
    wishes = [Wish(DAY, 2, 1), Wish(DAY + far * HOUR, 1, 1)]
    [units] = appointments._taken(connection, {YARD: wishes}, NOW).values()
    assert [units[DAY], units[DAY + far * HOUR], len(units)] == [1, 1, 3]
    made = book(connection, *(booking(hour, 2, resource=YARD.code) for hour in (24, far)))
    assert kinds(made) == [Appointment, Appointment]


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
    assert seen(connection, YONGGANG) == [made]
    assert seen(connection, SIMING) == []
    lodging.lodge_delivery_orders(connection, [{"document": "COSU4117", "haulier": "SIMING", "withdrawn": False}])
    with pytest.raises(NotFound):
        act(appointments.move, connection, made, YONGGANG, "", DAY + 12 * HOUR)
    assert act(appointments.cancel, connection, made, OFFICE).state == 2, "an operator may"


def stands(connection: Connection, container: str, yard: str = YARD.code) -> None:
    entry = {"document": "COSU4117", "container": container, "place_code": yard, "assign_time": NOW, "yard": yard}
    lodging.assign_places(connection, [entry])


def test_what_stands_in_a_yard_takes_up_room_from_now_on_until_it_is_moved(connection: Connection) -> None:
    [coming] = book(connection, booking(24, resource=YARD.code, container="CSQU3054383"))
    assert [free(connection, hour, YARD) for hour in (-24, 0, 24)] == [3, 3, 2]
    stands(connection, "MSKU1234565")
    assert [free(connection, hour, YARD) for hour in (-24, 0, 24)] == [3, 2, 1], "the past is as it was booked"
    stands(connection, coming.container)
    assert [free(connection, hour, YARD) for hour in (0, 24)] == [1, 1], "what has come is not counted twice"
    assert book(connection, booking(24, 2, resource=YARD.code)) == [SlotFull]
    stands(connection, "MSKU1234565", "")
    assert kinds(book(connection, booking(24, 2, resource=YARD.code))) == [Appointment]
    assert appointments.room(connection, RESOURCES, OFFICE, YARD.code, NOW, 1, NOW).in_use == 1


def test_a_terminal_sees_whoever_comes_to_its_resources_and_nobody_elses(connection: Connection) -> None:
    lodging.lodge_delivery_orders(connection, [{"document": "COSU4117", "haulier": "YONGGANG", "withdrawn": False}])
    [truck] = book(connection, booking(10, 1, YONGGANG), party=YONGGANG)
    [scan] = book(connection, booking(11, resource=SCANNER.code))
    beilun, chuanshan = (Party(f"terminal/{code}", terminal=code) for code in ("BEILUN-2", "CHUANSHAN"))
    assert seen(connection, beilun) == sorted([truck, scan])
    assert [seen(connection, beilun, code) for code in (GATE.code, "CHUANSHAN/GATE")] == [[truck], []]
    first, second = (seen(connection, beilun, size=1, last_id=last) for last in ("", min(truck, scan).id))
    assert first + second == sorted([truck, scan]), "page by page"
    assert seen(connection, chuanshan) == []
    assert seen(connection, OFFICE) == sorted([truck, scan])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_of_appointments_is_found_along_an_index(connection: Connection) -> None:
    """The list only grows, and each haulier looks at his own few."""
    with statements_of(connection) as statements:
        page(connection, YONGGANG.identity, [], 0, "", 10)
        page(connection, "", [GATE.code], 0, "", 10)
    for statement, of in zip(statements, (YONGGANG.identity, GATE.code), strict=True):
        plan = run(connection, f"EXPLAIN QUERY PLAN {statement}", ("", 0, of, 10))
        assert "USING INDEX slot_bookings" in str(plan)
        assert "TEMP B-TREE" not in str(plan), "not sorted either"


def test_a_terminal_books_its_own_resources_only(connection: Connection) -> None:
    terminal = Party("terminal/CHUANSHAN", terminal="CHUANSHAN")
    assert book(connection, booking(10, 1, terminal), party=terminal) == [NotFound]
    with pytest.raises(NotFound):
        appointments.room(connection, RESOURCES, terminal, GATE.code, NOW, 3, NOW)
