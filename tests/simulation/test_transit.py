"""Customs transit (转关) between real gateways and real customs, in one process and virtual time: its journeys."""

from datetime import timedelta
from pathlib import Path

from in_transit import (
    AS_WAS,
    BROKER,
    DUTY,
    LIMIT,
    TWO,
    InTransit,
    discharged,
    released,
    rest,
    state_of,
    told_in_transit,
)

from clearance.district.v1 import movement_pb2 as district
from clearance.gateway.v1 import transit_service_pb2 as pb


def test_goods_go_from_one_district_to_another_on_a_guarantee_that_then_returns(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        movement = await ningbo.declare("hangzhou")
        assert state_of(movement) == "MRN_ALLOCATED"
        assert movement.mrn.startswith("04CN3100")
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, DUTY, 0)
        away = await ningbo.release(movement.mrn)
        assert state_of(away) == "RELEASED"
        await rest()
        announced = await hangzhou.get(movement.mrn)
        assert (state_of(announced), announced.other_district) == ("EXPECTED", "ningbo")
        assert announced.declaration == movement.declaration
        assert announced.departure.seal_numbers == ["CN-1"]
        assert announced.trace_id == movement.trace_id
        assert state_of(await hangzhou.arrive(movement.mrn)) == "ARRIVED"
        await rest()
        assert await ningbo.state(movement.mrn) == "ARRIVED"
        await discharged(ningbo, hangzhou, movement.mrn)
        assert await ningbo.ledger() == AS_WAS
        assert not await ningbo.differences()
        told = await ningbo.get(movement.mrn)
        assert [event.event for event in told.events] == [
            *("DECLARE", "PRESENT", "GUARANTEE_CONFIRMED", "RELEASE", "ARRIVAL_ADVICE", "CONFORM")
        ]
        assert not told.messages

    told_in_transit(tmp_path, TWO, story)


def test_what_is_not_as_declared_waits_for_the_departure_to_settle_it(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        await hangzhou.arrive(mrn)
        await hangzhou.act("PermitUnloading", mrn)
        await hangzhou.remark(mrn, "三台短少")
        await rest()
        home = await ningbo.get(mrn)
        assert (state_of(home), home.remarks.discrepancies[0].text) == ("DISCREPANCY", "三台短少")
        await ningbo.act("DischargeMovement", mrn, reason="three sets were never loaded")
        await rest()
        assert (await ningbo.state(mrn), await hangzhou.state(mrn)) == ("DISCHARGED", "DISCHARGED")
        assert await ningbo.ledger() == AS_WAS

    told_in_transit(tmp_path, TWO, story)


def test_an_incident_on_the_way_is_told_to_the_other_side_and_settled(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        incident = district.Incident(kind=district.Incident.KIND_TRANSHIPMENT, place="绍兴", text="lorry changed")
        incident.incident_time.FromDatetime(ningbo.district.runtime.clock.now())
        await hangzhou.act("ReportIncident", mrn, incident=incident)
        await rest()
        assert await ningbo.state(mrn) == "INCIDENT"
        assert state_of(await ningbo.act("ReportIncident", mrn)) == "RELEASED"
        await ningbo.act("ReportIncident", mrn, BROKER, incident=incident)
        await rest()
        assert [event.event for event in (await hangzhou.get(mrn)).events].count("INCIDENT") == 2
        await hangzhou.arrive(mrn)
        await rest()
        await discharged(ningbo, hangzhou, mrn)

    told_in_transit(tmp_path, TWO, story)


def test_what_does_not_arrive_is_asked_for_enquired_about_and_recovered_from_its_guarantee(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo, limit=timedelta(days=1))
        for days, state in ((1.1, "STATUS_REQUESTED"), (7, "ENQUIRY"), (28.1, "ENQUIRY")):
            ningbo.skip(days)
            await rest()
            assert await ningbo.state(mrn) == state
        heard = [event.event for event in (await hangzhou.get(mrn)).events]
        assert heard == ["ANTICIPATED", "STATUS_REQUEST", "ENQUIRY", "ENQUIRY"]
        await hangzhou.act("EnquireMovement", mrn, step=pb.EnquireMovementRequest.STEP_ANSWER, text="not seen here")
        ningbo.skip(210)
        await rest(20)
        assert (await ningbo.state(mrn), await hangzhou.state(mrn)) == ("DISCHARGED", "DISCHARGED")
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, 0, DUTY)
        assert not await ningbo.differences()
        events = [event.event for event in (await ningbo.get(mrn)).events]
        assert events[-3:] == ["ENQUIRY_ANSWER", "RECOVER", "RECOVERED"]

    told_in_transit(tmp_path, TWO, story)


def test_what_arrived_and_was_not_controlled_is_asked_for_again_and_again(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        await hangzhou.arrive(mrn)
        await rest()
        for _ in range(2):
            ningbo.skip(6.1)
            await rest()
        assert [event.event for event in (await ningbo.get(mrn)).events].count("STATUS_ANSWER") == 2
        await discharged(ningbo, hangzhou, mrn)

    told_in_transit(tmp_path, TWO, story)


def test_goods_move_between_two_offices_of_one_district(tmp_path: Path) -> None:
    async def story(ningbo: InTransit) -> None:
        await ningbo.enter_guarantee()
        movement = await ningbo.declare("ningbo")
        await ningbo.release(movement.mrn)
        await rest()
        there = await ningbo.get(movement.mrn, side=pb.Movement.SIDE_DESTINATION)
        assert (state_of(there), there.other_district) == ("EXPECTED", "ningbo")
        await ningbo.arrive(movement.mrn)
        await ningbo.act("PermitUnloading", movement.mrn)
        await ningbo.remark(movement.mrn)
        await rest()
        views = [await ningbo.get(movement.mrn, side=side) for side in (1, 2)]
        assert [state_of(view) for view in views] == ["DISCHARGED", "DISCHARGED"]

    told_in_transit(tmp_path, ("ningbo",), story)
