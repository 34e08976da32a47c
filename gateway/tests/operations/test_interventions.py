"""What the port office does to single cases, each act with identity, reason and audit; and agencies' deadlines."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import text

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, RequestIdReused, StateForbids
from agencykit.storage.engines import make_engine
from clearance.gateway.v1 import clearance_pb2 as pb
from gateway.domain.states import State

OPERATOR = "operator/port-office"
Act = pb.Intervention


@pytest.fixture
def office(gateway: Any) -> Any:
    """The port office."""
    return gateway.caller(OPERATOR)


async def test_an_expedited_case_tells_who_approved_it_and_why(
    district: Any, broker: Any, office: Any, reference: str, make: Any
) -> None:
    number = (await broker.submit(make.sea_import(reference))).number
    urgent = await office.act("ExpediteClearance", number, reason_code="PERISHABLE", reason="活虾")
    assert urgent.urgent
    [done] = (await broker.get(number)).interventions
    assert (done.act, done.operator) == (Act.ACT_EXPEDITE, "spiffe://ningbo.clearance/operator/port-office")
    assert (done.reason_code, done.reason) == ("PERISHABLE", "活虾")
    assert not (await office.act("RelaxClearance", number)).urgent
    acts = district.rows(
        f"SELECT act FROM audit WHERE number = '{number}' AND act IN ('expedite', 'relax') ORDER BY id"
    )
    assert acts == [("expedite",), ("relax",)]


async def test_a_case_that_an_act_moves_on_has_a_row_of_the_audit_for_that_too(
    district: Any, broker: Any, office: Any, reference: str, make: Any
) -> None:
    """The act overtakes the first record of what agencies answered."""
    answering = asyncio.Event()

    async def hold(moment: str, _name: str) -> None:
        if moment == "called":
            await answering.wait()

    for agency in district.offices.values():
        agency.hook = hold
    clearance = await broker.submit(make.sea_import(reference), seconds=0.5)
    assert clearance.state == pb.Clearance.STATE_RECEIVED
    await office.act("ExpediteClearance", clearance.number, reason_code="PERISHABLE", reason="活虾")
    [(state,)] = district.rows(f"SELECT state FROM cases WHERE number = '{clearance.number}'")
    rows = district.rows(f"SELECT details FROM audit WHERE number = '{clearance.number}' AND act = 'state'")
    assert [json.loads(details)["to"] for (details,) in rows] == [State(state).name] == ["IN_PROGRESS"]
    answering.set()


async def test_an_act_is_done_once_under_its_request_id(gateway: Any, office: Any, reference: str, make: Any) -> None:
    number = (await gateway.caller().submit(make.sea_import(reference))).number
    same = {"request_id": gateway.runtime.ids.uuid(), "agency": "customs"}
    first = await office.act("EscalateClearance", number, **same)
    again = await office.act("EscalateClearance", number, **same)
    assert (again.etag, len((await office.get(number)).interventions)) == (first.etag, 1)
    with pytest.raises(RequestIdReused):
        await office.act("EscalateClearance", number, **{**same, "agency": "port"})


async def test_an_escalated_case_waits_for_the_port_office_until_it_is_settled(
    broker: Any, office: Any, reference: str, make: Any
) -> None:
    number = (await broker.submit(make.sea_import(reference))).number
    escalated = await office.act("EscalateClearance", number, agency="customs")
    assert [(wait.party, wait.fact_kind, wait.agency) for wait in escalated.waiting][-1] == (
        *("port_office", "escalation", "customs"),
    )
    assert [each.number for each in (await office.list(waiting_party="port_office")).clearances] == [number]
    changed = make.sea_import(reference)
    changed.goods_location_code = "BEILUN-3"
    amended = await broker.amend(number, 1, changed)
    assert "port_office" in {wait.party for wait in amended.waiting}, "a new version settles nothing"
    settled = await office.act("SettleEscalation", number)
    assert "port_office" not in {wait.party for wait in settled.waiting}
    with pytest.raises(StateForbids):
        await office.act("SettleEscalation", number)


async def test_what_was_set_aside_is_asked_again_by_command(
    district: Any, broker: Any, office: Any, reference: str, make: Any
) -> None:
    border = district.offices["border"]

    async def poison(moment: str, method: str) -> None:
        if moment == "called" and method == "AssessConsignments":
            raise NotFound("agency", "border")

    border.hook = poison
    number = (await broker.submit(make.air_import(reference), seconds=2.0)).number

    async def set_aside() -> Any:
        clearance = await broker.get(number)
        return clearance.agencies[2].set_aside and clearance

    stuck = await make.eventually(set_aside)
    assert [(wait.party, wait.fact_kind) for wait in stuck.waiting] == [("border", "set_aside")]
    border.hook = None
    await office.act("RetryClearance", number)

    async def released() -> Any:
        return (await broker.get(number)).state == pb.Clearance.STATE_RELEASED

    await make.eventually(released)
    with pytest.raises(StateForbids):
        await office.act("RetryClearance", number)


async def test_only_operators_act_and_reasons_are_those_published(
    broker: Any, office: Any, reference: str, make: Any
) -> None:
    number = (await broker.submit(make.air_import(reference))).number
    with pytest.raises(CallerNotListed):
        await broker.act("RetryClearance", number)
    with pytest.raises(FormInvalid) as refused:
        await office.act("ExpediteClearance", number, reason_code="FRIEND")
    assert refused.value.violations[0].path == "reason_code"
    with pytest.raises(FormInvalid):
        await office.act("EscalateClearance", number, reason="")
    with pytest.raises(NotFound):
        await office.act("EscalateClearance", "310020049ZZZZZZZZZZZ")
    with pytest.raises(StateForbids):
        await office.act("EscalateClearance", number)


async def test_an_officer_who_holds_a_case_for_too_long_meets_the_published_default(
    district: Any, reference: str, make: Any, tmp_path: Any
) -> None:
    """The recovery finds the case due when the deadline passes. A minute is passed here by moving the wait back."""
    told = tmp_path / "policy.toml"
    told.write_text(
        'version = "test-1"\n[[required]]\nagencies = ["customs", "port"]\n'
        '[[deadline]]\nagency = "customs"\nminutes = 1\ndefault = "hold"\n',
        "utf-8",
    )
    gateway = await district.open_gateway(policy_file=told)
    broker = gateway.caller()
    held = make.sea_import(reference)
    held.goods_location_code = "HOLD-YARD"
    number = (await broker.submit(held)).number
    await district.weigh(reference)

    async def at_officer() -> Any:
        clearance = await broker.get(number)
        return clearance if {wait.party for wait in clearance.waiting} == {"customs", "port"} else None

    waiting = await make.eventually(at_officer)
    assert [(each.agency, each.minutes) for each in waiting.policy.deadlines] == [("customs", 1)]
    since = next(wait.since_time.ToMicroseconds() for wait in waiting.waiting if wait.party == "customs")
    assert district.rows(f"SELECT due_time FROM cases WHERE number = '{number}'") == [(since + 60_000_000,)]
    earlier = f"UPDATE cases SET waiting = replace(waiting, '{since}', '{since - 60_000_000}'), due_time = 1"
    engine = make_engine(district.database_url, connections=0)
    with engine.begin() as connection:
        connection.execute(text(earlier))
    engine.dispose()

    async def passed() -> Any:
        waits = (await broker.get(number)).waiting
        return next((wait for wait in waits if wait.fact_kind == "deadline_passed"), None)

    late = await make.eventually(passed)
    events = district.rows("SELECT number, agency FROM audit WHERE act = 'DEADLINE_PASSED'")
    assert events == [(number, "customs")]
    assert (late.party, late.fact_key, late.rule_id) == ("customs", "hold", "GW-DEADLINE")
    assert not (await broker.get(number)).orders
