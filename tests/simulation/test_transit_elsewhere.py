"""Movements that go elsewhere, or nowhere, and messages that cross on the way."""

from pathlib import Path

import pytest
from in_transit import (
    AS_WAS,
    BROKER,
    DUTY,
    LIMIT,
    OFFICER,
    THREE,
    TWO,
    InTransit,
    discharged,
    released,
    rest,
    state_of,
    told_in_transit,
)

from agencykit.refusals import NotFound, PartnerUnavailable, StateForbids
from clearance.gateway.v1 import transit_service_pb2 as pb


def test_goods_that_turn_up_elsewhere_are_asked_for_and_discharged_there(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        assert state_of(await shanghai.arrive(mrn)) == "RECORD_REQUESTED"
        await rest()
        there = await shanghai.get(mrn)
        assert (state_of(there), there.declaration.lrn) == ("ARRIVED", "NINGBO-1")
        home = await ningbo.get(mrn)
        assert (state_of(home), home.other_district, home.destination_office_code) == ("ARRIVED", "shanghai", "2201")
        assert there.trace_id == home.trace_id, "one trace, also where the goods came before the news"
        assert await hangzhou.state(mrn) == "DIVERTED"
        await discharged(ningbo, shanghai, mrn)
        assert await hangzhou.state(mrn) == "DISCHARGED"
        assert await ningbo.ledger() == AS_WAS

    told_in_transit(tmp_path, THREE, story)


def test_a_movement_is_sent_to_another_district_on_the_way(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        diverted = await ningbo.act("DivertMovement", mrn, office_code="2201")
        assert (state_of(diverted), diverted.other_district) == ("DIVERTED", "shanghai")
        await rest()
        assert (await hangzhou.state(mrn), await shanghai.state(mrn)) == ("DIVERTED", "EXPECTED")
        await shanghai.arrive(mrn)
        await rest()
        await discharged(ningbo, shanghai, mrn)

    told_in_transit(tmp_path, THREE, story)


def test_an_arrival_that_crosses_a_diversion_stands(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        hangzhou.part(ningbo)
        await hangzhou.arrive(mrn)
        await ningbo.act("DivertMovement", mrn, office_code="2201")
        await rest()
        assert (await hangzhou.state(mrn), await shanghai.state(mrn)) == ("ARRIVED", "EXPECTED")
        hangzhou.meet(ningbo)
        await rest(20)
        home = await ningbo.get(mrn)
        assert (state_of(home), home.other_district, home.conflict) == ("ARRIVED", "hangzhou", False)
        assert await shanghai.state(mrn) == "DIVERTED"
        await discharged(ningbo, hangzhou, mrn)
        assert await shanghai.state(mrn) == "DISCHARGED"

    told_in_transit(tmp_path, THREE, story)


def test_goods_that_two_districts_say_they_have_show_a_conflict_on_both_sides_and_an_officer_decides(
    tmp_path: Path,
) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        hangzhou.part(ningbo)
        await hangzhou.arrive(mrn)
        await shanghai.arrive(mrn)
        await rest()
        assert (await ningbo.get(mrn)).other_district == "shanghai"
        hangzhou.meet(ningbo)
        await rest(20)
        views = [await each.get(mrn) for each in (ningbo, hangzhou)]
        assert [view.conflict for view in views] == [True, True]
        assert any(event.refused and event.event == "ARRIVAL_ADVICE" for event in views[0].events)
        await shanghai.act("PermitUnloading", mrn)
        await shanghai.remark(mrn)
        await rest()
        assert await ningbo.state(mrn) == "DISCREPANCY", "found as declared, and yet it is in two places"
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, DUTY, 0)
        await ningbo.act("DischargeMovement", mrn, reason="Hangzhou's were empty boxes of the same marks")
        await rest()
        assert {await each.state(mrn) for each in (ningbo, hangzhou, shanghai)} == {"DISCHARGED"}

    told_in_transit(tmp_path, THREE, story)


def test_what_never_left_is_invalidated_at_both_ends(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        assert state_of(await ningbo.act("CancelMovement", mrn, reason="lorry broke down")) == "CANCELLING"
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, DUTY, 0), "not before the destination has agreed"
        await rest()
        assert (await ningbo.state(mrn), await hangzhou.state(mrn)) == ("CANCELLED", "CANCELLED")
        assert await ningbo.ledger() == AS_WAS
        with pytest.raises(StateForbids):
            await hangzhou.arrive(mrn)

    told_in_transit(tmp_path, TWO, story)


def test_an_arrival_that_crosses_an_invalidation_stands(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        hangzhou.part(ningbo)
        ningbo.part(hangzhou)
        await hangzhou.arrive(mrn)
        await ningbo.act("CancelMovement", mrn, reason="never left")
        ningbo.meet(hangzhou)
        await rest(20)
        assert (await ningbo.state(mrn), await hangzhou.state(mrn)) == ("RELEASED", "ARRIVED")
        hangzhou.meet(ningbo)
        await rest(20)
        assert await ningbo.state(mrn) == "ARRIVED"
        await discharged(ningbo, hangzhou, mrn)

    told_in_transit(tmp_path, TWO, story)


def test_a_district_that_the_goods_never_see_is_told_as_much_as_their_departure_shows(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        told = await shanghai.get(mrn)
        assert (state_of(told), told.other_district, told.shown_by_district) == ("RELEASED", "hangzhou", "ningbo")
        assert told.departure.seal_numbers == ["CN-1"]
        assert (told.lrn, told.declarant, told.HasField("declaration"), len(told.events)) == ("", "", False, 0)
        for asked in ({"reference": mrn, "side": pb.Movement.SIDE_DESTINATION}, {"reference": f"{mrn[:-1]}0"}):
            with pytest.raises(NotFound):
                await shanghai.call("GetMovement", pb.GetMovementRequest(**asked), OFFICER)
        with pytest.raises(NotFound):
            await shanghai.call("GetMovement", pb.GetMovementRequest(reference=mrn), BROKER)
        shanghai.part(ningbo)
        with pytest.raises(PartnerUnavailable) as refused:
            await shanghai.get(mrn)
        assert refused.value.metadata == {"district": "ningbo"}

    told_in_transit(tmp_path, THREE, story)


def test_an_office_on_the_way_knows_what_is_to_pass_and_its_word_reaches_the_departure(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        movement = await ningbo.declare("hangzhou", transit_office_codes=["2201", "5100"])
        with pytest.raises(NotFound):
            await shanghai.passes(movement.mrn)
        await ningbo.release(movement.mrn)
        await rest()
        expected = await shanghai.get(movement.mrn)
        assert (pb.Movement.Side.Name(expected.side), state_of(expected)) == ("SIDE_TRANSIT", "EXPECTED")
        assert expected.declaration.lrn == "NINGBO-1"
        assert state_of(await shanghai.passes(movement.mrn)) == "PASSED"
        await rest()
        [passage] = (await ningbo.get(movement.mrn)).passages
        assert passage.office_code == "2201"
        with pytest.raises(StateForbids):
            await ningbo.act("CancelMovement", movement.mrn, reason="never left")
        await hangzhou.arrive(movement.mrn)
        await rest()
        await discharged(ningbo, hangzhou, movement.mrn)
        assert await shanghai.state(movement.mrn) == "DISCHARGED"
        with pytest.raises(StateForbids):
            await shanghai.passes(movement.mrn)

    told_in_transit(tmp_path, THREE, story)


def test_a_passage_that_is_heard_of_after_the_invalidation_keeps_the_goods_guaranteed(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = (await ningbo.declare("hangzhou", transit_office_codes=["2201"])).mrn
        await ningbo.release(mrn)
        await rest()
        shanghai.part(ningbo)
        await shanghai.passes(mrn)
        await ningbo.act("CancelMovement", mrn, reason="never left")
        await rest(10)
        assert (await ningbo.state(mrn), await hangzhou.state(mrn)) == ("RELEASED", "EXPECTED")
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, DUTY, 0), "the guarantee stands as long as the goods are out"
        with pytest.raises(StateForbids):
            await ningbo.act("CancelMovement", mrn, reason="never left, really")
        shanghai.meet(ningbo)
        await rest(10)
        assert [each.office_code for each in (await ningbo.get(mrn)).passages] == ["2201"]
        await hangzhou.arrive(mrn)
        await rest()
        await discharged(ningbo, hangzhou, mrn)
        assert await shanghai.state(mrn) == "DISCHARGED"

    told_in_transit(tmp_path, THREE, story)


def test_what_never_left_is_invalidated_once_every_office_on_the_way_says_that_nothing_passed(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = (await ningbo.declare("hangzhou", transit_office_codes=["2201"])).mrn
        await ningbo.release(mrn)
        await rest()
        ningbo.part(shanghai)
        await ningbo.act("CancelMovement", mrn, reason="never left")
        await rest(10)
        assert (await ningbo.state(mrn), await hangzhou.state(mrn)) == ("CANCELLING", "EXPECTED")
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, DUTY, 0)
        ningbo.meet(shanghai)
        await rest(10)
        assert {await each.state(mrn) for each in (ningbo, hangzhou, shanghai)} == {"CANCELLED"}
        assert await ningbo.ledger() == AS_WAS

    told_in_transit(tmp_path, THREE, story)


def test_nothing_passes_while_it_is_asked_and_what_goes_on_after_all_is_expected_again(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        mrn = (await ningbo.declare("hangzhou", transit_office_codes=["2201"])).mrn
        await ningbo.release(mrn)
        await rest()
        ningbo.part(hangzhou)
        await ningbo.act("CancelMovement", mrn, reason="never left")
        await rest()
        assert await shanghai.state(mrn) == "CANCELLING"
        with pytest.raises(StateForbids):
            await shanghai.passes(mrn)
        await hangzhou.arrive(mrn)
        await rest()
        assert (await ningbo.state(mrn), await shanghai.state(mrn)) == ("ARRIVED", "EXPECTED")
        ningbo.meet(hangzhou)
        await rest(10)
        await discharged(ningbo, hangzhou, mrn)
        assert await shanghai.state(mrn) == "DISCHARGED"

    told_in_transit(tmp_path, THREE, story)
