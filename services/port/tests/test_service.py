"""The port as a service: what every agency promises, and how manifests, arrivals, places and holds reach decisions."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.refusals import CallerNotListed, FormInvalid, PositionAhead, RequestIdReused, StateForbids, from_status
from agencykit.testing.agency_suite import AgencySuite, new_number, refuses
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import Caller, RunningAgency
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.port.v1 import appointment_service_pb2 as slot_pb
from clearance.port.v1 import gate_service_pb2 as gate_pb
from clearance.port.v1 import manifest_service_pb2 as pb
from port.app import PortSettings, build, definition

from .calls import (
    GATE,
    SERVICE,
    arrive,
    document_of,
    exit_of,
    exits,
    hold,
    in_the_yard,
    leave,
    manifest,
    notice_of,
    slots_call,
    tell,
)


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
        with pytest.raises(FormInvalid) as refused:
            await hold(agency.operator, f"H-{number}", "- -")
        assert [violation.path for violation in refused.value.violations] == ["holds[0].subject"]
        decision = await self.decide(agency, number, sea_import(number))
        assert "manifest" in {waiting.fact_kind for waiting in decision.waiting}

    async def released(self, agency: RunningAgency, order_gateway: Any) -> str:
        """A clearance in the yard that the gateway released by order 1, with its word that this is all."""
        number = new_number()
        await in_the_yard(agency.operator, document_of(number))
        await self.decide(agency, number, sea_import(number))
        content = sea_import(number).SerializeToString(deterministic=True)
        decided = (await agency.gateway.decision(number)).decision
        await tell(agency, order_gateway, order_gateway.release(number, 1, content, decided=decided))
        return number

    async def test_what_leaves_at_the_gate_reaches_whoever_follows_and_resumes_where_he_stopped(
        self, agency: RunningAgency, order_gateway: Any
    ) -> None:
        numbers = [await self.released(agency, order_gateway) for _ in range(2)]
        answers = await leave(agency.operator, *(exit_of(agency, number) for number in numbers))
        first, second = (answer.gate_out for answer in answers)
        assert (first.clearance_number, first.container_number, first.last) == (numbers[0], "CSQU3054383", True)
        assert await exits(agency.gateway, first.position - 1, 2) == [first, second]
        assert await exits(agency.gateway, first.position, 1) == [second]
        shown = await agency.operator.call(
            f"{GATE}GetRelease", gate_pb.GetReleaseRequest(clearance_number=numbers[0]), gate_pb.GetReleaseResponse
        )
        assert (shown.release.order_number, list(shown.gate_outs)) == (1, [first])
        assert list(shown.release.container_numbers) == ["CSQU3054383"]

    async def test_each_report_is_answered_by_itself(self, agency: RunningAgency, order_gateway: Any) -> None:
        number = await self.released(agency, order_gateway)
        stale, bad, early = (exit_of(agency, number) for _ in range(3))
        stale.order_number, bad.request_id = 2, "once"
        early.exit_time.FromDatetime(agency.runtime.clock.now() + timedelta(minutes=2))
        early.packages, early.conveyance_identification = 3, ""
        reports = (stale, bad, early, exit_of(agency, new_number()), exit_of(agency, number))
        answers = await leave(agency.operator, *reports)
        reasons = [type(from_status(each.error)).__name__ for each in answers[:4]]
        assert reasons == ["NotReleased", "FormInvalid", "FormInvalid", "NotReleased"]
        fault = from_status(answers[2].error)
        assert isinstance(fault, FormInvalid)
        paths = [violation.path for violation in fault.violations]
        assert paths == ["exit_time", "packages", "conveyance_identification"]
        assert answers[4].gate_out.clearance_number == number
        [again] = await leave(agency.operator, exit_of(agency, number))
        assert isinstance(from_status(again.error), StateForbids)

    async def test_one_box_leaves_once_however_many_report_it_at_a_time(
        self, agency: RunningAgency, order_gateway: Any
    ) -> None:
        number = await self.released(agency, order_gateway)
        answers = await asyncio.gather(*(leave(agency.operator, exit_of(agency, number)) for _ in range(6)))
        assert sum(answer.HasField("gate_out") for [answer] in answers) == 1

    async def test_an_order_is_pushed_to_its_terminal_and_truck_and_to_no_other(
        self, agency: RunningAgency, order_gateway: Any
    ) -> None:
        request, number = pb.LodgeDeliveryOrdersRequest(request_id=agency.runtime.ids.uuid()), new_number()
        request.delivery_orders.add(transport_document_number=document_of(number), haulier_code="YONGGANG")
        await agency.operator.call(f"{SERVICE}LodgeDeliveryOrders", request, pb.LodgeDeliveryOrdersResponse)
        readers = [agency.caller(path) for path in ("haulier/YONGGANG", "operator/port-office")]
        waiting = [asyncio.ensure_future(notice_of(reader, number)) for reader in readers]
        await in_the_yard(agency.operator, document_of(number))
        await self.decide(agency, number, sea_import(number))
        content = sea_import(number).SerializeToString(deterministic=True)
        decided = (await agency.gateway.decision(number)).decision
        await tell(agency, order_gateway, order_gateway.release(number, 1, content, decided=decided))
        first, second = await asyncio.gather(*waiting)
        assert first == second
        assert list(first.release.container_numbers) == ["CSQU3054383"]
        assert first.release.order_signature
        assert await notice_of(agency.caller("haulier/SIMING"), number, seconds=1.0) is None
        with refuses(CallerNotListed):
            await notice_of(agency.caller("broker/3104980001"), number)

    async def test_a_position_ahead_of_the_list_is_refused_and_not_waited_on(self, agency: RunningAgency) -> None:
        far = 1_000_000_000
        with refuses(PositionAhead):
            await exits(agency.gateway, far, 1)
        with refuses(PositionAhead):
            await notice_of(agency.caller("haulier/YONGGANG"), "", position=far)

    async def test_a_slot_is_never_overbooked_however_many_book_at_a_time(self, agency: RunningAgency) -> None:
        start = Timestamp()
        start.FromDatetime(agency.runtime.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=30))
        room = slot_pb.ListSlotsRequest(resource_code="CHUANSHAN/GATE", start_time=start, count=1)
        [before] = (await slots_call(agency.operator, "ListSlots", room, slot_pb.ListSlotsResponse)).slots

        async def book(units: int) -> slot_pb.BookingAnswer:
            request = slot_pb.BookAppointmentsRequest()
            request.bookings.add(
                request_id=agency.runtime.ids.uuid(), resource_code="CHUANSHAN/GATE", start_time=start, units=units
            )
            response = await slots_call(agency.operator, "BookAppointments", request, slot_pb.BookAppointmentsResponse)
            return response.answers[0]

        answers = await asyncio.gather(*(book(15) for _ in range(5)))
        made = [each.appointment for each in answers if each.HasField("appointment")]
        assert len(made) == (before.capacity - before.booked) // 15 == 2
        [after] = (await slots_call(agency.operator, "ListSlots", room, slot_pb.ListSlotsResponse)).slots
        assert after.booked == before.booked + 30
        for each in made:
            cancel = slot_pb.CancelAppointmentRequest(request_id=agency.runtime.ids.uuid(), appointment_id=each.id)
            await slots_call(agency.operator, "CancelAppointment", cancel, slot_pb.CancelAppointmentResponse)
        assert list((await slots_call(agency.operator, "ListSlots", room, slot_pb.ListSlotsResponse)).slots) == [before]
        with refuses(CallerNotListed):
            await slots_call(agency.caller("broker/3104980001"), "ListSlots", room, slot_pb.ListSlotsResponse)

    async def test_at_the_gate_only_those_listed_are_heard(self, agency: RunningAgency) -> None:
        for path in ("broker/3104980001", "gateway"):
            with refuses(CallerNotListed):
                await leave(agency.caller(path), exit_of(agency, new_number()))
        with refuses(CallerNotListed):
            await exits(agency.caller("terminal/BEILUN-2"), 0, 1)
