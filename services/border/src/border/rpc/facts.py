"""Turns lodged facts into rows of border's tables."""

from collections.abc import Iterable
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from border.domain.identifiers import call_key, conveyance, fold, look_alike, un_number
from border.domain.persons import name_key
from border.operations.comparing import CREW, PASSENGER
from clearance.border.v1.conveyance_service_pb2 import (
    Announcement,
    CrewList,
    CrewMember,
    Departure,
    EntryFormalities,
    Inspection,
    Passenger,
    PassengerList,
    Permit,
    WatchEntry,
)

Entry = dict[str, Any]


def announcement_entry(announcement: Announcement) -> Entry:
    """A row of `announcements`."""
    return {
        "call": call_key(announcement.identification, announcement.voyage_number),
        "movement": announcement.movement,
        "mode": announcement.mode,
        "announce_time": _micros(announcement.announce_time),
        "expected_time": _micros(announcement.expected_time),
        "nationality_code": announcement.nationality_code,
        "port_code": announcement.port_code,
        "name": announcement.name,
        "dangerous_goods": " ".join(sorted({un_number(fold(code)) for code in announcement.dangerous_goods_codes})),
    }


def crew_list_entry(crew_list: CrewList) -> Entry:
    """A row of `crew_lists`."""
    return {
        "call": call_key(crew_list.identification, crew_list.voyage_number),
        "lodge_time": _micros(crew_list.lodge_time),
    }


def crew_member_entries(crew_list: CrewList) -> list[Entry]:
    """Rows of `persons`, numbered as on the list."""
    return _person_entries(call_key(crew_list.identification, crew_list.voyage_number), CREW, crew_list.members)


def passenger_list_entry(passenger_list: PassengerList) -> Entry:
    """A row of `passenger_lists`."""
    return {
        "call": call_key(passenger_list.identification, passenger_list.voyage_number),
        "lodge_time": _micros(passenger_list.lodge_time),
    }


def passenger_entries(passenger_list: PassengerList) -> list[Entry]:
    """Rows of `persons`, numbered as on the list."""
    call = call_key(passenger_list.identification, passenger_list.voyage_number)
    return _person_entries(call, PASSENGER, passenger_list.passengers)


def _person_entries(call: str, role: int, aboard: Iterable[CrewMember | Passenger]) -> list[Entry]:
    return [
        {
            "call": call,
            "role": role,
            "number": number,
            "name": person.name,
            "document_number": person.document_number,
            "nationality_code": person.nationality_code,
            "birth_date": person.birth_date,
            "folded": (folded := fold(person.document_number)),
            "look_alike": look_alike(folded),
            "name_key": name_key(person.name),
        }
        for number, person in enumerate(aboard, start=1)
    ]


def inspection_entry(inspection: Inspection) -> Entry:
    """A row of `inspections`."""
    return {
        "call": call_key(inspection.identification, inspection.voyage_number),
        "movement": inspection.movement,
        "inspect_time": _micros(inspection.inspect_time),
        "passed": inspection.passed,
    }


def entry_formalities_entry(formalities: EntryFormalities) -> Entry:
    """A row of `entry_formalities`."""
    return {
        "call": call_key(formalities.identification, formalities.voyage_number),
        "arrive_time": _micros(formalities.arrive_time),
        "complete_time": _micros(formalities.complete_time) if formalities.HasField("complete_time") else None,
    }


def departure_entry(departure: Departure) -> Entry:
    """A row of `departures`."""
    call = call_key(departure.identification, departure.voyage_number)
    return {"call": call, "sail_time": _micros(departure.sail_time)}


def permit_entry(permit: Permit) -> Entry:
    """A row of `permits`."""
    return {
        "call": call_key(permit.identification, permit.voyage_number),
        "movement": permit.movement,
        "grant_time": _micros(permit.grant_time),
        "revoked": permit.revoked,
        "sail_time": _micros(permit.sail_time) if permit.HasField("sail_time") else None,
    }


def watch_entry(entry: WatchEntry) -> Entry:
    """A row of `watch_entries`."""
    of_conveyance = entry.kind == WatchEntry.KIND_CONVEYANCE
    folded = conveyance(entry.subject) if of_conveyance else fold(entry.subject)
    return {
        "id": entry.id,
        "kind": entry.kind,
        "subject": entry.subject,
        "folded": folded,
        "look_alike": look_alike(folded),
        "lifted": entry.lifted,
        "name": entry.name,
        "name_key": name_key(entry.name),
        "birth_date": entry.birth_date,
        "nationality_code": entry.nationality_code,
    }


def _micros(time: Timestamp) -> int:
    """Microseconds since 1970; the contract's nanoseconds are cut."""
    return time.ToMicroseconds()
