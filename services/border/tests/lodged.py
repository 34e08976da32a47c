"""What carriers and officers lodge in the tests on databases, and the consignment that it concerns."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from border.domain.consignment import ConsignmentView
from border.domain.facts import Facts
from border.rpc import facts as wire
from border.rpc.consignments import read_consignment
from border.storage.facts import FactsReader
from border.storage.reference import read_lists
from clearance.border.v1.conveyance_service_pb2 import Announcement, CrewList, Permit, WatchEntry
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans

NOW = datetime(2004, 6, 18, 6, tzinfo=UTC)
READER = FactsReader(read_lists(None, None))
SHIP = {"identification": "IMO 9319466", "voyage_number": "025W"}
CALL = "9319466/025W"


def consignment(direction: int = Consignment.DIRECTION_IMPORT, **transport: str) -> ConsignmentView:
    declared = Consignment(direction=direction, declaration_type=Consignment.DECLARATION_TYPE_STANDARD)
    means = {"identification": "9319466", "voyage_number": "025w", "nationality_code": "PA"} | transport
    declared.border_transport.CopyFrom(TransportMeans(mode=TransportMeans.MODE_SEA, **means))
    declared.trader.identifier = "3302910123"
    declared.consignor.identifier = "DE 811-569-869"
    return read_consignment(declared)


def known(connection: Connection, *views: ConsignmentView) -> list[Facts]:
    return READER(connection, views or (consignment(),), NOW)


def announcement(movement: int = Announcement.MOVEMENT_ARRIVAL, **changes: Any) -> dict[str, Any]:
    made = Announcement(**SHIP | changes, mode=TransportMeans.MODE_SEA, movement=movement)
    made.announce_time.FromDatetime(NOW - timedelta(days=8))
    made.expected_time.FromDatetime(NOW)
    return wire.announcement_entry(made)


def crew_list(*document_numbers: str) -> tuple[dict[str, Any], dict[str, Any]]:
    made = CrewList(**SHIP)
    made.lodge_time.FromDatetime(NOW)
    for number in document_numbers:
        made.members.add(name="Chen Haiming", document_number=number, nationality_code="CN")
    entry = wire.crew_list_entry(made)
    return entry, {entry["call"]: wire.crew_member_entries(made)}


def permit(revoked: bool = False, sailed: bool = False, movement: int = 1) -> dict[str, Any]:
    made = Permit(**SHIP, revoked=revoked, movement=movement)
    made.grant_time.FromDatetime(NOW)
    if sailed:
        made.sail_time.FromDatetime(NOW + timedelta(hours=3))
    return wire.permit_entry(made)


def watched(kind: int, subject: str, entry: str = "W-17", lifted: bool = False) -> dict[str, Any]:
    return wire.watch_entry(WatchEntry(id=entry, kind=kind, subject=subject, lifted=lifted))
