"""Who is asked and who must approve follows from settings, without a line of code."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agencykit.settings import SettingsError
from agencykit.testing.example_agency import SEIZURE_YARD
from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1 import clearance_pb2 as pb
from gateway.operations.settings import AgencySettings

RELEASED = pb.Clearance.STATE_RELEASED
ADDRESS = "in.process:1"


def agencies(make: Any, **required: Any) -> dict[str, AgencySettings]:
    known = {name: AgencySettings(address=ADDRESS) for name in make.agencies}
    return known | {name: AgencySettings(address=ADDRESS, required=value) for name, value in required.items()}


async def test_a_fifth_agency_is_asked_as_soon_as_it_is_configured(district: Any, reference: str, make: Any) -> None:
    await district.open_agency("tax")
    gateway = await district.open_gateway(agencies=agencies(make, tax=False))
    clearance = await gateway.caller().submit(make.air_import(reference))
    assert clearance.state == RELEASED
    assert list(clearance.policy.asked_agencies) == [*make.agencies, "tax"]
    assert list(clearance.policy.required_agencies) == list(make.agencies)
    assert len(clearance.orders[0].order.decisions) == 4


async def test_a_fifth_agency_that_is_required_holds_the_release_until_it_agrees(
    district: Any, reference: str, make: Any
) -> None:
    await district.open_agency("tax")
    gateway = await district.open_gateway(agencies=agencies(make, tax=["import/*"]))
    broker = gateway.caller()
    clearance = await broker.submit(make.sea_import(reference))
    await district.weigh(reference, 1000.0, *make.agencies)

    async def waits_for_tax_alone() -> bool:
        return {wait.agency for wait in (await broker.get(clearance.number)).waiting} == {"tax"}

    await make.eventually(waits_for_tax_alone)
    await district.weigh(reference, 1000.0, "tax")

    async def released() -> Any:
        found = await broker.get(clearance.number)
        return found if found.state == RELEASED else None

    released_by_five = await make.eventually(released)
    assert released_by_five.policy.version == "2004-1+tax(import/*)"
    assert len(released_by_five.orders[0].order.decisions) == 5


async def test_nobody_waits_for_an_agency_that_his_case_does_not_need(district: Any, reference: str, make: Any) -> None:
    tax = await district.open_agency("tax")

    async def dawdle(moment: str, name: str) -> None:
        if name == "AssessConsignments":
            await asyncio.sleep(1.5)

    tax.hook = dawdle
    gateway = await district.open_gateway(agencies=agencies(make, tax=False))
    began = asyncio.get_running_loop().time()
    for number in range(3):
        clearance = await gateway.caller().submit(make.air_import(f"{reference}-{number}"))
        assert clearance.state == RELEASED
    assert asyncio.get_running_loop().time() - began < 1.5

    async def tax_has_answered() -> bool:
        return (await gateway.caller().get(clearance.number)).agencies[4].HasField("decision")

    await make.eventually(tax_has_answered)


async def test_an_agency_that_depends_on_others_is_asked_after_them_and_given_their_decisions(
    district: Any, reference: str, make: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'version = "chain-1"\n[[required]]\nagencies = ["customs", "inspection", "border", "port"]\n'
        '[depends_on]\nport = ["customs", "border"]\n'
    )
    given: list[list[str]] = []
    office = district.offices["port"]
    invoke = office.layers.invoke

    async def look(path: str, request: bytes, *rest: Any) -> Any:
        from clearance.agency.v1.agency_service_pb2 import AssessConsignmentsRequest
        from clearance.common.v1.decision_pb2 import Decision

        if path.endswith("/AssessConsignments"):
            items = AssessConsignmentsRequest.FromString(request).items
            given.extend([Decision.FromString(each.decision).agency for each in item.depends_on] for item in items)
        return await invoke(path, request, *rest)

    monkeypatch.setattr(office.layers, "invoke", look)
    gateway = await district.open_gateway(policy_file=policy)
    clearance = await gateway.caller().submit(make.air_import(reference))
    assert clearance.state == RELEASED
    assert given == [["customs", "border"]]
    assert clearance.policy.version == "chain-1"


async def test_what_an_agency_further_down_refuses_stands_in_the_same_answer_as_the_refusal_above_it(
    district: Any, reference: str, make: Any, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(
        'version = "chain-2"\n[[required]]\nagencies = ["customs", "inspection", "border", "port"]\n'
        '[depends_on]\nport = ["border"]\nborder = ["customs"]\n'
    )
    seized = make.sea_import(reference)
    seized.goods_location_code = SEIZURE_YARD
    await district.weigh(reference)
    gateway = await district.open_gateway(policy_file=policy)
    clearance = await gateway.caller().submit(seized)
    assert clearance.state == pb.Clearance.STATE_REFUSED
    said = {each.agency: [found.rule_id for found in each.decision.findings] for each in clearance.agencies}
    assert said == {agency: ["SCA-003"] for agency in make.agencies}


async def test_behind_an_agency_that_is_down_the_next_is_asked_as_soon_as_it_is_back(
    district: Any, reference: str, make: Any, tmp_path: Path
) -> None:
    """Until then the case says whom it waits for, before whom, although the one that is down need not approve."""
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "chain-3"\n[[required]]\nagencies = ["port"]\n[depends_on]\nport = ["border"]\n')
    border, port = district.offices["border"], district.offices["port"]
    border.down = True
    gateway = await district.open_gateway(policy_file=policy)
    broker = gateway.caller()
    clearance = await broker.submit(make.air_import(reference))
    waits = [(wait.kind, wait.party, wait.fact_kind, wait.fact_key) for wait in clearance.waiting]
    assert waits == [(Waiting.KIND_MACHINE, "border", "answer", "port")]
    assert (port.asked(), clearance.agencies[2].park_reason) == (0, "UNAVAILABLE")
    border.down = False

    async def released() -> Any:
        return (await broker.get(clearance.number)).state == RELEASED

    await make.eventually(released, seconds=10)


async def test_the_policy_is_fixed_on_a_case_and_worked_out_anew_by_an_amendment(
    district: Any, reference: str, make: Any
) -> None:
    first = await district.open_gateway("1")
    waiting = await first.caller().submit(make.sea_import(reference))
    await first.app.stop()
    await district.open_agency("tax")
    second = await district.open_gateway("1", agencies=agencies(make, tax=True))
    broker = second.caller()
    assert (await broker.get(waiting.number)).policy.version == "2004-1"
    amended = await broker.amend(waiting.number, 1, make.air_import(reference))
    assert (amended.policy.version, amended.state) == ("2004-1+tax(*/*)", RELEASED)
    assert len(amended.orders[0].order.decisions) == 5


async def test_a_gateway_with_an_impossible_policy_refuses_to_start(district: Any, make: Any, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "1"\n[[required]]\nagencies = ["harbour_master"]\n[depends_on]\nport = ["port"]\n')
    with pytest.raises(SettingsError) as refused:
        district.build_gateway(policy_file=policy)
    assert len(refused.value.faults) == 2
