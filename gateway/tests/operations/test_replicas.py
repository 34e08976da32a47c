"""Two replicas on one database, dead ones and ones that only slept: a case has one worker at a time, and one end."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from agencykit.identity import Identity
from agencykit.pki import issue_signing
from agencykit.testing.authority import authority
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as rpc

RELEASED = pb.Clearance.STATE_RELEASED


def request(gateway: Any, consignment: Any) -> rpc.SubmitClearanceRequest:
    return rpc.SubmitClearanceRequest(request_id=gateway.runtime.ids.uuid(), consignment=consignment)


async def all_released(caller: Any, count: int) -> bool:
    page = await caller.list(page_size=1000)
    return sum(each.state == RELEASED for each in page.clearances) == count


async def test_two_replicas_share_the_work_and_release_each_case_once(district: Any, reference: str, make: Any) -> None:
    one, two = await district.open_gateway("1"), await district.open_gateway("2")
    batches = [
        [request(gateway, make.sea_import(f"{reference}-{name}-{number}")) for number in range(20)]
        for name, gateway in (("a", one), ("b", two))
    ]
    await asyncio.gather(one.caller().batch(batches[0]), two.caller().batch(batches[1]))
    await asyncio.gather(*(district.weigh(f"{reference}-{name}-{number}") for name in "ab" for number in range(20)))
    await make.eventually(lambda: all_released(two.caller(), 40), seconds=20)
    orders = Counter(number for (number,) in district.rows("SELECT number FROM orders"))
    assert set(orders.values()) == {1}
    assert len(orders) == 40


async def test_the_same_reference_at_two_replicas_at_once_is_one_case(district: Any, reference: str, make: Any) -> None:
    replicas = [await district.open_gateway("1"), await district.open_gateway("2")]
    answers = await asyncio.gather(
        *(replicas[number % 2].caller().submit(make.air_import(f"{reference}-{number // 2}")) for number in range(12))
    )
    assert len({answer.number for answer in answers}) == 6


async def test_a_watcher_at_one_replica_sees_what_another_changes(district: Any, reference: str, make: Any) -> None:
    one, two = await district.open_gateway("1"), await district.open_gateway("2")
    stream = two.caller("operator/port-office").watch(seconds=8.0)
    first = await anext(stream)
    assert not first.clearances
    submitted = await one.caller().submit(make.air_import(reference))
    seen: list[Any] = []
    async for answer in stream:
        seen += answer.clearances
        if seen:
            break
    await stream.aclose()
    assert {each.number for each in seen} == {submitted.number}


async def test_what_a_dead_replica_held_is_taken_back_at_once_when_it_starts_again(
    district: Any, reference: str, make: Any
) -> None:
    """It dies between the intent and the answers: cases are accepted and leased, and nobody works on them."""
    dead = await district.open_gateway("1")
    hang = asyncio.Event()

    async def never(moment: str, name: str) -> None:
        if name == "AssessConsignments" and not hang.is_set():
            await asyncio.sleep(3600)

    for office in district.offices.values():
        office.hook = never
    batch = asyncio.create_task(
        dead.caller().batch([request(dead, make.air_import(f"{reference}-{n}")) for n in range(10)], seconds=1.0)
    )
    answers = await batch
    assert {answer.clearance.state for answer in answers} == {pb.Clearance.STATE_RECEIVED}
    hang.set()
    for office in district.offices.values():
        office.hook = None
    began = asyncio.get_running_loop().time()
    again = await district.open_gateway("1")
    await make.eventually(lambda: all_released(again.caller(), 10), seconds=10)
    assert asyncio.get_running_loop().time() - began < 6.0, "sooner than its lease ends"


async def test_a_replica_that_slept_past_its_lease_can_write_nothing(district: Any, reference: str, make: Any) -> None:
    """Replica 1 gets its answers while another of its name has taken its case over: they are fenced off."""
    sleeper = await district.open_gateway("1")
    answered, wake = asyncio.Event(), asyncio.Event()

    async def sleep_on_the_answer(moment: str, name: str) -> None:
        if (moment, name) == ("answered", "AssessConsignments") and not wake.is_set():
            answered.set()
            await wake.wait()

    office = district.offices["customs"]
    office.hook = sleep_on_the_answer
    submitting = asyncio.create_task(sleeper.caller().submit(make.air_import(reference)))
    await answered.wait()
    office.hook = None
    successor = await district.open_gateway("1")

    async def given_back() -> bool:
        return district.rows("SELECT claimed_by FROM cases") == [("",)]

    await make.eventually(lambda: all_released(successor.caller(), 1))
    await make.eventually(given_back)
    # The feed may wake the case once more, which raises its epoch and changes nothing else.
    stands = "SELECT state, etag, order_number, update_time FROM cases"
    before = district.rows(stands)
    wake.set()
    assert (await submitting).state == RELEASED
    await asyncio.sleep(0.2)
    assert district.rows(stands) == before
    assert len(district.rows("SELECT number FROM orders")) == 1


async def test_a_replica_that_is_gone_for_good_is_relieved_when_its_leases_end(
    district: Any, reference: str, make: Any, monkeypatch: Any
) -> None:
    from gateway.operations import limits

    monkeypatch.setattr(limits.Limits, "lease", property(lambda self: 1.0))
    gone = await district.open_gateway("gone", call_budget_ms=3_000)

    async def never(moment: str, name: str) -> None:
        if name == "AssessConsignments":
            await asyncio.sleep(3600)

    for office in district.offices.values():
        office.hook = never
    await gone.caller().submit(make.air_import(reference), seconds=2.0)
    for office in district.offices.values():
        office.hook = None
    heir = await district.open_gateway("heir")
    await make.eventually(lambda: all_released(heir.caller(), 1))


async def test_every_replica_learns_by_which_newer_keys_the_others_sign(
    district: Any, tmp_path: Path, make: Any
) -> None:
    """Else it would send what they vouched for without what proves it, once it takes up a case of theirs."""
    first, second = await district.open_gateway("1"), await district.open_gateway("2")
    issue_signing(authority(), Identity.of_district("ningbo", "gateway")).write(
        tmp_path / "new.pem", tmp_path / "new.key"
    )
    third = await district.open_gateway(
        "3", signing_cert_file=tmp_path / "new.pem", signing_key_file=tmp_path / "new.key"
    )

    async def known() -> bool:
        return all(set(each.app.keys.known) == set(third.app.keys.known) for each in (first, second))

    assert len(third.app.keys.known) == 2
    await make.eventually(known, seconds=20)


async def test_no_state_changes_without_its_audit_row(district: Any, gateway: Any, reference: str, make: Any) -> None:
    broker = gateway.caller()
    released = await broker.submit(make.air_import(f"{reference}-1"))
    waiting = await broker.submit(make.sea_import(f"{reference}-2"))
    await broker.withdraw(waiting.number)
    rows = district.rows("SELECT number, act, details FROM audit ORDER BY id")
    by_case: dict[str, list[str]] = {}
    for number, act, details in rows:
        by_case.setdefault(number, []).append(f"{act} {details}")
    assert by_case[released.number][0].startswith("accepted")
    assert '"to": "RELEASED"' in by_case[released.number][-1]
    assert '"order": 1' in by_case[released.number][-1]
    assert '"to": "WITHDRAWN"' in by_case[waiting.number][-1]


async def test_every_agency_is_told_of_releases_and_withdrawals(
    district: Any, gateway: Any, reference: str, make: Any
) -> None:
    broker = gateway.caller()
    await broker.submit(make.air_import(f"{reference}-1"))
    waiting = await broker.submit(make.sea_import(f"{reference}-2"))
    await broker.withdraw(waiting.number)

    async def told() -> bool:
        return not district.untold()

    await make.eventually(told)
    for office in district.offices.values():
        assert "RecordOutcomes" in office.calls


async def test_what_an_agency_could_not_be_told_is_told_when_it_returns(
    district: Any, gateway: Any, reference: str, make: Any
) -> None:
    await gateway.caller().submit(make.air_import(reference))
    office = district.offices["border"]
    office.down = True
    await gateway.caller().submit(make.air_import(f"{reference}-B"))

    async def left_for_border_alone() -> bool:
        left = district.rows("SELECT agency FROM outbox")
        return bool(left) and set(left) == {("border",)} and not district.rows("SELECT number FROM untold")

    await make.eventually(left_for_border_alone)
    office.down = False

    async def told() -> bool:
        return not district.untold() and await all_released(gateway.caller(), 2)

    await make.eventually(told, seconds=15)
