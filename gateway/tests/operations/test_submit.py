"""One submission before four agencies at once, and what the broker is told."""

import asyncio
from hashlib import sha256
from typing import Any

import pytest

from agencykit.refusals import BrokerMismatch, FormInvalid, Overloaded, ReferenceReused, RequestIdReused, from_status
from clearance.common.v1.decision_pb2 import Decision, Waiting
from clearance.common.v1.order_pb2 import ReleaseOrder
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1 import clearance_service_pb2 as rpc

RELEASED = pb.Clearance.STATE_RELEASED


async def test_what_no_agency_objects_to_is_released_in_the_answer_itself(
    broker: Any, reference: str, make: Any
) -> None:
    clearance = await broker.submit(make.air_import(reference))
    assert clearance.state == RELEASED
    assert [standing.agency for standing in clearance.agencies] == list(make.agencies)
    assert {standing.decision.verdict for standing in clearance.agencies} == {Decision.VERDICT_NOT_SUBJECT}
    assert clearance.commitment.hours == 10
    assert clearance.policy.version == "2004-1"
    assert clearance.number.startswith("3100")
    assert (await broker.get(clearance.number)).consignment.reference == reference
    assert not clearance.waiting


async def test_a_release_order_bundles_the_signed_decisions_of_every_required_agency(
    broker: Any, reference: str, make: Any
) -> None:
    submitted = await broker.submit(make.air_import(reference))
    clearance = await broker.get(submitted.number)
    [signed] = clearance.orders
    order = ReleaseOrder.FromString(signed.order_bytes)
    assert order == signed.order == submitted.orders[0].order
    assert (order.number, order.kind) == (1, ReleaseOrder.KIND_RELEASE)
    assert list(signed.decisions) == [standing.signed_decision for standing in clearance.agencies]
    assert [sha256(each.decision).digest() for each in signed.decisions] == [
        reference.decision_digest for reference in order.decisions
    ]
    decided = [Decision.FromString(each.decision) for each in signed.decisions]
    assert [decision.agency for decision in decided] == list(make.agencies)
    assert {decision.consignment_digest for decision in decided} == {clearance.consignment_digest}


async def test_a_case_that_waits_for_a_fact_names_who_must_bring_it(broker: Any, reference: str, make: Any) -> None:
    clearance = await broker.submit(make.sea_import(reference))
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS
    assert {(wait.kind, wait.party, wait.fact_kind, wait.agency) for wait in clearance.waiting} == {
        (Waiting.KIND_PERSON, "carrier", "weight_note", agency) for agency in make.agencies
    }
    assert all(wait.since_time.seconds for wait in clearance.waiting)


