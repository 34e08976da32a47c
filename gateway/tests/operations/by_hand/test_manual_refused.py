"""Releases by hand that are refused: in whose place, for which goods and by whom never, and what ends by itself."""

from typing import Any

import pytest

from agencykit.refusals import (
    CallerNotListed,
    FormInvalid,
    ManualReleaseForbidden,
    SecondPersonNeeded,
    StaleVersion,
    StateForbids,
)
from clearance.common.v1.decision_pb2 import Scope
from clearance.gateway.v1 import clearance_pb2 as pb

from .hands import Hands, Standing, all_but_customs, in_state

OTHER_BOX = "TGHU7712340"


async def test_nobody_orders_what_he_has_proposed_and_the_second_must_say_the_same(
    district: Any, broker: Any, wei: Hands, fang: Hands, gateway: Any, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    with pytest.raises(CallerNotListed):
        await Hands(gateway.caller("operator/officer-customs")).ask(number)
    await wei.ask(number)
    with pytest.raises(SecondPersonNeeded):
        await wei.ask(number)
    with pytest.raises(ManualReleaseForbidden) as refused:
        await fang.ask(number, paper_order_number="NB-89")
    assert "something else" in refused.value.metadata["why"]
    assert not (await broker.get(number)).orders


async def why_not(hands: Hands, number: str, **fields: Any) -> str:
    with pytest.raises(ManualReleaseForbidden) as refused:
        await hands.ask(number, **fields)
    return str(refused.value.metadata["why"])


async def test_what_an_agency_has_said_is_never_overridden_nor_forgotten_by_an_amendment(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = (await broker.submit(make.sea_import(reference))).number
    await district.weigh(reference, 1000.0, "inspection", "border", "port")
    assert "PENDING" in await why_not(wei, number)
    await district.weigh(reference, 2000.0, "customs")
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_EXAMINATION))
    assert "EXAMINE" in await why_not(wei, number)
    district.offices["customs"].down = True
    changed = make.sea_import(reference)
    changed.goods_location_code = "BEILUN-3"
    await broker.amend(number, 1, changed)
    with pytest.raises(StaleVersion):
        await wei.ask(number)
    assert "EXAMINE to version 1" in await why_not(wei, number, version=2)


async def test_a_no_that_comes_between_proposal_and_order_keeps_the_goods(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    await wei.ask(number)
    await district.weigh(reference, 2000.0, "customs")
    district.offices["customs"].down = False
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_EXAMINATION))
    assert "EXAMINE" in await why_not(fang, number)
    assert not (await broker.get(number)).orders


async def test_the_published_table_says_in_whose_place_and_for_which_goods_never(
    district: Any, broker: Any, wei: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    assert "without an answer are customs" in await why_not(wei, number, absent_agencies=["border"])
    assert "not in the consignment" in await why_not(wei, number, scope=Scope(container_numbers=[OTHER_BOX]))
    with pytest.raises(FormInvalid):
        await wei.ask(number, reason_code="HURRY")
    district.offices["border"].down = district.offices["inspection"].down = True
    second = (await broker.submit(make.sea_import(f"{reference}-2"))).number
    await district.weigh(f"{reference}-2", 1000.0, "port")
    await make.eventually(lambda: agreed(broker, second, "port"))
    missing = ["border", "customs", "inspection"]
    assert "border has not been asked for 60 minutes" in await why_not(wei, second, absent_agencies=missing)
    district.offices["border"].down = False
    await district.weigh(f"{reference}-2", 1000.0, "border")
    await make.eventually(lambda: agreed(broker, second, "border"))
    assert "stands in for inspection" in await why_not(wei, second, absent_agencies=["customs", "inspection"])
    described = (await wei.call("DescribeManualReleases")).table
    assert [(each.agency, each.after_minutes) for each in described.agencies] == [("customs", 0), ("border", 60)]


async def test_goods_under_control_are_never_released_by_hand(
    district: Any, broker: Any, wei: Hands, reference: str, make: Any
) -> None:
    powder = make.sea_import(reference)
    powder.items[0].commodity_code = "36020010"
    number = await all_but_customs(district, broker, reference, make, powder)
    assert "commodities" in await why_not(wei, number)


async def agreed(caller: Any, number: str, agency: str) -> bool:
    clearance = await caller.get(number)
    return any(each.agency == agency and each.decision.verdict == 1 for each in clearance.agencies)


async def test_what_was_released_electronically_is_not_released_by_hand(
    district: Any, broker: Any, wei: Hands, reference: str, make: Any
) -> None:
    number = (await broker.submit(make.air_import(reference))).number
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASED))
    with pytest.raises(StateForbids):
        await wei.ask(number)


async def test_what_was_only_proposed_ends_with_its_clearance(
    district: Any, gateway: Any, wei: Hands, reference: str, make: Any
) -> None:
    broker = gateway.caller()
    number = await all_but_customs(district, broker, reference, make)
    await wei.ask(number)
    assert [each.number for each in await wei.of()] == [number]
    await broker.withdraw(number)
    district.offices["customs"].down = False
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_WITHDRAWN))
    assert not await wei.of()
    [lapsed] = await wei.of(number)
    assert (lapsed.state, lapsed.second) == (Standing.STATE_WITHDRAWN, "")
    assert district.rows("SELECT state FROM proposals") == [(3,)]
