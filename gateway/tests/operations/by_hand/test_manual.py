"""Releases by hand (人工放行): two officers, where an agency gives no answer, and what becomes of it once it does."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agencykit.refusals import (
    ManualReleaseForbidden,
    RequestIdReused,
    SecondPersonNeeded,
    StateForbids,
)
from agencykit.storage.rows import run_many
from clearance.common.v1.decision_pb2 import Scope
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1 import clearance_pb2 as pb
from gateway.domain.guarantee import GuaranteeRelease, ReleaseState, Terms
from gateway.storage.guarantees import insert_releases

from .hands import FANG, TABLE, WEI, Hands, Standing, all_but_customs, in_state, orders_of, standing

CLOSED_BOX, OTHER_BOX = "CSQU3054383", "TGHU7712340"


async def test_goods_go_on_the_word_of_two_officers_and_the_order_says_whose_and_without_whom(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    proposed = await wei.ask(number)
    assert (proposed.state, (await broker.get(number)).state) == (
        Standing.STATE_PROPOSED,
        pb.Clearance.STATE_IN_PROGRESS,
    )
    ordered = await fang.ask(number, reason="已核对纸质单证")
    assert (ordered.state, ordered.order_number) == (Standing.STATE_OPEN, 1)
    released = await broker.get(number)
    assert (released.state, released.manual) == (pb.Clearance.STATE_RELEASED_MANUALLY, True)
    [order] = [each.order for each in released.orders]
    manual = order.manual
    assert [each.rpartition("/")[2] for each in (manual.proposer, manual.confirmer)] == [
        "port-office",
        "port-office-duty",
    ]
    assert (list(manual.absent_agencies), manual.paper_order_number, manual.table_version) == (
        ["customs"],
        "NB-88",
        "test-1",
    )
    assert sorted(each.agency for each in order.decisions) == ["border", "inspection", "port"]
    assert [(wait.party, wait.fact_kind, wait.fact_key) for wait in released.waiting] == [
        ("customs", "reconciliation", "absent")
    ]
    assert [each.number for each in await wei.of()] == [number], "what is not reconciled is listed"


async def test_when_the_absent_agency_agrees_the_matter_is_closed_and_nothing_more_is_ordered(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    await wei.ask(number)
    await fang.ask(number)
    district.offices["customs"].down = False
    await district.weigh(reference, 1000.0, "customs")
    await make.eventually(lambda: standing(wei, number, Standing.STATE_RECONCILED))
    released = await broker.get(number)
    assert released.state == pb.Clearance.STATE_RELEASED_MANUALLY, "what began by hand ends by hand"
    assert orders_of(released) == [(1, ReleaseOrder.KIND_RELEASE, True)]
    assert (list(released.waiting), await wei.of()) == ([], [])


async def test_when_it_decides_otherwise_a_stop_order_keeps_the_goods_until_it_agrees(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    await wei.ask(number)
    await fang.ask(number)
    await district.weigh(reference, 2000.0, "customs")
    district.offices["customs"].down = False
    await make.eventually(lambda: standing(wei, number, Standing.STATE_CONFLICT))
    stopped = await broker.get(number)
    assert stopped.state == pb.Clearance.STATE_RELEASE_STOPPED
    assert orders_of(stopped)[-1] == (2, ReleaseOrder.KIND_STOP, True)
    assert ("customs", "conflict") in {(wait.party, wait.fact_key) for wait in stopped.waiting}
    settled = await wei.act("Settle", number, reason="货物留在监管区")
    assert (settled.state, settled.settle_reason) == (Standing.STATE_RECONCILED, "货物留在监管区")
    assert (await broker.get(number)).state == pb.Clearance.STATE_RELEASE_STOPPED, "settling makes no yes of a no"

    await district.weigh(reference, 1000.0, "customs")
    again = await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASED_MANUALLY))
    assert orders_of(again)[-1] == (3, ReleaseOrder.KIND_RELEASE, True)


async def test_each_act_is_done_once_under_its_request_id_whatever_was_lost(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    first, second = wei.order(number), fang.order(number)
    assert await wei.send(first) == await wei.send(first)
    assert await fang.send(second) == await fang.send(second)
    late = await wei.send(first)
    assert (late.state, late.order_number) == (Standing.STATE_OPEN, 1), "the proposal comes again after the order"
    second.paper_order_number = "NB-89"
    with pytest.raises(RequestIdReused):
        await fang.send(second)
    assert len((await broker.get(number)).orders) == 1


async def test_a_part_goes_by_hand_and_the_rest_once_the_agency_agrees_under_orders_that_still_say_so(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    consignment = make.sea_import(reference)
    consignment.containers.add(number=OTHER_BOX)
    number = await all_but_customs(district, broker, reference, make, consignment)
    scope = Scope(container_numbers=[CLOSED_BOX])
    await wei.ask(number, scope=scope)
    await fang.ask(number, scope=scope)
    parted = await broker.get(number)
    assert (parted.state, parted.released_scope) == (pb.Clearance.STATE_PARTLY_RELEASED, scope)
    district.offices["customs"].down = False
    await district.weigh(reference, 1000.0, "customs")
    whole = await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASED_MANUALLY))
    assert [each.order.manual.scope for each in whole.orders] == [scope, scope]
    assert not whole.orders[-1].order.HasField("scope")


async def test_what_was_proposed_or_ordered_is_taken_back_and_what_has_not_left_stays(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    await wei.ask(number)
    assert (await fang.act("Withdraw", number)).state == Standing.STATE_WITHDRAWN
    await fang.ask(number)
    await wei.ask(number)
    assert (await broker.get(number)).state == pb.Clearance.STATE_RELEASED_MANUALLY
    taken_back = await wei.act("Withdraw", number, reason="纸质单证有误")
    assert taken_back.revoker.endswith("/port-office")
    stopped = await broker.get(number)
    assert stopped.state == pb.Clearance.STATE_RELEASE_STOPPED
    assert orders_of(stopped)[-1] == (2, ReleaseOrder.KIND_STOP, True)
    with pytest.raises(StateForbids):
        await wei.act("Withdraw", number)
    states = [each.state for each in await wei.of(number)]
    assert states == [Standing.STATE_WITHDRAWN, Standing.STATE_OPEN]


async def attempt(hands: Hands, number: str, paper: str) -> object:
    try:
        return await hands.ask(number, paper_order_number=paper)
    except (ManualReleaseForbidden, SecondPersonNeeded, StateForbids) as refused:
        return refused


async def test_under_any_race_a_clearance_is_released_by_hand_or_electronically_and_never_both(
    district: Any, table: Path, reference: str, make: Any
) -> None:
    """Two replicas; both officers ask at both while customs comes back and agrees."""
    replicas = [await district.open_gateway(name, manual_releases_file=table) for name in "12"]
    broker = replicas[0].caller()
    references = [f"{reference}-{place}" for place in range(8)]
    numbers = [await all_but_customs(district, broker, each, make) for each in references]
    await asyncio.gather(*(district.weigh(each, 1000.0, "customs") for each in references))
    officers = [Hands(replica.caller(who)) for replica in replicas for who in (WEI, FANG)]
    # Of some one officer has asked before, so that the second's call meets the agency's return.
    await asyncio.gather(*(officers[0].ask(number, paper_order_number=number[-8:]) for number in numbers[::2]))
    district.offices["customs"].down = False
    await asyncio.gather(*(attempt(each, number, number[-8:]) for number in numbers for each in officers))

    async def settled() -> Any:
        found = [await broker.get(number) for number in numbers]
        return found if all(agency_yes(each) and each.orders for each in found) else None

    for clearance in await make.eventually(settled, seconds=20):
        by_hand = {order[2] for order in orders_of(clearance)}
        assert len(clearance.orders) == 1, "goods are released once"
        assert by_hand == {clearance.manual}
        expected = pb.Clearance.STATE_RELEASED_MANUALLY if clearance.manual else pb.Clearance.STATE_RELEASED
        assert clearance.state == expected


def agency_yes(clearance: pb.Clearance) -> bool:
    return all(each.HasField("decision") and each.decision.verdict == 1 for each in clearance.agencies)


async def test_who_asks_again_after_an_amendment_hears_of_what_he_proposed_and_not_of_what_fell_with_it(
    district: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    await wei.ask(number)
    changed = make.sea_import(reference)
    changed.goods_location_code = "BEILUN-3"
    await broker.amend(number, 1, changed)
    again = fang.order(number, version=2)

    async def proposed() -> Any:
        try:
            return await fang.send(again)
        except ManualReleaseForbidden:
            return None

    first = await make.eventually(proposed)
    assert (first.serial, first.state) == (2, Standing.STATE_PROPOSED)
    assert await fang.send(again) == first


async def test_an_order_and_its_record_name_the_same_table_although_it_was_proposed_by_another(
    district: Any, broker: Any, wei: Hands, gateway: Any, table: Path, reference: str, make: Any
) -> None:
    number = await all_but_customs(district, broker, reference, make)
    assert (await wei.ask(number)).table_version == "test-1"
    await gateway.app.stop()
    await asyncio.to_thread(table.write_text, TABLE.replace("test-1", "test-2"), "utf-8")
    replica = await district.open_gateway(manual_releases_file=table)
    fang = Hands(replica.caller(FANG))
    ordered = await fang.ask(number)
    [signed] = (await replica.caller().get(number)).orders
    [listed] = await fang.of(number)
    assert {ordered.table_version, listed.table_version, signed.order.manual.table_version} == {"test-2"}


async def test_a_guarantee_that_stands_for_goods_released_by_hand_is_looked_at_for_its_term(
    district: Any, gateway: Any, broker: Any, wei: Hands, fang: Hands, reference: str, make: Any
) -> None:
    """Whoever keeps the ledger's uses computes then until when what is open must be settled."""
    number = await all_but_customs(district, broker, reference, make)
    await wei.ask(number)
    terms, who = Terms((), 9_050_000, "CNY"), "spiffe://ningbo.clearance/broker/3104980001"
    use = GuaranteeRelease(number, 1, ReleaseState.CONFIRMED, terms, ("19XX0040191000015",), "ningbo", who, "7d44", 0)

    def confirmed(connection: Any) -> None:
        insert_releases(connection, [use])
        # Who holds the case is fenced off: he knows of no guarantee.
        run_many(connection, "UPDATE cases SET surety = 2, epoch = epoch + 1 WHERE number = ?", [(number,)])

    await gateway.app._database.write(confirmed)
    await fang.ask(number)
    [(due,)] = district.rows(f"SELECT due_time FROM guarantee_releases WHERE number = '{number}'")
    assert due is not None
