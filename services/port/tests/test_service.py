"""The port as a service: what every agency promises, and how manifests, arrivals, places and holds reach decisions."""

from datetime import UTC, datetime

import pytest

from agencykit.refusals import CallerNotListed, FormInvalid, RequestIdReused
from agencykit.testing.agency_suite import AgencySuite, new_number, refuses
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller, RunningAgency
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.port.v1 import manifest_service_pb2 as pb
from port.app import PortSettings, build, definition

NOW = datetime(2004, 11, 17, 6, tzinfo=UTC)
SERVICE = "/clearance.port.v1.ManifestService/"


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


class TestPort(AgencySuite):
    role, settings_class, definition = "port", PortSettings, definition(PortSettings())
    build = staticmethod(build)

    def awaiting(self, reference: str) -> Consignment:
        return sea_import(reference)

    async def supply(self, operator: Caller, consignment: Consignment) -> None:
        await arrive(operator, consignment.transport_document_number)

    def for_officers(self, reference: str) -> Consignment:
        consignment = sea_import(reference)
        consignment.total_packages = 41
        return consignment

    async def supply_for_officers(self, operator: Caller, consignment: Consignment) -> None:
        await in_the_yard(operator, consignment.transport_document_number)

    async def verdict(self, agency: RunningAgency, number: str, revision: int) -> "Decision.Verdict.ValueType":
        return agency.verified(await agency.gateway.next_revision(number, revision)).verdict

    async def test_facts_that_come_one_by_one_end_in_approval(self, agency: RunningAgency) -> None:
        number = new_number()
        first = await self.decide(agency, number, sea_import(number))
        waits = {(waiting.party, waiting.fact_kind) for waiting in first.waiting}
        assert waits == {("carrier", "manifest"), ("carrier", "arrival"), ("port", "place")}
        assert {waiting.fact_key for waiting in first.waiting} == {document_of(number)}
        await in_the_yard(agency.operator, document_of(number))
        while (decision := agency.verified(await agency.gateway.decision(number))).waiting:
            await agency.gateway.next_revision(number, decision.revision + 1)
        assert decision.verdict == Decision.VERDICT_APPROVED

    async def test_an_approval_gives_way_to_a_hold_until_it_is_lifted(self, agency: RunningAgency) -> None:
        number = new_number()
        await in_the_yard(agency.operator, document_of(number))
        assert (await self.decide(agency, number, sea_import(number))).verdict == Decision.VERDICT_APPROVED
        await hold(agency.operator, f"H-{number}", document_of(number))
        held = agency.verified(await agency.gateway.next_revision(number, 2))
        (waiting,) = held.waiting
        assert (waiting.party, waiting.fact_kind, waiting.fact_key) == ("port", "hold_lifted", f"H-{number}")
        await hold(agency.operator, f"H-{number}", document_of(number), lifted=True)
        assert await self.verdict(agency, number, 3) == Decision.VERDICT_APPROVED

    async def test_a_corrected_manifest_ends_the_examination(self, agency: RunningAgency) -> None:
        number = new_number()
        await in_the_yard(agency.operator, document_of(number))
        await manifest(agency.operator, document_of(number), packages=44)
        assert (await self.decide(agency, number, sea_import(number))).verdict == Decision.VERDICT_EXAMINE
        await manifest(agency.operator, document_of(number))
        assert await self.verdict(agency, number, 2) == Decision.VERDICT_APPROVED

    async def test_facts_are_lodged_once_for_each_request_id(self, agency: RunningAgency) -> None:
        number, request_id = new_number(), agency.runtime.ids.uuid()
        for _ in range(2):
            await manifest(agency.operator, number, request_id=request_id)
        with refuses(RequestIdReused):
            await manifest(agency.operator, number, 41, request_id)

    async def test_only_operators_lodge_facts(self, agency: RunningAgency) -> None:
        for caller in (agency.gateway, agency.caller("broker/3104980001")):
            with refuses(CallerNotListed):
                await manifest(caller, new_number())

    async def test_a_bad_manifest_names_every_fault_and_stores_nothing(self, agency: RunningAgency) -> None:
        number = new_number()
        request = pb.LodgeManifestsRequest(request_id="once")
        request.manifests.add(transport_document_number=document_of(number), packages=-1, gross_mass_kg=float("nan"))
        with pytest.raises(FormInvalid) as refused:
            await agency.operator.call(f"{SERVICE}LodgeManifests", request, pb.LodgeManifestsResponse)
        paths = {violation.path for violation in refused.value.violations}
        assert {"request_id", "manifests[0].packages", "manifests[0].gross_mass_kg"} <= paths
        decision = await self.decide(agency, number, sea_import(number))
        assert "manifest" in {waiting.fact_kind for waiting in decision.waiting}
