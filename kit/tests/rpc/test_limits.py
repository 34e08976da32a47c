"""How much a server takes on: of work, streams, calls, connections, metadata, and of one caller."""

import asyncio
from contextlib import suppress
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from agencykit.refusals import Overloaded
from agencykit.rpc.rates import CallRates
from agencykit.rpc.transport import Unreachable
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
HEALTH = "/grpc.health.v1.Health/Check"


async def list_work(caller: Any) -> Any:
    return await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=10)


async def test_too_much_work_is_refused_at_once_and_a_second_caller_keeps_its_share(open_house: Any) -> None:
    async with open_house(max_in_flight=3, max_in_flight_per_caller=2) as house:
        gate = asyncio.Event()

        async def wait(_request: Any, _call: Any) -> Any:
            await gate.wait()
            return work.ListWorkResponse()

        house.office.then = wait
        greedy, modest = house.caller("operator/greedy"), house.caller("operator/modest")
        held = [asyncio.create_task(list_work(greedy)) for _ in range(2)]
        await house.in_flight(2)
        with pytest.raises(Overloaded) as refused:
            await list_work(greedy)
        assert refused.value.metadata == {"limit": "2"}
        held.append(asyncio.create_task(list_work(modest)))
        await house.in_flight(3)
        with pytest.raises(Overloaded) as refused:
            await list_work(modest)
        assert refused.value.metadata == {"limit": "3"}
        # Health is answered although the house is full.
        health = await modest.unary(
            HEALTH, health_pb2.HealthCheckRequest(), health_pb2.HealthCheckResponse, timeout_seconds=5
        )
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        gate.set()
        await asyncio.gather(*held)
        await list_work(greedy)
        assert house.server.layers.in_flight == 0


async def test_one_caller_does_not_take_all_streams(open_house: Any) -> None:
    async with open_house(max_streams=3, max_streams_per_caller=2) as house:
        streams = [house.follow() for _ in range(2)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(Overloaded) as refused:
            await anext(house.follow())
        assert refused.value.metadata == {"limit": "2"}
        for stream in streams:
            await stream.aclose()
        await house.in_flight(0)
        await anext(house.follow())


async def test_who_calls_too_often_is_refused_and_others_are_not(open_house: Any) -> None:
    async with open_house(max_calls_per_second_per_caller=5) as house:
        greedy = house.caller("operator/greedy")
        ends = await asyncio.gather(*(list_work(greedy) for _ in range(40)), return_exceptions=True)
        refused = [end for end in ends if isinstance(end, Overloaded)]
        assert refused[0].metadata == {"limit": "5"}
        assert 5 <= len(house.office.calls) == 40 - len(refused) < 20
        await list_work(house.caller("operator/modest"))


def test_a_bucket_fills_again_over_a_second_and_never_above_it() -> None:
    class Watch:
        seconds = 0.0

        def monotonic(self) -> float:
            return self.seconds

    watch = Watch()
    rates = CallRates(4, watch)  # type: ignore[arg-type]  # a clock of which only this is asked
    assert [rates.take("port") for _ in range(5)] == [True, True, True, True, False]
    watch.seconds += 0.5
    assert [rates.take("port") for _ in range(3)] == [True, True, False]
    watch.seconds += 60
    assert [rates.take("port") for _ in range(5)].count(True) == 4
    assert all(CallRates(0, watch).take("port") for _ in range(100))  # type: ignore[arg-type]


async def test_more_connections_than_there_is_room_for_are_closed_and_room_is_given_back(open_house: Any) -> None:
    async with open_house(max_connections=2) as house:
        first, second = house.caller(), house.caller("operator/second")
        await list_work(first)
        await list_work(second)
        with pytest.raises(Unreachable):
            await list_work(house.caller("operator/third"))
        await first.close()
        for _ in range(50):
            with suppress(Unreachable):
                await list_work(house.caller("operator/fourth"))
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("the room of a closed connection was not given back")


async def test_who_does_not_finish_its_handshake_is_cut_off(open_house: Any) -> None:
    async with open_house(handshake_timeout_ms=200) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
        async with asyncio.timeout(3):
            assert await reader.read() == b""
        writer.close()
        await list_work(house.caller())


async def test_metadata_above_the_bound_is_refused_each_time(open_house: Any) -> None:
    async with open_house(max_metadata_bytes=4096) as house, house.raw() as channel:
        for _ in range(5):
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await channel.unary_unary(LIST)(b"", timeout=5, metadata=[("remark", "x" * 6000)])
            assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert house.office.calls == []


async def test_a_page_is_as_long_as_was_asked_for_and_never_longer_than_the_setting(open_house: Any) -> None:
    async with open_house(max_page_size=7) as house:
        seen: list[int] = []

        async def answer(request: Any, _call: Any) -> Any:
            seen.append(request.page_size)
            return work.ListWorkResponse()

        house.office.then = answer
        caller = house.caller("operator/modest")
        for size in (3, 7, 500, 0):
            await caller.unary(LIST, work.ListWorkRequest(page_size=size), work.ListWorkResponse, timeout_seconds=10)
        assert seen == [3, 7, 7, 7]
