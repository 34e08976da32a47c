"""ManifestService: carriers, terminals and the port's own office lodge what the port decides by."""

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.port.v1 import manifest_service_pb2 as pb
from port.operations import lodging
from port.rpc import facts

CALLERS = ("operator/*",)


class ManifestServicer:
    """Each call is carried out once for its request id, and wakes whoever waits for what it brings."""

    def __init__(self, parts: AgencyParts) -> None:
        self._parts = parts

    async def LodgeManifests(self, request: pb.LodgeManifestsRequest, call: Call) -> pb.LodgeManifestsResponse:
        entries = [facts.manifest_entry(manifest) for manifest in request.manifests]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.lodge_manifests, entries)
        return pb.LodgeManifestsResponse(manifests=request.manifests)

    async def ReportArrivals(self, request: pb.ReportArrivalsRequest, call: Call) -> pb.ReportArrivalsResponse:
        entries = [facts.arrival_entry(arrival) for arrival in request.arrivals]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.report_arrivals, entries)
        self._parts.outcomes.notify()
        return pb.ReportArrivalsResponse(arrivals=request.arrivals)

    async def ReportTallies(self, request: pb.ReportTalliesRequest, call: Call) -> pb.ReportTalliesResponse:
        entries = [facts.tally_entry(tally) for tally in request.tallies]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.report_tallies, entries)
        return pb.ReportTalliesResponse(tallies=request.tallies)

    async def AssignPlaces(self, request: pb.AssignPlacesRequest, call: Call) -> pb.AssignPlacesResponse:
        entries = [facts.place_entry(place) for place in request.places]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.assign_places, entries)
        return pb.AssignPlacesResponse(places=request.places)

    async def PlaceHolds(self, request: pb.PlaceHoldsRequest, call: Call) -> pb.PlaceHoldsResponse:
        entries = [facts.hold_entry(hold) for hold in request.holds]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.place_holds, entries)
        return pb.PlaceHoldsResponse(holds=request.holds)

    async def LodgeDeliveryOrders(
        self, request: pb.LodgeDeliveryOrdersRequest, call: Call
    ) -> pb.LodgeDeliveryOrdersResponse:
        entries = [facts.delivery_order_entry(order) for order in request.delivery_orders]
        operation = lodging.lodge_delivery_orders
        await lodge(self._parts, call, request.request_id, call.request_bytes, operation, entries)
        self._parts.outcomes.notify()
        return pb.LodgeDeliveryOrdersResponse(delivery_orders=request.delivery_orders)


def manifest_service(parts: AgencyParts) -> Service:
    """The service with its default callers."""
    return Service(ManifestServicer(parts), pb.DESCRIPTOR.services_by_name["ManifestService"], CALLERS)