async def test_a_fact_that_comes_later_releases_the_case_by_the_agencies_feeds(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    clearance = await broker.submit(make.sea_import(reference))
    await district.weigh(reference)
    released = await make.eventually(lambda: state_of(broker, clearance.number, RELEASED))
    assert {standing.decision.revision for standing in released.agencies} == {2}
    assert len(released.orders) == 1


async def state_of(broker: Any, number: str, state: Any) -> Any:
    clearance = await broker.get(number)
    return clearance if clearance.state == state else None


async def test_the_same_request_again_is_the_same_case(broker: Any, reference: str, make: Any, district: Any) -> None:
    request_id = broker.runtime.ids.uuid()
    first = await broker.submit(make.air_import(reference), request_id=request_id)
    asked = district.offices["customs"].asked()
    again = await broker.submit(make.air_import(reference), request_id=request_id)
    assert (again.number, again.etag) == (first.number, first.etag)
    assert district.offices["customs"].asked() == asked


async def test_the_same_reference_with_the_same_content_is_the_same_case(
    broker: Any, reference: str, make: Any
) -> None:
    first = await broker.submit(make.air_import(reference))
    assert (await broker.submit(make.air_import(reference))).number == first.number


async def test_a_request_id_with_other_content_is_refused(broker: Any, reference: str, make: Any) -> None:
    request_id = broker.runtime.ids.uuid()
    await broker.submit(make.air_import(reference), request_id=request_id)
    with pytest.raises(RequestIdReused):
        await broker.submit(make.air_import(f"{reference}-B"), request_id=request_id)


async def test_a_reference_with_other_content_is_refused_and_names_the_case(
    broker: Any, reference: str, make: Any
) -> None:
    first = await broker.submit(make.air_import(reference))
    with pytest.raises(ReferenceReused) as refused:
        await broker.submit(make.sea_import(reference))
    assert refused.value.metadata["clearance_number"] == first.number


async def test_another_brokers_same_reference_and_request_id_are_another_case(
    gateway: Any, reference: str, make: Any
) -> None:
    request_id = gateway.runtime.ids.uuid()
    first = await gateway.caller().submit(make.air_import(reference), request_id=request_id)
    theirs = make.air_import(reference)
    theirs.broker_licence = "3104980002"
    second = await gateway.caller(make.other_broker).submit(theirs, request_id=request_id)
    assert second.number != first.number


async def test_twenty_at_once_with_one_reference_make_one_case(broker: Any, reference: str, make: Any) -> None:
    answers = await asyncio.gather(*(broker.submit(make.air_import(reference)) for _ in range(20)))
    assert len({answer.number for answer in answers}) == 1
    assert {answer.state for answer in answers} == {RELEASED}


async def test_the_declared_broker_must_be_the_certificates(gateway: Any, reference: str, make: Any) -> None:
    with pytest.raises(BrokerMismatch):
        await gateway.caller(make.other_broker).submit(make.air_import(reference))
    with pytest.raises(BrokerMismatch):
        await gateway.caller("operator/port-office").submit(make.air_import(reference))


async def test_each_submission_of_a_batch_is_answered_by_itself(broker: Any, reference: str, make: Any) -> None:
    ids = [broker.runtime.ids.uuid() for _ in range(5)]
    bad, foreign = make.air_import(f"{reference}-1"), make.air_import(f"{reference}-2")
    bad.ClearField("items")
    foreign.broker_licence = "3104980009"
    consignments = [
        *(make.air_import(f"{reference}-0"), bad, foreign),
        *(make.sea_import(f"{reference}-3"), make.air_import(f"{reference}-0")),
    ]
    requests = [
        rpc.SubmitClearanceRequest(request_id=request_id, consignment=consignment)
        for request_id, consignment in zip(ids, consignments, strict=True)
    ]
    answers = await broker.batch(requests)
    assert [answer.WhichOneof("answer") for answer in answers] == [
        "clearance",
        "error",
        "error",
        "clearance",
        "clearance",
    ]
    assert isinstance(from_status(answers[1].error), FormInvalid)
    assert isinstance(from_status(answers[2].error), BrokerMismatch)
    assert answers[3].clearance.state == pb.Clearance.STATE_IN_PROGRESS
    assert answers[4].clearance.number == answers[0].clearance.number, "the same reference twice in one batch"


async def test_a_hundred_in_one_batch_travel_in_one_convoy(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    requests = [
        rpc.SubmitClearanceRequest(
            request_id=broker.runtime.ids.uuid(), consignment=make.air_import(f"{reference}-{number}")
        )
        for number in range(100)
    ]
    answers = await broker.batch(requests)
    assert {answer.clearance.state for answer in answers} == {RELEASED}
    assert len({answer.clearance.trace_id for answer in answers}) == 100
    assert district.offices["port"].asked() == 1


async def test_a_slow_agency_is_answered_for_by_the_state_so_far(
    district: Any, broker: Any, reference: str, make: Any
) -> None:
    async def dawdle(moment: str, name: str) -> None:
        if (moment, name) == ("called", "AssessConsignments"):
            await asyncio.sleep(1.9)

    # Time enough for the other three on a busy machine, and less than the slow one takes.
    district.offices["inspection"].hook = dawdle
    clearance = await broker.submit(make.air_import(reference), seconds=1.8)
    assert clearance.state == pb.Clearance.STATE_IN_PROGRESS
    assert [wait.party for wait in clearance.waiting] == ["inspection"]
    await make.eventually(lambda: state_of(broker, clearance.number, RELEASED))


async def test_too_many_waiting_submissions_are_refused_at_once(district: Any, reference: str, make: Any) -> None:
    gateway = await district.open_gateway(queue_items=3)

    async def block(moment: str, name: str) -> None:
        if (moment, name) == ("called", "AssessConsignments"):
            await asyncio.sleep(0.5)

    for office in district.offices.values():
        office.hook = block
    broker = gateway.caller()
    first = asyncio.create_task(broker.submit(make.air_import(f"{reference}-first")))
    await asyncio.sleep(0.1)
    waiting = [asyncio.create_task(broker.submit(make.air_import(f"{reference}-{n}"))) for n in range(3)]
    await asyncio.sleep(0.05)
    with pytest.raises(Overloaded):
        await broker.submit(make.air_import(f"{reference}-last"))
    requests = [
        rpc.SubmitClearanceRequest(
            request_id=broker.runtime.ids.uuid(), consignment=make.air_import(f"{reference}-late-{number}")
        )
        for number in range(2)
    ]
    late = await broker.batch(requests)
    assert [type(from_status(answer.error)) for answer in late] == [Overloaded, Overloaded]
    for answer in await asyncio.gather(first, *waiting):
        assert answer.state == RELEASED
