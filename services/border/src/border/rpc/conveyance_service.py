"""ConveyanceService: carriers and officers of border lodge what border decides by."""

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
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
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.lodge_crew_lists, lists, crews)
        return pb.LodgeCrewListsResponse(crew_lists=request.crew_lists)

    async def GrantPermits(self, request: pb.GrantPermitsRequest, call: Call) -> pb.GrantPermitsResponse:
        entries = [facts.permit_entry(permit) for permit in request.permits]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.grant_permits, entries)
        return pb.GrantPermitsResponse(permits=request.permits)

    async def EnterWatchList(self, request: pb.EnterWatchListRequest, call: Call) -> pb.EnterWatchListResponse:
        entries = [facts.watch_entry(entry) for entry in request.watch_entries]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.enter_watch_list, entries)
        return pb.EnterWatchListResponse(watch_entries=request.watch_entries)


def conveyance_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(ConveyanceServicer(parts), pb.DESCRIPTOR.services_by_name["ConveyanceService"], CALLERS)
