"""What parties say to the port in the tests over sockets."""

from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any

from agencykit.testing.consignments import sea_import
from agencykit.testing.running import AGENCY_SERVICE, Caller, RunningAgency
from clearance.agency.v1 import agency_service_pb2 as agency_pb
from clearance.port.v1 import gate_out_feed_service_pb2 as feed_pb
from clearance.port.v1 import gate_service_pb2 as gate_pb
from clearance.port.v1 import manifest_service_pb2 as pb
from clearance.port.v1 import release_feed_service_pb2 as notice_pb
from clearance.port.v1 import release_pb2 as release_pb

NOW = datetime(2004, 11, 17, 6, tzinfo=UTC)
SERVICE = "/clearance.port.v1.ManifestService/"
GATE = "/clearance.port.v1.GateService/"


async def manifest(operator: Caller, document: str, packages: int = 40, request_id: str = "") -> None:
    request = pb.LodgeManifestsRequest(request_id=request_id or operator.runtime.ids.uuid())
    request.manifests.add(
        transport_document_number=document,
        packages=packages,
        gross_mass_kg=1000.0,
        container_numbers=["CSQU3054383"],
    )
    await operator.call(f"{SERVICE}LodgeManifests", request, pb.LodgeManifestsResponse)


async def arrive(operator: Caller, document: str) -> None:
    request = pb.ReportArrivalsRequest(request_id=operator.runtime.ids.uuid())
    request.arrivals.add(transport_document_number=document).arrive_time.FromDatetime(NOW)
    await operator.call(f"{SERVICE}ReportArrivals", request, pb.ReportArrivalsResponse)


async def place(operator: Caller, document: str) -> None:
    request = pb.AssignPlacesRequest(request_id=operator.runtime.ids.uuid())
    assigned = request.places.add(transport_document_number=document, place_code="BEILUN-2/C07")
    assigned.container_number = "CSQU3054383"
    assigned.assign_time.FromDatetime(NOW)
    await operator.call(f"{SERVICE}AssignPlaces", request, pb.AssignPlacesResponse)


async def hold(operator: Caller, name: str, subject: str, lifted: bool = False) -> None:
    request = pb.PlaceHoldsRequest(request_id=operator.runtime.ids.uuid())
    request.holds.add(id=name, subject=subject, reason="storage unpaid", lifted=lifted)
    await operator.call(f"{SERVICE}PlaceHolds", request, pb.PlaceHoldsResponse)


async def in_the_yard(operator: Caller, document: str) -> None:
    await manifest(operator, document)
    await arrive(operator, document)
    await place(operator, document)


def document_of(number: str) -> str:
    return sea_import(number).transport_document_number


async def tell(agency: RunningAgency, order_gateway: Any, *outcomes: agency_pb.Outcome) -> None:
    """Tells outcomes as the gateway does, and that they are all."""
    for outcome in outcomes:
        outcome.request_id = agency.runtime.ids.uuid()
    request = agency_pb.RecordOutcomesRequest(outcomes=outcomes)
    request.complete_time.FromDatetime(agency.runtime.clock.now())
    request.signing_certificates.add(certificate=order_gateway.signer.certificate, key_id=order_gateway.signer.key_id)
    await agency.gateway.call(f"{AGENCY_SERVICE}RecordOutcomes", request, agency_pb.RecordOutcomesResponse)


def exit_of(agency: RunningAgency, number: str) -> gate_pb.GateOutReport:
    """The box of `sea_import` about to leave by order 1."""
    report = gate_pb.GateOutReport(
        request_id=agency.runtime.ids.uuid(),
        clearance_number=number,
        order_number=1,
        container_number="csqu 305438-3",
        way=release_pb.GateOut.WAY_GATE,
        place_code="G-4",
        conveyance_identification="浙B12345",
    )
    report.exit_time.FromDatetime(NOW)
    return report


async def leave(caller: Caller, *reports: gate_pb.GateOutReport) -> list[gate_pb.GateOutAnswer]:
    request = gate_pb.ReportGateOutsRequest(reports=reports)
    return list((await caller.call(f"{GATE}ReportGateOuts", request, gate_pb.ReportGateOutsResponse)).answers)


async def slots_call(caller: Caller, method: str, request: Any, response: Any) -> Any:
    return await caller.call(f"/clearance.port.v1.AppointmentService/{method}", request, response)


async def notice_of(
    caller: Caller, number: str, seconds: float = 10.0, position: int = 0
) -> notice_pb.ReleaseNotice | None:
    """The first notice of this clearance that the caller sees; None where the stream ends without."""
    method, request = (
        "/clearance.port.v1.ReleaseFeedService/FollowReleases",
        notice_pb.FollowReleasesRequest(position=position),
    )
    stream = caller.transport.stream(method, request, notice_pb.FollowReleasesResponse, timeout_seconds=seconds)
    async with aclosing(stream) as messages:
        async for message in messages:
            for notice in message.notices:
                if notice.release.clearance_number == number:
                    return notice
    return None


async def exits(caller: Caller, position: int, most: int) -> list[release_pb.GateOut]:
    """So many exits after the position, from the feed."""
    stream = caller.transport.stream(
        "/clearance.port.v1.GateOutFeedService/FollowGateOuts",
        feed_pb.FollowGateOutsRequest(position=position),
        feed_pb.FollowGateOutsResponse,
        timeout_seconds=10.0,
    )
    found: list[release_pb.GateOut] = []
    async with aclosing(stream) as messages:
        async for message in messages:
            found += message.gate_outs
            assert not message.gate_outs or message.position == message.gate_outs[-1].position
            if len(found) >= most:
                break
    return found
