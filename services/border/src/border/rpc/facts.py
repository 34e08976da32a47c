"""Turns lodged facts into rows of border's tables."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from border.domain.identifiers import call_key, conveyance, fold, look_alike, un_number
from clearance.border.v1.conveyance_service_pb2 import Announcement, CrewList, Permit, WatchEntry

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
    """Rows of `crew_members`, numbered as on the list."""
    call = call_key(crew_list.identification, crew_list.voyage_number)
    return [
        {
            "call": call,
            "number": number,
            "name": member.name,
            "document_number": member.document_number,
            "nationality_code": member.nationality_code,
            "folded": (folded := fold(member.document_number)),
            "look_alike": look_alike(folded),
        }
        for number, member in enumerate(crew_list.members, start=1)
    ]


def permit_entry(permit: Permit) -> Entry:
    """A row of `permits`."""
    return {
        "call": call_key(permit.identification, permit.voyage_number),
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
    }


def _micros(time: Timestamp) -> int:
    """Microseconds since 1970; the contract's nanoseconds are cut."""
    return time.ToMicroseconds()
