"""A withdrawal is done when every agency has agreed; until then nothing is released."""

import asyncio
from typing import Any

import pytest

from agencykit.refusals import CallerNotListed, NotFound, RequestIdReused, StaleVersion, StateForbids
from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1 import clearance_pb2 as pb

WITHDRAWN = pb.Clearance.STATE_WITHDRAWN


async def test_a_case_that_every_agency_lets_go_is_withdrawn(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    withdrawn = await broker.withdraw(waiting.number)
    assert withdrawn.state == WITHDRAWN
    assert list(withdrawn.withdrawal.agreed_agencies) == list(make.agencies)
    assert not withdrawn.waiting
    await district.weigh(reference)
    await asyncio.sleep(0.3)
    assert (await broker.get(waiting.number)).state == WITHDRAWN


async def test_a_withdrawal_again_is_the_same_withdrawal(broker: Any, reference: str, make: Any) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    request_id = broker.runtime.ids.uuid()
    first = await broker.withdraw(waiting.number, request_id=request_id)
    again = await broker.withdraw(waiting.number, request_id=request_id)
    assert again.etag == first.etag
    with pytest.raises(StateForbids):
        await broker.withdraw(waiting.number)
    with pytest.raises(RequestIdReused):
        await broker.withdraw(waiting.number, version=2, request_id=request_id)


async def test_what_is_released_or_stale_or_anothers_cannot_be_withdrawn(
    gateway: Any, reference: str, make: Any
) -> None:
    broker = gateway.caller()
    released = await broker.submit(make.air_import(f"{reference}-1"))
    with pytest.raises(StateForbids):
        await broker.withdraw(released.number)
    waiting = await broker.submit(make.sea_import(f"{reference}-2"))
    with pytest.raises(StaleVersion):
        await broker.withdraw(waiting.number, version=2)
    with pytest.raises(NotFound):
        await gateway.caller(make.other_broker).withdraw(waiting.number)
    with pytest.raises(CallerNotListed):
        await gateway.caller("operator/port-office").withdraw(waiting.number)


async def test_an_agency_that_refuses_is_named_with_its_rule_and_the_case_goes_on(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    """The port alone weighed and found another weight: it has ordered an examination."""
    waiting = await broker.submit(make.sea_import(reference))
    await district.weigh(reference, 2000.0, "port")

    async def examined() -> bool:
        return (await broker.get(waiting.number)).state == pb.Clearance.STATE_EXAMINATION

    await make.eventually(examined)
    refused = await broker.withdraw(waiting.number)
    assert refused.state == pb.Clearance.STATE_EXAMINATION
    assert (refused.withdrawal.refused_by, refused.withdrawal.rule_id) == ("port", "SCA-002")
    assert list(refused.withdrawal.agreed_agencies) == ["customs", "inspection", "border"]
    assert ("port", "withdrawal", Waiting.KIND_PERSON) in {
        (wait.party, wait.fact_kind, wait.kind) for wait in refused.waiting
    }


async def test_a_withdrawal_parks_at_an_agency_that_is_away_and_is_done_when_it_returns(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    waiting = await broker.submit(make.sea_import(reference))
    district.offices["border"].down = True
    parked = await broker.withdraw(waiting.number)
    assert parked.state == pb.Clearance.STATE_IN_PROGRESS
    machines = {wait.party for wait in parked.waiting if wait.fact_kind == "withdrawal"}
    assert machines == {"border"}
    with pytest.raises(StateForbids):
        await broker.amend(waiting.number, 1, make.air_import(reference))
    district.offices["border"].down = False

    async def withdrawn() -> bool:
        return (await broker.get(waiting.number)).state == WITHDRAWN

    await make.eventually(withdrawn)


async def test_nothing_is_released_while_a_withdrawal_is_open(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    """All facts come while one agency has not yet answered the withdrawal."""
    waiting = await broker.submit(make.sea_import(reference))
    hold = asyncio.Event()

    async def slow(moment: str, name: str) -> None:
        if (moment, name) == ("called", "WithdrawConsignment"):
            await hold.wait()

    district.offices["customs"].hook = slow
    withdrawing = asyncio.create_task(broker.withdraw(waiting.number))
    await asyncio.sleep(0.2)
    await district.weigh(reference)
    await asyncio.sleep(0.5)
    during = await broker.get(waiting.number)
    assert during.state == pb.Clearance.STATE_IN_PROGRESS
    assert not during.orders
    hold.set()
    assert (await withdrawing).state == WITHDRAWN


async def test_release_and_withdrawal_exclude_each_other_however_they_race(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    cases = [await broker.submit(make.sea_import(f"{reference}-{number}")) for number in range(6)]

    async def race(number: int) -> None:
        await asyncio.sleep(number * 0.05)
        try:
            await broker.withdraw(cases[number].number)
        except StateForbids:
            return

    await asyncio.gather(
        *(race(number) for number in range(6)), *(district.weigh(f"{reference}-{number}") for number in range(6))
    )

    async def settled() -> bool:
        found = [await broker.get(case.number) for case in cases]
        return all(case.state in (WITHDRAWN, pb.Clearance.STATE_RELEASED) for case in found)

    await make.eventually(settled)
    for case in cases:
        found = await broker.get(case.number)
        assert (found.state == WITHDRAWN) != bool(found.orders)
