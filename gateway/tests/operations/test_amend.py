"""A new version goes before all agencies again; decisions on the old one never count."""

import asyncio
from typing import Any

import pytest

from agencykit.refusals import (
    BrokerMismatch,
    NotFound,
    ReferenceReused,
    RequestIdReused,
    StaleVersion,
    StateForbids,
)
from clearance.gateway.v1 import clearance_pb2 as pb

RELEASED = pb.Clearance.STATE_RELEASED


async def test_an_amended_case_is_decided_anew_by_every_agency(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    amended = await broker.amend(waiting.number, 1, make.air_import(reference))
    assert (amended.version, amended.state) == (2, RELEASED)
    assert {standing.decision.version for standing in amended.agencies} == {2}
    assert amended.orders[0].order.version == 2
    assert amended.consignment_digest != waiting.consignment_digest
    assert {office.asked() for office in district.offices.values()} == {2}


async def test_an_amendment_again_is_the_same_amendment(broker: Any, reference: str, make: Any) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    request_id = broker.runtime.ids.uuid()
    first = await broker.amend(waiting.number, 1, make.air_import(reference), request_id=request_id)
    again = await broker.amend(waiting.number, 1, make.air_import(reference), request_id=request_id)
    assert (again.version, again.etag) == (first.version, first.etag)
    with pytest.raises(RequestIdReused):
        await broker.amend(waiting.number, 2, make.air_import(reference), request_id=request_id)


async def test_only_the_current_version_can_be_amended(broker: Any, reference: str, make: Any) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    with pytest.raises(StaleVersion) as refused:
        await broker.amend(waiting.number, 2, make.air_import(reference))
    assert refused.value.metadata == {"version": "2", "current_version": "1"}


async def test_of_two_amendments_at_once_one_is_made(broker: Any, reference: str, make: Any) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    answers = await asyncio.gather(
        *(broker.amend(waiting.number, 1, make.sea_import(reference)) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(answer, pb.Clearance) for answer in answers) == 1
    assert sum(isinstance(answer, StaleVersion) for answer in answers) == 3


async def test_a_released_case_cannot_be_amended(broker: Any, reference: str, make: Any) -> None:
    released = await broker.submit(make.air_import(reference))
    with pytest.raises(StateForbids) as refused:
        await broker.amend(released.number, 1, make.air_import(reference))
    assert refused.value.metadata == {"state": "RELEASED", "operation": "AmendClearance"}


async def test_a_refused_case_can_be_amended(broker: Any, reference: str, make: Any) -> None:
    seized = make.sea_import(reference)
    seized.goods_location_code = "SEIZURE-YARD"
    refused = await broker.submit(seized)
    assert refused.state == pb.Clearance.STATE_REFUSED
    amended = await broker.amend(refused.number, 1, make.air_import(reference))
    assert (amended.state, amended.orders[0].order.number) == (RELEASED, 2)


async def test_the_reference_may_not_change(broker: Any, reference: str, make: Any) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    with pytest.raises(ReferenceReused):
        await broker.amend(waiting.number, 1, make.sea_import(f"{reference}-B"))


async def test_nobody_amends_anothers_case(gateway: Any, reference: str, make: Any) -> None:
    waiting = await gateway.caller().submit(make.sea_import(reference))
    theirs = make.sea_import(reference)
    theirs.broker_licence = "3104980002"
    with pytest.raises(NotFound):
        await gateway.caller(make.other_broker).amend(waiting.number, 1, theirs)
    with pytest.raises(BrokerMismatch):
        await gateway.caller("operator/port-office").amend(waiting.number, 1, make.sea_import(reference))


async def test_a_late_decision_on_the_old_version_is_stored_and_not_counted(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    """Customs answers version 1 only after the amendment has been made."""
    release, amended_yet = asyncio.Event(), asyncio.Event()

    async def hold_first(moment: str, name: str) -> None:
        if (moment, name) == ("answered", "AssessConsignments") and not amended_yet.is_set():
            await release.wait()

    district.offices["customs"].hook = hold_first
    submitting = asyncio.create_task(broker.submit(make.air_import(reference)))
    number = await make.eventually(lambda: only_number(broker))
    amended_yet.set()
    amended = await broker.amend(number, 1, make.sea_import(reference))
    assert amended.version == 2
    release.set()
    first = await submitting
    assert first.number == number

    async def stored() -> bool:
        rows = district.rows("SELECT version, counted FROM decisions WHERE agency = 'customs'")
        return set(rows) >= {(1, 0), (2, 1)}

    await make.eventually(stored)
    clearance = await broker.get(number)
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS
    assert {standing.decision.version for standing in clearance.agencies} == {2}


async def only_number(caller: Any) -> str:
    clearances = (await caller.list()).clearances
    return clearances[0].number if clearances else ""
