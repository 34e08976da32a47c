"""Deadlines are demanded, capped, cut by a margin and passed on."""

import asyncio
from typing import Any

import grpc
import pytest

from agencykit.refusals import DeadlineMissing, DeadlineTooShort
from agencykit.rpc.admittance import LEAST_SECONDS, MARGIN_SECONDS
from agencykit.rpc.trailer import refusal_of
from agencykit.rpc.transport import Unreachable
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
EMPTY = work.ListWorkRequest()


async def refusal_to(channel: grpc.aio.Channel, seconds: float | None) -> Any:
    """What the server answers; on a busy machine the client's own clock may be faster, so it is asked again."""
    for _ in range(20):
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(LIST)(b"", timeout=seconds)
        refusal = refusal_of(failed.value.trailing_metadata(), failed.value.code())
        if refusal:
            return refusal
    raise AssertionError("no answer in time")


async def test_a_call_without_a_deadline_is_refused(open_house: Any) -> None:
    async with open_house() as house, house.raw() as channel:
        assert isinstance(await refusal_to(channel, None), DeadlineMissing)
        assert house.office.calls == []


async def test_a_call_with_less_than_100_ms_left_is_refused_before_work_begins(open_house: Any) -> None:
    async with open_house() as house, house.raw() as channel:
        await channel.unary_unary(LIST)(b"", timeout=5)
        refused = await refusal_to(channel, 0.095)
        assert isinstance(refused, DeadlineTooShort)
        assert 0 < int(refused.metadata["remaining_ms"]) < 100, "a deadline is rounded up on the wire"
        assert len(house.office.calls) == 1


async def test_a_client_does_not_send_what_cannot_be_finished(open_house: Any) -> None:
    async with open_house() as house:
        with pytest.raises(DeadlineTooShort):
            await house.caller().unary(LIST, EMPTY, work.ListWorkResponse, timeout_seconds=0.05)
        assert house.office.calls == []


async def test_the_margin_for_the_way_back_is_taken_off(open_house: Any) -> None:
    async with open_house() as house:
        remaining: list[float] = []

        async def look(_request: Any, call: Any) -> Any:
            remaining.append(call.remaining())
            return work.ListWorkResponse()

        house.office.then = look
        await house.caller().unary(LIST, EMPTY, work.ListWorkResponse, timeout_seconds=4)
        assert 3 < remaining[0] <= 3.98


async def test_a_longer_deadline_is_cut_to_the_longest_permitted(open_house: Any) -> None:
    async with open_house(max_deadline_ms=2000) as house:
        await house.caller().unary(LIST, EMPTY, work.ListWorkResponse, timeout_seconds=3600)
        assert house.office.calls[0].remaining() <= 2


async def test_a_handler_that_is_too_slow_is_cancelled_and_its_outcome_is_unknown(open_house: Any) -> None:
    async with open_house(max_deadline_ms=200) as house:
        ended = asyncio.Event()

        async def dawdle(_request: Any, _call: Any) -> Any:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ended.set()
                raise

        house.office.then = dawdle
        with pytest.raises(Unreachable) as failed:
            await house.caller().unary(LIST, EMPTY, work.ListWorkResponse, timeout_seconds=10)
        assert failed.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert ended.is_set()


async def test_a_caller_who_goes_away_cancels_the_handler(open_house: Any) -> None:
    async with open_house() as house:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def dawdle(_request: Any, _call: Any) -> Any:
            begun.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        house.office.then = dawdle
        call = asyncio.create_task(house.caller().unary(LIST, EMPTY, work.ListWorkResponse, timeout_seconds=10))
        await begun.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(ended.wait(), 5)
        assert house.server.layers.in_flight == 0


async def passed_on(nearer: Any, farther: Any, seconds: float, *, apart: bool = False) -> Any:
    """A call of one house that calls the other with more time than its caller gave; by a task of its own if `apart`."""
    way = farther.caller()

    async def pass_on(_request: Any, _call: Any) -> Any:
        onwards = way.unary(LIST, EMPTY, work.ListWorkResponse, timeout_seconds=25)
        return await (asyncio.create_task(onwards) if apart else onwards)

    nearer.office.then = pass_on
    return await nearer.caller().unary(LIST, EMPTY, work.ListWorkResponse, timeout_seconds=seconds)


async def test_each_hops_deadline_is_below_its_callers_whatever_time_is_asked_for(open_house: Any) -> None:
    async with open_house() as gateway, open_house() as agency:
        left: list[float] = []

        async def look(_request: Any, call: Any) -> Any:
            left.append(call.remaining())
            return work.ListWorkResponse()

        agency.office.then = look
        await passed_on(gateway, agency, 3)
        assert 1 < left[0] <= 3 - 2 * MARGIN_SECONDS
        await passed_on(gateway, agency, 3, apart=True)
        assert left[1] > 20, "what is begun apart is not the caller's alone"


async def test_what_could_not_be_finished_behind_is_not_begun_there(open_house: Any) -> None:
    async with open_house() as gateway, open_house() as agency:
        await passed_on(gateway, agency, 5)
        # On a busy machine it is over before anybody has answered.
        with pytest.raises((DeadlineTooShort, Unreachable)):
            await passed_on(gateway, agency, LEAST_SECONDS + MARGIN_SECONDS / 2)
        assert len(agency.office.calls) == 1
