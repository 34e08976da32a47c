"""What parties say to border in the tests over sockets."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from agencykit.decisions.tables import cases
from agencykit.storage.rows import rows_in
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller, RunningAgency
from clearance.border.v1 import appeal_service_pb2 as appeal_pb
from clearance.border.v1 import conveyance_service_pb2 as pb
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans

ETA = datetime(2004, 11, 19, 6, tzinfo=UTC)
SERVICE = "/clearance.border.v1.ConveyanceService/"
APPEALS = "/clearance.border.v1.AppealService/"
CASES = "/clearance.border.v1.WatchCaseService/"


def on_voyage(reference: str) -> Consignment:
    """A plain import by sea on a voyage of its own."""
    consignment = sea_import(reference)
    consignment.border_transport.voyage_number = reference
    return consignment


async def announce(operator: Caller, voyage: str, ahead: timedelta, request_id: str = "") -> None:
    request = pb.AnnounceConveyancesRequest(request_id=request_id or operator.runtime.ids.uuid())
    call = request.announcements.add(identification="IMO 9074729", voyage_number=voyage)
    call.mode, call.movement = TransportMeans.MODE_SEA, pb.Announcement.MOVEMENT_ARRIVAL
    call.announce_time.FromDatetime(ETA - ahead)
    call.expected_time.FromDatetime(ETA)
    await operator.call(f"{SERVICE}AnnounceConveyances", request, pb.AnnounceConveyancesResponse)


async def list_crew(operator: Caller, voyage: str, *documents: str) -> None:
    request = pb.LodgeCrewListsRequest(request_id=operator.runtime.ids.uuid())
    crew = request.crew_lists.add(identification="9074729", voyage_number=voyage)
    crew.lodge_time.FromDatetime(ETA)
    for document in documents or ("E51830274",):
        crew.members.add(name="Chen Haiming", document_number=document, nationality_code="CN")
    await operator.call(f"{SERVICE}LodgeCrewLists", request, pb.LodgeCrewListsResponse)


async def permit(operator: Caller, voyage: str, revoked: bool = False) -> None:
    request = pb.GrantPermitsRequest(request_id=operator.runtime.ids.uuid())
    granted = request.permits.add(identification="9074729", voyage_number=voyage, revoked=revoked)
    granted.movement = pb.Announcement.MOVEMENT_ARRIVAL
    granted.grant_time.FromDatetime(ETA)
    await operator.call(f"{SERVICE}GrantPermits", request, pb.GrantPermitsResponse)


async def inspect(operator: Caller, voyage: str, passed: bool = True) -> None:
    request = pb.RecordInspectionsRequest(request_id=operator.runtime.ids.uuid())
    made = request.inspections.add(identification="9074729", voyage_number=voyage, passed=passed)
    made.movement = pb.Announcement.MOVEMENT_ARRIVAL
    made.inspect_time.FromDatetime(ETA)
    await operator.call(f"{SERVICE}RecordInspections", request, pb.RecordInspectionsResponse)


async def enter(operator: Caller, voyage: str, arrived: datetime = ETA, completed: datetime | None = ETA) -> None:
    request = pb.RecordEntryFormalitiesRequest(request_id=operator.runtime.ids.uuid())
    entry = request.entry_formalities.add(identification="IMO 9074729", voyage_number=voyage)
    entry.arrive_time.FromDatetime(arrived)
    if completed is not None:
        entry.complete_time.FromDatetime(completed)
    await operator.call(f"{SERVICE}RecordEntryFormalities", request, pb.RecordEntryFormalitiesResponse)


async def watch(operator: Caller, entry: str, kind: int, subject: str, lifted: bool = False) -> None:
    request = pb.EnterWatchListRequest(request_id=operator.runtime.ids.uuid())
    request.watch_entries.add(id=entry, kind=kind, subject=subject, lifted=lifted)
    await operator.call(f"{SERVICE}EnterWatchList", request, pb.EnterWatchListResponse)


async def clear_of_formalities(operator: Caller, voyage: str) -> None:
    await announce(operator, voyage, timedelta(days=8))
    await list_crew(operator, voyage)
    await permit(operator, voyage)
    await inspect(operator, voyage)
    await enter(operator, voyage)


async def appeal(caller: Caller, number: str) -> appeal_pb.Appeal:
    request = appeal_pb.LodgeAppealRequest(
        request_id=caller.runtime.ids.uuid(), clearance_number=number, grounds="the announcement was late by storm"
    )
    return (await caller.call(f"{APPEALS}LodgeAppeal", request, appeal_pb.LodgeAppealResponse)).appeal


async def decide_appeal(caller: Caller, appeal_id: str) -> appeal_pb.Appeal:
    request = appeal_pb.DecideAppealRequest(
        request_id=caller.runtime.ids.uuid(),
        appeal_id=appeal_id,
        state=appeal_pb.Appeal.STATE_UPHELD,
        reason="the storm is in the log book",
    )
    return (await caller.call(f"{APPEALS}DecideAppeal", request, appeal_pb.DecideAppealResponse)).appeal


async def depart(agency: RunningAgency, voyage: str) -> None:
    """Announced, listed and permitted to leave."""
    now, operator = agency.runtime.clock.now(), agency.operator
    request = pb.AnnounceConveyancesRequest(request_id=operator.runtime.ids.uuid())
    call = request.announcements.add(identification="9074729", voyage_number=voyage, mode=TransportMeans.MODE_SEA)
    call.movement = pb.Announcement.MOVEMENT_DEPARTURE
    call.announce_time.FromDatetime(now)
    call.expected_time.FromDatetime(now + timedelta(hours=6))
    await operator.call(f"{SERVICE}AnnounceConveyances", request, pb.AnnounceConveyancesResponse)
    await list_crew(operator, voyage)
    granted = pb.GrantPermitsRequest(request_id=operator.runtime.ids.uuid())
    of_exit = granted.permits.add(identification="9074729", voyage_number=voyage)
    of_exit.movement = pb.Announcement.MOVEMENT_DEPARTURE
    of_exit.grant_time.FromDatetime(now)
    await operator.call(f"{SERVICE}GrantPermits", granted, pb.GrantPermitsResponse)


def dues(connection: Connection, numbers: list[str]) -> dict[str, int]:
    """When clearances are to be decided again, of those that are."""
    rows = rows_in(connection, cases, ("clearance_number", "due_time"), ("clearance_number",), numbers)
    return {number: due for number, due in rows if due is not None}
