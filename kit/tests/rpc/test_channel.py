"""How a client comes to its connection."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"


@asynccontextmanager
async def long_way(address: str, seconds: float) -> AsyncIterator[str]:
    """An address before `address` on which each answer of the peer takes so long."""
    host, _, port = address.rpartition(":")
    tasks: list[asyncio.Task[None]] = []
    writers: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        while data := await reader.read(65_536):
            await asyncio.sleep(delay)
            writer.write(data)
            await writer.drain()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward, back = await asyncio.open_connection(host, int(port))
        writers.extend((writer, back))
        tasks.append(asyncio.create_task(carry(reader, back, 0)))
        tasks.append(asyncio.create_task(carry(onward, writer, seconds)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for writer in writers:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_a_handshake_that_takes_its_time_is_waited_for(open_house: Callable[..., Any]) -> None:
    async with open_house() as house, long_way(house.address, 0.4) as address:
        caller = house.caller(address=address)
        answer = await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=10)
        assert answer.next_page_token == "lantern"
