"""What holds movements up before they leave, and who may do what."""

from pathlib import Path

import pytest
from guaranteed import Guaranteed
from in_transit import (
    AS_WAS,
    BROKER,
    DUTY,
    GRNS,
    HOLDER,
    LIMIT,
    THREE,
    TWO,
    InTransit,
    discharged,
    released,
    rest,
    state_of,
    told_in_transit,
)

from agencykit.refusals import (
    CallerNotListed,
    CarrierNotRegistered,
    GuaranteeNotConfirmed,
    NotFound,
    ReferenceReused,
    StateForbids,
    Unavailable,
)
from clearance.common.v1.party_pb2 import Party
from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.gateway.v1 import transit_service_pb2 as pb


def test_before_release_a_movement_is_taken_back_and_after_it_no_more(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        movement = await ningbo.declare("hangzhou")
        taken_back = await ningbo.act("CancelMovement", movement.mrn, BROKER, reason="sold in Ningbo")
        assert state_of(taken_back) == "CANCELLED"
        await rest()
        assert await ningbo.ledger() == AS_WAS
        mrn = await released(ningbo)
        with pytest.raises(StateForbids) as refused:
            await ningbo.act("CancelMovement", mrn, BROKER, reason="too late")
        assert refused.value.metadata["state"] == "RELEASED"
        assert await hangzhou.state(mrn) == "EXPECTED"

    told_in_transit(tmp_path, TWO, story)


def test_a_refused_guarantee_keeps_the_goods_until_another_is_named(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        await hangzhou.enter_guarantee()
        movement = await ningbo.declare("hangzhou", access_code="wrong")
        assert state_of(movement) == "GUARANTEE_UNDER_AMENDMENT"
        assert movement.guarantee.refusals == ["GUARANTEE_ACCESS_DENIED"]
        with pytest.raises(StateForbids):
            await ningbo.release(movement.mrn)
        amended = await ningbo.amend_guarantee(movement.mrn, GRNS["hangzhou"])
        assert (state_of(amended), amended.guarantee.home_district) == ("MRN_ALLOCATED", "hangzhou")
        assert await hangzhou.ledger() == (LIMIT - DUTY, 0, DUTY, 0), "another district's guarantee stands as well"
        await ningbo.release(movement.mrn)
        await rest()
        await hangzhou.arrive(movement.mrn)
        await rest()
        await discharged(ningbo, hangzhou, movement.mrn)
        assert await hangzhou.ledger() == AS_WAS

    told_in_transit(tmp_path, TWO, story)


def test_goods_under_control_do_not_leave_while_their_guarantee_is_refused(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        movement = await ningbo.declare("hangzhou", access_code="wrong")
        control = pb.DecideDepartureRequest.DECISION_CONTROL
        assert state_of(await ningbo.act("DecideDeparture", movement.mrn, decision=control)) == "UNDER_CONTROL"
        with pytest.raises(GuaranteeNotConfirmed):
            await ningbo.release(movement.mrn)
        assert state_of(await ningbo.amend_guarantee(movement.mrn, GRNS["ningbo"])) == "UNDER_CONTROL"
        assert state_of(await ningbo.release(movement.mrn)) == "RELEASED"

    told_in_transit(tmp_path, TWO, story)


def test_goods_declared_before_they_come_get_their_number_when_they_are_presented(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        declared = await ningbo.declare("hangzhou", pre_lodged=True)
        assert (state_of(declared), declared.mrn) == ("SUBMITTED", "")
        request = pb.PresentGoodsRequest(request_id=ningbo.id(), lrn=declared.lrn)
        presented = await ningbo.call("PresentGoods", request, BROKER)
        assert (state_of(presented), presented.mrn[:8]) == ("MRN_ALLOCATED", "04CN3100")
        assert state_of(await ningbo.release(presented.mrn)) == "RELEASED"

    told_in_transit(tmp_path, TWO, story)


def test_one_reference_is_one_movement(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        first = await ningbo.declare("hangzhou", lrn="LRN-1")
        again = await ningbo.declare("hangzhou", lrn="LRN-1")
        assert (again.mrn, again.etag) == (first.mrn, first.etag)
        with pytest.raises(ReferenceReused):
            await ningbo.declare("hangzhou", lrn="LRN-1", units=DUTY + 1)
        assert await ningbo.ledger() == (LIMIT - DUTY, 0, DUTY, 0)
        [listed] = await ningbo.listed()
        assert (listed.mrn, listed.guarantee, len(listed.events)) == (first.mrn, first.guarantee, 0)

    told_in_transit(tmp_path, TWO, story)


def test_who_may_do_what_is_who_is_listed(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, hangzhou: InTransit, shanghai: InTransit) -> None:
        await ningbo.enter_guarantee()
        movement = await ningbo.declare("hangzhou")
        terms = pb.ReleaseTerms(control_result_code="A1")
        decide = {"decision": pb.DecideDepartureRequest.DECISION_RELEASE, "release": terms}
        for who in (BROKER, "operator/port-office"):
            with pytest.raises(CallerNotListed):
                await ningbo.act("DecideDeparture", movement.mrn, who, **decide)
        with pytest.raises(NotFound):
            await ningbo.act("CancelMovement", movement.mrn, "broker/3104980002", reason="not mine")
        with pytest.raises(NotFound):
            await hangzhou.arrive("04CN99997K3M9QZAJ4")
        await ningbo.release(movement.mrn)
        await rest()
        arrived = await hangzhou.arrive(movement.mrn, who="broker/3104980002")
        assert (state_of(arrived), arrived.HasField("declaration")) == ("ARRIVED", False)
        with pytest.raises(StateForbids):
            await hangzhou.arrive(movement.mrn, who="broker/3104980002")
        with pytest.raises(NotFound):
            await shanghai.arrive(movement.mrn, who="broker/3104980002")
        assert state_of(await shanghai.arrive(movement.mrn)) == "RECORD_REQUESTED", "an officer's word"

    told_in_transit(tmp_path, THREE, story)


def test_goods_leave_with_a_registered_carrier_and_his_own_vehicle_only(tmp_path: Path) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        people, siming = Guaranteed(ningbo.district), "3302970077"
        by = {"carrier": Party(identifier=siming), "transport": TransportMeans(mode=TransportMeans.MODE_ROAD)}
        by["transport"].identification = "ZHE-B-21300"
        with pytest.raises(CarrierNotRegistered) as refused:
            await ningbo.declare("hangzhou", lrn="LAN-1", **by)
        assert refused.value.metadata == {"carrier": siming, "state": "UNKNOWN"}
        assert await ningbo.listed() == []
        assert await ningbo.ledger() == AS_WAS, "nothing is held for what was not accepted"
        await people.enter_carrier(siming, "ZHE-B-21300")
        movement = await ningbo.declare("hangzhou", lrn="LAN-1", **by)
        await people.enter_carrier(siming, "ZHE-B-21307")
        with pytest.raises(CarrierNotRegistered) as refused:
            await ningbo.release(movement.mrn)
        assert refused.value.metadata == {"carrier": siming, "state": "VEHICLE_UNKNOWN"}
        assert await ningbo.state(movement.mrn) == "MRN_ALLOCATED"
        await people.enter_carrier(siming, "ZHE-B-21307", "ZHE-B-21300")
        assert state_of(await ningbo.release(movement.mrn)) == "RELEASED"

    told_in_transit(tmp_path, TWO, story)


@pytest.mark.parametrize("mode", [TransportMeans.MODE_ROAD, TransportMeans.MODE_UNSPECIFIED])
def test_nothing_leaves_by_road_without_a_plate_although_it_was_declared_before_one_was_known(
    mode: TransportMeans.Mode.ValueType, tmp_path: Path
) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        by = {"transport": TransportMeans(mode=mode)}
        with pytest.raises(CarrierNotRegistered) as refused:
            await ningbo.declare("hangzhou", **by)
        assert refused.value.metadata["state"] == "VEHICLE_UNKNOWN"
        declared = await ningbo.declare("hangzhou", lrn="LAN-1", pre_lodged=True, **by)
        request = pb.PresentGoodsRequest(request_id=ningbo.id(), lrn=declared.lrn)
        mrn = (await ningbo.call("PresentGoods", request, BROKER)).mrn
        with pytest.raises(CarrierNotRegistered) as refused:
            await ningbo.release(mrn)
        assert refused.value.metadata["state"] == "VEHICLE_UNKNOWN"
        assert await ningbo.state(mrn) == "MRN_ALLOCATED"

    told_in_transit(tmp_path, TWO, story)


def test_what_was_accepted_stays_so_when_its_carrier_is_suspended_and_waits_for_customs_that_is_away(
    tmp_path: Path,
) -> None:
    async def story(ningbo: InTransit, _hangzhou: InTransit) -> None:
        await ningbo.enter_guarantee()
        people, act = Guaranteed(ningbo.district), ningbo.id()
        movement = await ningbo.declare("hangzhou", lrn="LAN-1", request_id=act)
        await people.enter_carrier(HOLDER, suspended=True)
        again = await ningbo.declare("hangzhou", lrn="LAN-1", request_id=act)
        assert again.mrn == movement.mrn, "a repeated call has the same effect"
        with pytest.raises(CarrierNotRegistered):
            await ningbo.release(movement.mrn)
        await people.enter_carrier(HOLDER)
        people.break_ledger("called", "CheckCarriers", 1, "/clearance.customs.v1.CarrierService/")
        with pytest.raises(Unavailable):
            await ningbo.release(movement.mrn)
        assert state_of(await ningbo.release(movement.mrn)) == "RELEASED"

    told_in_transit(tmp_path, TWO, story)
