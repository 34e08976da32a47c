"""Loads the empty gateway: `python floor_load.py PORT CALLS CALLERS BATCH` prints one JSON line of figures."""

import asyncio
import json
import sys
from typing import Any

import floor_pb2 as messages
import floor_pb2_grpc as rpc
import grpc
from figures import closed_loop


async def load(port: str, calls: int, callers: int, batch: int) -> dict[str, Any]:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        gateway = rpc.GatewayStub(channel)
        one = messages.Question(id="x" * 20, kind="k", goods=["a" * 30] * 10, attributes={"a": "b", "c": "d"})
        many = messages.Questions(questions=[one] * batch)
        for _ in range(20):
            await gateway.Clear(one, wait_for_ready=True, timeout=10)

        async def ask(_: int) -> None:
            await (gateway.Clear(one, timeout=10) if batch == 1 else gateway.ClearMany(many, timeout=10))

        return await closed_loop(ask, calls, callers, batch)


print(json.dumps(asyncio.run(load(sys.argv[1], *map(int, sys.argv[2:5])))))
