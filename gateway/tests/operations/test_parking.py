"""An agency that does not answer: its part parks, nothing is lost, nothing is released without it."""

import asyncio
from typing import Any

import grpc

from agencykit.rpc.transport import Unreachable
from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as rpc


async def all_released(caller: Any, count: int) -> bool:
    page = await caller.list(page_size=1000)
    return sum(each.state == pb.Clearance.STATE_RELEASED for each in page.clearances) == count


async def batch(broker: Any, make: Any, reference: str, count: int) -> list[Any]:
    requests = [
        rpc.SubmitClearanceRequest(
            request_id=broker.runtime.ids.uuid(), consignment=make.air_import(f"{reference}-{number}")
        )
        for number in range(count)
    ]
    return [answer.clearance for answer in await broker.batch(requests)]


async def test_an_agency_that_is_down_parks_its_part_with_reason_and_since_when(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    district.offices["border"].down = True
    clearance = await broker.submit(make.air_import(reference))
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS
    [wait] = clearance.waiting
    assert (wait.kind, wait.party) == (Waiting.KIND_MACHINE, "border")
    border = clearance.agencies[2]
    assert (border.park_reason, border.attempts) == ("UNAVAILABLE", 1)
    assert border.park_time.seconds
    assert not border.HasField("decision")
    assert not clearance.orders


async def test_everything_parked_settles_when_the_agency_returns_and_nothing_twice(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    office = district.offices["border"]
    office.down = True
    parked = await batch(broker, make, reference, 120)
    assert {each.state for each in parked} == {pb.Clearance.STATE_IN_PROGRESS}
    await asyncio.sleep(1.0)
    assert office.asked() < 15, "a breaker spares an agency that is away"
    office.down = False
    await make.eventually(lambda: all_released(broker, 120), seconds=10)
    for each in (await broker.list(page_size=1000)).clearances:
        assert len(each.orders) == 1
        assert each.agencies[2].decision.revision == 1


async def test_a_lost_answer_is_asked_for_again_with_the_same_request_id(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    lost: list[str] = []

    async def lose_first(moment: str, name: str) -> None:
        if (moment, name) == ("answered", "AssessConsignments") and not lost:
            lost.append(name)
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "the cable was cut")

    district.offices["customs"].hook = lose_first
    await broker.submit(make.air_import(reference))
    await make.eventually(lambda: all_released(broker, 1))
    [clearance] = (await broker.list()).clearances
    assert clearance.agencies[0].decision.revision == 1, "decided once, whatever was lost"


async def test_a_garbled_answer_never_counts(district: Any, broker: Any, reference: str, make: Any) -> None:
    office = district.offices["port"]

    async def garble(moment: str, name: str) -> None:
        if (moment, name) == ("answered", "AssessConsignments"):
            raise Unreachable(grpc.StatusCode.UNKNOWN, "the answer is not a message of the contract")
        if name == "FollowDecisions":
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "no feed either")

    office.hook = garble
    clearance = await broker.submit(make.air_import(reference))
    assert clearance.agencies[3].park_reason == "UNKNOWN"
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS
    office.hook = None
    await make.eventually(lambda: all_released(broker, 1))


async def test_other_cases_keep_their_pace_while_one_agency_hangs(district: Any, reference: str, make: Any) -> None:
    gateway = await district.open_gateway(call_budget_ms=300)
    broker = gateway.caller()

    async def hang(moment: str, name: str) -> None:
        if (moment, name) == ("called", "AssessConsignments"):
            await asyncio.sleep(3600)

    district.offices["inspection"].hook = hang
    parked = [await broker.submit(make.air_import(f"{reference}-{number}")) for number in range(6)]
    assert {each.agencies[1].park_reason for each in parked} == {"DEADLINE_EXCEEDED"}
    began = asyncio.get_running_loop().time()
    await broker.submit(make.air_import(f"{reference}-last"))
    assert asyncio.get_running_loop().time() - began < 0.25, "after some tries nobody waits for it any more"
    district.offices["inspection"].hook = None
    await make.eventually(lambda: all_released(broker, 7))


async def test_one_poisonous_item_is_set_aside_and_the_rest_of_its_convoy_goes_on(
    district: Any, broker: Any, reference: str, make: Any, monkeypatch: Any
) -> None:
    """The poisoned item makes the agency fail its whole batch, whenever it is in it."""
    office = district.offices["customs"]
    transport = gateway_transport(office, monkeypatch, f"{reference}-7")
    answers = await batch(broker, make, reference, 32)
    released = [each for each in answers if each.state == pb.Clearance.STATE_RELEASED]
    assert len(released) == 31
    [poison] = [each for each in answers if each.state != pb.Clearance.STATE_RELEASED]
    assert poison.reference == f"{reference}-7"

    async def set_aside() -> Any:
        clearance = await broker.get(poison.number)
        return clearance if clearance.agencies[0].set_aside else None

    aside = await make.eventually(set_aside, seconds=20)
    assert aside.agencies[0].park_reason == "INTERNAL"
    [wait] = aside.waiting
    assert (wait.kind, wait.party, wait.fact_kind) == (Waiting.KIND_PERSON, "customs", "set_aside")
    assert transport.failed > 1


class Poisoned:
    """Fails every AssessConsignments that holds a consignment with this reference."""

    def __init__(self, layers: Any, reference: str) -> None:
        self._invoke, self._reference, self.failed = layers.invoke, reference.encode(), 0

    async def invoke(self, path: str, request: bytes, *rest: Any) -> bytes:
        if path.endswith("/AssessConsignments") and self._reference in request:
            self.failed += 1
            raise Unreachable(grpc.StatusCode.INTERNAL, "out of memory")
        answer: bytes = await self._invoke(path, request, *rest)
        return answer


def gateway_transport(office: Any, monkeypatch: Any, reference: str) -> Poisoned:
    poisoned = Poisoned(office.layers, reference)
    monkeypatch.setattr(office.layers, "invoke", poisoned.invoke)
    return poisoned
