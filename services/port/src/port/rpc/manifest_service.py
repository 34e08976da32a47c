"""ManifestService: carriers, terminals and the port's own office lodge what the port decides by."""

from collections.abc import Iterable, Mapping
from typing import Any

from agencykit.agency import AgencyParts
from agencykit.lodging import lodge
from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.port.v1 import manifest_service_pb2 as pb
from port.domain.capacity import Resource, yard_of
from port.domain.identifiers import fold
from port.operations import lodging
from port.rpc import facts

CALLERS = ("operator/*",)


class ManifestServicer:
    """Each call is carried out once for its request id, and wakes whoever waits for what it brings."""

    def __init__(self, parts: AgencyParts, resources: Mapping[str, Resource]) -> None:
        self._parts, self._resources = parts, resources

    async def LodgeManifests(self, request: pb.LodgeManifestsRequest, call: Call) -> pb.LodgeManifestsResponse:
        refuse_unnamed("manifests", "transport_document_number", request.manifests)
        entries = [facts.manifest_entry(manifest) for manifest in request.manifests]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.lodge_manifests, entries)
        return pb.LodgeManifestsResponse(manifests=request.manifests)

    async def ReportArrivals(self, request: pb.ReportArrivalsRequest, call: Call) -> pb.ReportArrivalsResponse:
        refuse_unnamed("arrivals", "transport_document_number", request.arrivals)
        entries = [facts.arrival_entry(arrival) for arrival in request.arrivals]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.report_arrivals, entries)
        self._parts.outcomes.notify()
        return pb.ReportArrivalsResponse(arrivals=request.arrivals)

    async def ReportTallies(self, request: pb.ReportTalliesRequest, call: Call) -> pb.ReportTalliesResponse:
        refuse_unnamed("tallies", "transport_document_number", request.tallies)
        entries = [facts.tally_entry(tally) for tally in request.tallies]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.report_tallies, entries)
        return pb.ReportTalliesResponse(tallies=request.tallies)

    async def AssignPlaces(self, request: pb.AssignPlacesRequest, call: Call) -> pb.AssignPlacesResponse:
        refuse_unnamed("places", "transport_document_number", request.places)
        yards = [yard_of(self._resources.values(), place.place_code) for place in request.places]
        entries = list(map(facts.place_entry, request.places, yards))
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.assign_places, entries)
        return pb.AssignPlacesResponse(places=request.places)

    async def PlaceHolds(self, request: pb.PlaceHoldsRequest, call: Call) -> pb.PlaceHoldsResponse:
        refuse_unnamed("holds", "subject", request.holds)
        entries = [facts.hold_entry(hold) for hold in request.holds]
        await lodge(self._parts, call, request.request_id, call.request_bytes, lodging.place_holds, entries)
        return pb.PlaceHoldsResponse(holds=request.holds)

    async def LodgeDeliveryOrders(
        self, request: pb.LodgeDeliveryOrdersRequest, call: Call
    ) -> pb.LodgeDeliveryOrdersResponse:
        refuse_unnamed("delivery_orders", "transport_document_number", request.delivery_orders)
        entries = [facts.delivery_order_entry(order) for order in request.delivery_orders]
        operation = lodging.lodge_delivery_orders
        await lodge(self._parts, call, request.request_id, call.request_bytes, operation, entries)
        self._parts.outcomes.notify()
        return pb.LodgeDeliveryOrdersResponse(delivery_orders=request.delivery_orders)


def refuse_unnamed(field: str, key: str, lodged: Iterable[Any]) -> None:
    """FormInvalid for entries whose number has neither letter nor digit: nothing would ever be found under it."""
    unnamed = [
        Violation(f"{field}[{place}].{key}", "number.unnamed", "has neither letter nor digit")
        for place, each in enumerate(lodged)
        if not fold(getattr(each, key))
    ]
    if unnamed:
        raise FormInvalid(unnamed)


def manifest_service(parts: AgencyParts, resources: Mapping[str, Resource]) -> Service:
    """The service with its default callers."""
    return Service(ManifestServicer(parts, resources), pb.DESCRIPTOR.services_by_name["ManifestService"], CALLERS)
