"""What left the port ends cases: the gateway follows the port's list of exits."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agencykit.refusals import StateForbids
from agencykit.rpc.call import Call
from agencykit.rpc.layers import Layers
from agencykit.rpc.service import Service
from agencykit.storage.rows import run
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.port.v1 import gate_out_feed_service_pb2 as feed
from clearance.port.v1.release_pb2 import GateOut

Act = pb.Intervention
FIRST, LAST = "CSQU3054383", "MSKU1234565"


class GateHouse:
    """Serves GateOutFeedService from a list that the test fills."""

    def __init__(self) -> None:
        self.exits: list[GateOut] = []
        self.asked_from: list[int] = []

    def let_out(self, number: str, container: str, *, last: bool, way: int = GateOut.WAY_GATE) -> None:
        position = 10 * (len(self.exits) + 1)
        left = GateOut(
            position=position, clearance_number=number, version=1, order_number=1, container_number=container
        )
        left.way, left.last = way, last  # type: ignore[assignment]  # a number of the contract
        left.exit_time.GetCurrentTime()
        self.exits.append(left)

    async def FollowGateOuts(
        self, request: feed.FollowGateOutsRequest, call: Call
    ) -> AsyncIterator[feed.FollowGateOutsResponse]:
        position = request.position
        self.asked_from.append(position)
        while call.remaining() > 0.1:
            new = [left for left in self.exits if left.position > position]
            position = new[-1].position if new else position
            yield feed.FollowGateOutsResponse(gate_outs=new, position=position)
            await asyncio.sleep(0.02)


@pytest.fixture
def gate(district: Any) -> GateHouse:
    """The port with a gate."""
    house, office = GateHouse(), district.offices["port"]
    service = Service(house, feed.DESCRIPTOR.services_by_name["GateOutFeedService"], ("gateway",))
    services = [*office.app.services, service]
    office.layers = Layers(office.app.parts.settings, district.runtime, services, office.telemetry)
    return house


async def in_state(caller: Any, number: str, state: Any) -> Any:
    clearance = await caller.get(number)
    return clearance if clearance.state == state else None


async def test_the_last_container_ends_the_case_and_its_clock(
    gate: GateHouse, broker: Any, reference: str, make: Any
) -> None:
    number = (await broker.submit(make.air_import(reference))).number
    gate.let_out(number, FIRST, last=False)

    async def one_out() -> Any:
        clearance = await broker.get(number)
        return clearance if clearance.exits else None

    assert (await make.eventually(one_out)).state == pb.Clearance.STATE_RELEASED
    gate.let_out("310020049ZZZZZZZZZZZ", FIRST, last=True)
    gate.let_out(number, LAST, last=True)
    collected = await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_CLOSED))
    assert [(left.container_number, left.last) for left in collected.exits] == [(FIRST, False), (LAST, True)]
    assert collected.clock.left
    # The port's moment, to the microsecond, and not that at which the gateway heard of it.
    assert collected.clock.end_time.ToMicroseconds() == gate.exits[-1].exit_time.ToMicroseconds()
    assert {share.holder for share in collected.clock.shares} >= {"trader"}


async def test_of_a_stopped_release_what_has_left_already_is_to_be_recovered_until_it_is_or_the_recall_is_lifted(
    gate: GateHouse, district: Any, gateway: Any, reference: str, make: Any
) -> None:
    broker = gateway.caller()
    number = (await broker.submit(make.sea_import(reference))).number
    await district.weigh(reference)
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASED))
    gate.let_out(number, FIRST, last=False)

    async def one_out() -> Any:
        return (await broker.get(number)).exits

    await make.eventually(one_out)
    await district.weigh(reference, 2000.0, "customs")
    stopped = await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASE_STOPPED))
    recoveries = [wait for wait in stopped.waiting if wait.fact_kind == "recovery"]
    assert [(wait.party, wait.fact_key, wait.agency) for wait in recoveries] == [("customs", FIRST, "customs")]
    [listed] = (await broker.list(waiting_party="customs")).clearances
    assert listed.waiting == stopped.waiting
    officer = gateway.caller("operator/officer-customs")
    held = await officer.act("RecordRecovery", number, container_number=FIRST)
    assert {wait.fact_kind for wait in held.waiting} == {"officer_result"}
    with pytest.raises(StateForbids) as refused:
        await officer.act("RecordRecovery", number, container_number=FIRST)
    assert refused.value.metadata["operation"] == "RecordRecovery"
    again = await officer.act("CancelRecovery", number, container_number=FIRST)
    assert {wait.fact_kind for wait in again.waiting} == {"officer_result", "recovery"}
    await officer.act("RecordRecovery", number, container_number=FIRST)
    acts = [(act.act, act.container_number) for act in (await broker.get(number)).interventions]
    assert acts == [(each, FIRST) for each in (Act.ACT_RECOVER, Act.ACT_CANCEL_RECOVERY, Act.ACT_RECOVER)]
    await district.weigh(reference, 1000.0, "customs")
    lifted = await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASED))
    assert not lifted.waiting


async def test_a_closed_export_is_open_again_after_a_recall_until_its_goods_are_recovered(
    gate: GateHouse, district: Any, broker: Any, reference: str, make: Any
) -> None:
    exported = make.sea_import(reference)
    exported.direction = Consignment.DIRECTION_EXPORT
    number = (await broker.submit(exported)).number
    await district.weigh(reference)
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_RELEASED))
    gate.let_out(number, "", last=True, way=GateOut.WAY_LOADING)
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_CLOSED))
    await district.weigh(reference, 2000.0, "customs")

    async def recovering() -> Any:
        clearance = await broker.get(number)
        return clearance if clearance.waiting else None

    clearance = await make.eventually(recovering)
    assert clearance.state == pb.Clearance.STATE_DEPARTED
    assert [(wait.party, wait.fact_kind) for wait in clearance.waiting] == [("customs", "recovery")]
    assert len(clearance.orders) == 1
    await district.weigh(reference, 1000.0, "customs")
    await make.eventually(lambda: in_state(broker, number, pb.Clearance.STATE_CLOSED))

    async def told() -> Any:
        read = district.offices["border"].app.parts.database.read
        return await read(run, "SELECT kind FROM outcomes ORDER BY order_number") == [(1,), (5,), (6,), (5,)]

    await make.eventually(told)


async def test_a_replica_resumes_where_the_last_one_stopped_and_goods_of_the_unreleased_are_alarmed(
    gate: GateHouse, district: Any, reference: str, make: Any
) -> None:
    first = await district.open_gateway()
    waiting = (await first.caller().submit(make.sea_import(reference))).number
    gate.let_out(waiting, FIRST, last=True)

    async def recorded() -> Any:
        return district.rows("SELECT sequence FROM feed_positions WHERE log = 'gate_outs'") == [(10,)]

    await make.eventually(recorded)
    assert (await first.caller().get(waiting)).state == pb.Clearance.STATE_IN_PROGRESS
    await first.app.stop()
    await district.open_gateway()

    async def resumed() -> Any:
        return 10 in gate.asked_from

    await make.eventually(resumed)
    assert district.rows("SELECT count(*) FROM exits") == [(1,)]


async def test_an_exit_that_cannot_be_recorded_stops_its_own_case_and_the_list_is_read_on(
    gate: GateHouse, district: Any, reference: str, make: Any
) -> None:
    """The case's row is damaged, so that nothing can be recorded of it. What comes after of that case waits behind."""
    gateway = await district.open_gateway(refusals=2)
    broker, office = gateway.caller(), gateway.caller("operator/port-office")
    good, bad, late = [(await broker.submit(make.air_import(f"{reference}-{each}"))).number for each in range(3)]
    [(asks,)] = district.rows(f"SELECT asks FROM cases WHERE number = '{bad}'")
    district.damage(f"UPDATE cases SET asks = 'x' WHERE number = '{bad}'")
    for number, container, last in ((good, FIRST, True), (bad, FIRST, False), (late, FIRST, True), (bad, LAST, True)):
        gate.let_out(number, container, last=last)
    for number in (good, late):
        await make.eventually(lambda number=number: in_state(broker, number, pb.Clearance.STATE_CLOSED))

    async def aside() -> Any:
        items = (await office.quarantine("List", number=bad)).items
        return items if len(items) == 2 else None

    first, behind = await make.eventually(aside)
    assert [(each.subject, each.party) for each in (first, behind)] == [("20", "port"), ("40", "port")]
    assert behind.reason == "BEHIND"
    assert FIRST.encode() in (await office.quarantine("Get", id=first.id)).item.content

    district.damage(f"UPDATE cases SET asks = '{asks}' WHERE number = '{bad}'")
    await office.quarantine("RequeueAll", party="port")
    closed = await make.eventually(lambda: in_state(broker, bad, pb.Clearance.STATE_CLOSED))
    assert [left.container_number for left in closed.exits] == [FIRST, LAST]
    assert not (await office.quarantine("List")).items
