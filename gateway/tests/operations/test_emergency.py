"""Emergencies (应急): declared and ended by two officers, and what goes under one, on a guarantee and within caps."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agencykit.refusals import EmergencyForbidden, NotFound, RequestIdReused, SecondPersonNeeded, StateForbids
from clearance.common.v1.money_pb2 import Money
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import emergency_service_pb2 as rpc
from clearance.gateway.v1 import manual_release_service_pb2 as manual

WEI, FANG = "operator/port-office", "operator/port-office-duty"
EMERGENCIES = "/clearance.gateway.v1.EmergencyService/"
RELEASES = "/clearance.gateway.v1.ManualReleaseService/"
# By itself nobody may be stood in for within two hours; under the plan at once.
TABLE = """
version = "test-1"
agency = [{agency = "customs", after_minutes = 120}]
never = {commodities = ["36"]}
reason = [{code = "SYSTEM_OUTAGE", zh = "机关系统中断", en = "An agency's system is out"}]
"""
MEASURE = """
trigger = "agency_out"
zh = "海关系统中断"
en = "Customs' system is out"
substitutes = ["customs"]
after_minutes = 0
hours = 24
most_releases = 2
most_minor_units = 100
currency_code = "CNY"
"""
MEASURES = f'[[measure]]\nid = "CUSTOMS-OUT"\n{MEASURE}\n[[measure]]\nid = "BY-AIR"\nmodes = ["air"]\n{MEASURE}'
PLAN = f'version = "test-1"\n{MEASURES}'


class Officer:
    """One of the port office."""

    def __init__(self, caller: Any) -> None:
        self.caller = caller

    async def send(self, name: str, **fields: Any) -> rpc.Emergency:
        fields = {"request_id": self.caller.runtime.ids.uuid(), **fields}
        request, answer = (
            getattr(rpc, f"{name}Emergency" + "Request")(**fields),
            getattr(rpc, f"{name}EmergencyResponse"),
        )
        path = f"{EMERGENCIES}{name}Emergency"
        return (await self.caller.transport.unary(path, request, answer, timeout_seconds=10.0)).emergency  # type: ignore[no-any-return]

    async def declare(self, measure: str = "CUSTOMS-OUT", **fields: Any) -> rpc.Emergency:
        return await self.send("Declare", measure_id=measure, reason="海关系统自零时起中断", **fields)

    async def release(self, number: str, emergency: str, **fields: Any) -> manual.ManualRelease:
        paper = {"reason_code": "SYSTEM_OUTAGE", "paper_order_number": "NB-88", "reason": "海关系统中断"}
        on = {"guarantee_reference": "BH-17", "amount": Money(currency_code="CNY", minor_units=40)}
        said = {"request_id": self.caller.runtime.ids.uuid(), "version": 1, "absent_agencies": ["customs"]}
        request = manual.OrderManualReleaseRequest(
            number=number, emergency_number=emergency, **{**paper, **on, **said, **fields}
        )
        answer = manual.OrderManualReleaseResponse
        path = f"{RELEASES}OrderManualRelease"
        return (await self.caller.transport.unary(path, request, answer, timeout_seconds=10.0)).release

    async def listed(self) -> list[rpc.Emergency]:
        path, answer = f"{EMERGENCIES}ListEmergencies", rpc.ListEmergenciesResponse
        request = rpc.ListEmergenciesRequest()
        return list((await self.caller.transport.unary(path, request, answer, timeout_seconds=10.0)).emergencies)


@pytest.fixture
async def gateway(district: Any, tmp_path: Path) -> Any:
    table, plan = tmp_path / "manual_releases.toml", tmp_path / "emergency_plan.toml"
    table.write_text(TABLE, "utf-8")
    plan.write_text(PLAN, "utf-8")
    return await district.open_gateway(manual_releases_file=table, emergency_plan_file=plan)


@pytest.fixture
def wei(gateway: Any) -> Officer:
    return Officer(gateway.caller(WEI))


@pytest.fixture
def fang(gateway: Any) -> Officer:
    return Officer(gateway.caller(FANG))


async def without_customs(district: Any, caller: Any, reference: str, make: Any) -> str:
    """A clearance on which all agree but customs, which is away."""
    district.offices["customs"].down = True
    await district.weigh(reference, 1000.0, "inspection", "border", "port")
    return (await caller.submit(make.sea_import(reference))).number  # type: ignore[no-any-return]


async def test_an_emergency_is_declared_by_two_and_ended_by_two_and_each_call_counts_once(
    wei: Officer, fang: Officer
) -> None:
    proposed = await wei.declare()
    assert (proposed.state, proposed.in_force, proposed.number[:5]) == (
        rpc.Emergency.STATE_PROPOSED,
        False,
        "F3100",
    )
    with pytest.raises(SecondPersonNeeded):
        await wei.declare()
    same = "41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc"
    declared = await fang.declare(request_id=same)
    assert (declared.number, declared.in_force) == (proposed.number, True)
    assert (await fang.declare(request_id=same)).number == proposed.number
    with pytest.raises(RequestIdReused):
        await fang.declare("BY-AIR", request_id=same)
    with pytest.raises(EmergencyForbidden):
        await wei.declare()
    number = proposed.number
    await wei.send("End", number=number, reason="系统恢复")
    with pytest.raises(SecondPersonNeeded):
        await wei.send("End", number=number, reason="系统恢复")
    assert (await wei.send("Withdraw", number=number)).ender == ""
    await fang.send("End", number=number, reason="系统恢复")
    ended = await wei.send("End", number=number, reason="系统恢复")
    assert (ended.state, ended.in_force) == (rpc.Emergency.STATE_ENDED, False)
    with pytest.raises(StateForbids):
        await fang.send("End", number=number, reason="系统恢复")
    with pytest.raises(NotFound):
        await wei.send("End", number="F310020049999", reason="系统恢复")


async def test_goods_go_under_it_on_a_guarantee_with_a_fallback_number_and_by_the_orders_own_words(
    district: Any, broker: Any, wei: Officer, fang: Officer, reference: str, make: Any
) -> None:
    number = await without_customs(district, broker, reference, make)
    emergency = (await wei.declare()).number
    with pytest.raises(EmergencyForbidden):
        await wei.release(number, emergency)
    await fang.declare()
    with pytest.raises(EmergencyForbidden):
        await wei.release(number, emergency, guarantee_reference="")
    await wei.release(number, emergency)
    released = await fang.release(number, emergency)
    assert released.emergency.fallback_number == f"{emergency}-0001"
    [order] = [each.order for each in (await broker.get(number)).orders]
    under = order.manual.emergency
    assert (under.guarantee_reference, under.minor_units, under.used_minor_units) == ("BH-17", 40, 40)
    assert under.declarer.endswith("/port-office")
    assert under.second_declarer.endswith("/port-office-duty")
    [listed] = await wei.listed()
    assert (listed.releases, listed.used_minor_units, listed.unreconciled) == (1, 40, 1)


async def test_nothing_goes_beyond_its_caps_its_journeys_or_its_end(
    district: Any, broker: Any, wei: Officer, fang: Officer, reference: str, make: Any
) -> None:
    numbers = [await without_customs(district, broker, f"{reference}-{place}", make) for place in range(4)]
    by_air = (await wei.declare("BY-AIR")).number
    await fang.declare("BY-AIR")
    with pytest.raises(EmergencyForbidden) as refused:
        await wei.release(numbers[0], by_air)
    assert "mode of transport" in refused.value.metadata["why"]
    emergency = (await wei.declare()).number
    await fang.declare()
    for number in numbers:
        await wei.release(number, emergency)
    # Two of the four may go, whoever comes first.
    answers = await asyncio.gather(*(fang.release(each, emergency) for each in numbers), return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == [*["EmergencyForbidden"] * 2, *["ManualRelease"] * 2]
    states = [(await broker.get(each)).state for each in numbers]
    assert states.count(pb.Clearance.STATE_RELEASED_MANUALLY) == 2
    assert (await wei.listed())[0].releases == 2
    left = numbers[states.index(pb.Clearance.STATE_IN_PROGRESS)]
    for each in (wei, fang):
        await each.send("End", number=emergency, reason="系统恢复")
    with pytest.raises(EmergencyForbidden) as refused:
        await fang.release(left, emergency)
    assert "ended" in refused.value.metadata["why"]


async def test_the_amount_is_capped_too(
    district: Any, broker: Any, wei: Officer, fang: Officer, reference: str, make: Any
) -> None:
    numbers = [await without_customs(district, broker, f"{reference}-{place}", make) for place in range(2)]
    emergency = (await wei.declare()).number
    await fang.declare()
    for number, units, goes in ((numbers[0], 70, True), (numbers[1], 31, False)):
        amount = Money(currency_code="CNY", minor_units=units)
        await wei.release(number, emergency, amount=amount)
        if goes:
            await fang.release(number, emergency, amount=amount)
        else:
            with pytest.raises(EmergencyForbidden):
                await fang.release(number, emergency, amount=amount)
    assert not (await broker.get(numbers[1])).orders


async def test_one_request_id_for_a_declaration_and_for_a_release_is_two_requests(
    district: Any, broker: Any, wei: Officer, fang: Officer, reference: str, make: Any
) -> None:
    number, same = await without_customs(district, broker, reference, make), "41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc"
    emergency = (await wei.declare(request_id=same)).number
    await fang.declare()
    assert (await wei.release(number, emergency, request_id=same)).state == manual.ManualRelease.STATE_PROPOSED
