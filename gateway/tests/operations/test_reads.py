"""What callers see: their own, in pages, and as it changes."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.refusals import CallerNotListed, FormInvalid, NotFound, PageTokenInvalid
from clearance.gateway.v1 import clearance_pb2 as pb

OPERATOR = "operator/port-office"


async def two_brokers(gateway: Any, make: Any, reference: str) -> tuple[Any, Any]:
    theirs = make.air_import(reference)
    theirs.broker_licence = "3104980002"
    mine = await gateway.caller().submit(make.air_import(reference))
    return mine, await gateway.caller(make.other_broker).submit(theirs)


async def test_a_broker_sees_its_own_cases_only(gateway: Any, reference: str, make: Any) -> None:
    mine, theirs = await two_brokers(gateway, make, reference)
    broker = gateway.caller()
    assert [each.number for each in (await broker.list()).clearances] == [mine.number]
    with pytest.raises(NotFound):
        await broker.get(theirs.number)
    with pytest.raises(CallerNotListed):
        await broker.list(broker_licence="3104980002")


@pytest.mark.parametrize("path", [OPERATOR, "console"])
async def test_operators_and_the_console_see_all(gateway: Any, reference: str, make: Any, path: str) -> None:
    mine, theirs = await two_brokers(gateway, make, reference)
    caller = gateway.caller(path)
    assert {each.number for each in (await caller.list()).clearances} == {mine.number, theirs.number}
    assert (await caller.get(theirs.number)).number == theirs.number
    found = (await caller.list(broker_licence="3104980002")).clearances
    assert [each.number for each in found] == [theirs.number]


async def test_a_case_is_found_by_the_brokers_own_reference(gateway: Any, reference: str, make: Any) -> None:
    mine, theirs = await two_brokers(gateway, make, reference)
    assert (await gateway.caller().get(reference=reference)).number == mine.number
    assert (await gateway.caller(make.other_broker).get(reference=reference)).number == theirs.number
    with pytest.raises(FormInvalid):
        await gateway.caller(OPERATOR).get(reference=reference)
    with pytest.raises(FormInvalid):
        await gateway.caller().get()


async def test_consignment_and_signed_decisions_are_told_by_get_clearance_alone(
    broker: Any, reference: str, make: Any
) -> None:
    answered = await broker.submit(make.air_import(reference))
    whole = await broker.get(answered.number)
    [listed] = (await broker.list()).clearances
    for brief in (answered, listed):
        assert not brief.HasField("consignment")
        assert not brief.agencies[0].HasField("signed_decision")
    assert answered.orders[0].order_bytes == whole.orders[0].order_bytes
    assert answered.orders[0].signature == whole.orders[0].signature
    assert whole.HasField("consignment")
    assert whole.agencies[0].HasField("signed_decision")
    assert listed.agencies[0].decision == whole.agencies[0].decision
    assert not listed.orders[0].order_bytes
    assert listed.orders[0].order.number == 1


async def test_pages_hold_every_case_once_newest_first(broker: Any, reference: str, make: Any) -> None:
    numbers = [(await broker.submit(make.air_import(f"{reference}-{n}"))).number for n in range(7)]
    found: list[str] = []
    token = ""
    while True:
        page = await broker.list(page_size=3, page_token=token)
        found += [each.number for each in page.clearances]
        token = page.next_page_token
        if not token:
            break
    assert found == numbers[::-1]


@pytest.mark.parametrize("token", ["nonsense", "W10=", "eyJhIjoxfQ=="])
async def test_a_token_that_was_not_made_here_is_refused(broker: Any, token: str) -> None:
    with pytest.raises(PageTokenInvalid):
        await broker.list(page_token=token)


async def test_a_token_of_another_filter_or_method_is_refused(broker: Any, reference: str, make: Any) -> None:
    for number in range(2):
        await broker.submit(make.air_import(f"{reference}-{number}"))
    token = (await broker.list(page_size=1)).next_page_token
    with pytest.raises(PageTokenInvalid):
        await broker.list(page_size=1, page_token=token, waiting_party="port")
    with pytest.raises(PageTokenInvalid):
        await anext(broker.watch(resume_token=token))


async def test_lists_are_filtered_by_state_party_and_time(broker: Any, reference: str, make: Any) -> None:
    released = await broker.submit(make.air_import(f"{reference}-air"))
    waiting = await broker.submit(make.sea_import(f"{reference}-sea"))

    async def numbers(**fields: Any) -> list[str]:
        return [each.number for each in (await broker.list(**fields)).clearances]

    assert await numbers(states=[pb.Clearance.STATE_RELEASED]) == [released.number]
    assert await numbers(waiting_party="carrier") == [waiting.number]
    assert await numbers(waiting_party="carr") == []
    assert await numbers(waiting_party="%") == []
    assert await numbers(created_after_time=waiting.create_time) == [waiting.number]
    assert await numbers(created_after_time=Timestamp(seconds=waiting.create_time.seconds + 60)) == []


async def first_changes(stream: Any, wanted: int) -> tuple[list[Any], str]:
    """Changes until so many came, with the last resume token."""
    found: list[Any] = []
    async with aclosing(stream) as answers:
        async for answer in answers:
            found += answer.clearances
            if len(found) >= wanted:
                return found, answer.resume_token
    raise AssertionError(f"the stream ended after {len(found)}")


async def test_a_watch_tells_what_changes_and_resumes_where_it_stopped(gateway: Any, reference: str, make: Any) -> None:
    broker, operator = gateway.caller(), gateway.caller(OPERATOR)
    watching = asyncio.create_task(first_changes(operator.watch(), 1))
    await asyncio.sleep(0.3)
    first = await broker.submit(make.air_import(f"{reference}-1"))
    [told], token = await watching
    assert told.number == first.number
    assert not told.HasField("consignment")
    missed = [(await broker.submit(make.air_import(f"{reference}-{n}"))).number for n in (2, 3)]
    again, _ = await first_changes(operator.watch(resume_token=token), 2)
    assert {each.number for each in again} - {first.number} == set(missed)
    assert again[-1].state == pb.Clearance.STATE_RELEASED


async def test_a_watch_shows_a_broker_its_own_and_the_numbers_asked_for(
    gateway: Any, reference: str, make: Any
) -> None:
    waiting = await gateway.caller().submit(make.sea_import(f"{reference}-w"))
    own = asyncio.create_task(first_changes(gateway.caller().watch(), 1))
    one = asyncio.create_task(first_changes(gateway.caller(OPERATOR).watch(numbers=[waiting.number]), 1))
    await asyncio.sleep(0.3)
    await two_brokers(gateway, make, reference)
    await gateway.caller().withdraw(waiting.number)
    changed, _ = await own
    assert {each.broker for each in changed} == {waiting.broker}
    [told], _ = await one
    assert told.number == waiting.number


async def test_an_idle_watch_says_that_it_lives_and_ends_at_the_deadline(gateway: Any) -> None:
    answers = [answer async for answer in gateway.caller(OPERATOR).watch(seconds=1.0)]
    assert answers
    assert not answers[0].clearances
    assert answers[0].resume_token
