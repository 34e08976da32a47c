"""ConveyanceService: carriers and officers of border lodge what border decides by."""

from collections.abc import Sequence

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.storage.times import to_micros
from border.domain.identifiers import fold
from border.domain.persons import name_key
from border.operations import lodging
from border.rpc import facts
from clearance.border.v1 import conveyance_service_pb2 as pb

CALLERS = ("operator/*",)


class ConveyanceServicer:
    """Each call is carried out once for its request id, and wakes whoever waits for what it brings."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def AnnounceConveyances(
        self, request: pb.AnnounceConveyancesRequest, call: Call
    ) -> pb.AnnounceConveyancesResponse:
        entries = [facts.announcement_entry(announcement) for announcement in request.announcements]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.announce_conveyances, entries)
        return pb.AnnounceConveyancesResponse(announcements=request.announcements)

    async def LodgeCrewLists(self, request: pb.LodgeCrewListsRequest, call: Call) -> pb.LodgeCrewListsResponse:
        lists = [facts.crew_list_entry(crew_list) for crew_list in request.crew_lists]
        members = [facts.crew_member_entries(crew_list) for crew_list in request.crew_lists]
        crews = {entry["call"]: crew for entry, crew in zip(lists, members, strict=True)}
        await lodge(
            self._parts,
            call,
            request.request_id,
            call.request_bytes,
            lodging.lodge_crew_lists,
            lists,
            crews,
            self._now(),
        )
        return pb.LodgeCrewListsResponse(crew_lists=request.crew_lists)

    async def LodgePassengerLists(
        self, request: pb.LodgePassengerListsRequest, call: Call
    ) -> pb.LodgePassengerListsResponse:
        lists = [facts.passenger_list_entry(each) for each in request.passenger_lists]
        aboard = [facts.passenger_entries(each) for each in request.passenger_lists]
        given = (lists, {entry["call"]: each for entry, each in zip(lists, aboard, strict=True)}, self._now())
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.lodge_passenger_lists, *given)
        return pb.LodgePassengerListsResponse(passenger_lists=request.passenger_lists)

    async def GrantPermits(self, request: pb.GrantPermitsRequest, call: Call) -> pb.GrantPermitsResponse:
        entries = [facts.permit_entry(permit) for permit in request.permits]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.grant_permits, entries)
        return pb.GrantPermitsResponse(permits=request.permits)

    async def RecordInspections(self, request: pb.RecordInspectionsRequest, call: Call) -> pb.RecordInspectionsResponse:
        entries = [facts.inspection_entry(inspection) for inspection in request.inspections]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.record_inspections, entries)
        return pb.RecordInspectionsResponse(inspections=request.inspections)

    async def RecordEntryFormalities(
        self, request: pb.RecordEntryFormalitiesRequest, call: Call
    ) -> pb.RecordEntryFormalitiesResponse:
        entries = [facts.entry_formalities_entry(each) for each in request.entry_formalities]
        operation = lodging.record_entry_formalities
        await lodge(self._parts, call, request.request_id, call.request_bytes, operation, entries)
        return pb.RecordEntryFormalitiesResponse(entry_formalities=request.entry_formalities)

    async def RecordDepartures(self, request: pb.RecordDeparturesRequest, call: Call) -> pb.RecordDeparturesResponse:
        entries = [facts.departure_entry(departure) for departure in request.departures]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.record_departures, entries)
        return pb.RecordDeparturesResponse(departures=request.departures)

    async def EnterWatchList(self, request: pb.EnterWatchListRequest, call: Call) -> pb.EnterWatchListResponse:
        refuse_nameless(request.watch_entries)
        entries = [facts.watch_entry(entry) for entry in request.watch_entries]
        given = (entries, self._now())
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.enter_watch_list, *given)
        return pb.EnterWatchListResponse(watch_entries=request.watch_entries)

    def _now(self) -> int:
        return to_micros(self._parts.runtime.clock.now())


def refuse_nameless(entries: Sequence[pb.WatchEntry]) -> None:
    """FormInvalid for entries that name nobody: a subject, or a person's name."""
    nameless = [
        Violation(f"watch_entries[{place}].subject", "watch_entry.subject", "is missing, and so is a person's name")
        for place, entry in enumerate(entries)
        if not fold(entry.subject) and not (entry.kind == pb.WatchEntry.KIND_PERSON and name_key(entry.name))
    ]
    if nameless:
        raise FormInvalid(nameless)


def conveyance_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(ConveyanceServicer(parts), pb.DESCRIPTOR.services_by_name["ConveyanceService"], CALLERS)
