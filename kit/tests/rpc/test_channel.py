"""How a client comes to its connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from agencykit.rpc.transport import Unreachable
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"


@dataclass
class Way:
    """An address before a peer's."""

    address: str = ""
    connections: int = 0
    # So many connections are forgotten: nothing comes out of them any more, and nobody is told.
    forgotten: int = 0


@asynccontextmanager
async def long_way(address: str, seconds: float) -> AsyncIterator[Way]:
    """A way on which each answer of the peer takes so long."""
    host, _, port = address.rpartition(":")
    tasks: list[asyncio.Task[None]] = []
    writers: list[asyncio.StreamWriter] = []
    way = Way()

    async def carry(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        while data := await reader.read(65_536):
            await asyncio.sleep(delay)
            if number > way.forgotten:
                writer.write(data)
                await writer.drain()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection(host, int(port))
        way.connections += 1
        writers.extend((writer, back))
        tasks.append(asyncio.create_task(carry(way.connections, reader, back, 0)))
        tasks.append(asyncio.create_task(carry(way.connections, onward, writer, seconds)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        way.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield way
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_handshake_that_takes_its_time_is_waited_for(open_house: Callable[..., Any]) -> None:
    async with open_house() as house, long_way(house.address, 0.4) as way:
        caller = house.caller(address=way.address)
        answer = await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=10)
        assert answer.next_page_token == "lantern"


async def test_a_connection_on_which_three_calls_were_not_answered_is_given_up(open_house: Callable[..., Any]) -> None:
    async with open_house() as house, long_way(house.address, 0) as way:
        caller = house.caller(address=way.address)

        async def call(seconds: float) -> str:
            answer = await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=seconds)
            return str(answer.next_page_token)

        assert await call(10) == "lantern"
        way.forgotten = way.connections
        for _ in range(3):
            with pytest.raises(Unreachable) as unanswered:
                await call(0.15)
            assert unanswered.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert await call(10) == "lantern"
        assert way.connections == 2


async def test_a_peer_that_answers_one_call_in_three_keeps_its_connection(open_house: Callable[..., Any]) -> None:
    async with open_house() as house, long_way(house.address, 0) as way:
        caller = house.caller(address=way.address)

        async def call(seconds: float) -> None:
            await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=seconds)

        async def overslept(_request: object, _call: object) -> work.ListWorkResponse:
            await asyncio.sleep(0.5)
            return work.ListWorkResponse()

        await call(10)
        for _ in range(3):
            house.office.then = overslept
            for _ in range(2):
                with pytest.raises(Unreachable):
                    await call(0.15)
            house.office.then = None
            await call(10)
        assert way.connections == 1
