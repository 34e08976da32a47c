"""Loads a running district: `python system_load.py STATE FILE FIRST CALLS CALLERS BATCH` prints a JSON line of figures.

FILE holds `submission` lines; the run takes CALLS × BATCH of them from FIRST on. Every answer must be a clearance:
one error ends the run, because a figure with errors in it says nothing.
"""

import asyncio
import collections
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import grpc
from figures import closed_loop
from google.protobuf import json_format

from clearance.gateway.v1 import clearance_pb2, clearance_service_pb2, clearance_service_pb2_grpc


def submissions(file: Path, first: int, count: int) -> list[clearance_service_pb2.SubmitClearanceRequest]:
    with file.open() as lines:
        typed = (line for line in lines if line.startswith('{"submission"'))
        chosen = list(itertools.islice(typed, first, first + count))
    if len(chosen) < count:
        raise SystemExit(f"{file} holds too few submissions: {count} wanted from line {first}")
    return [
        json_format.ParseDict(json.loads(line)["submission"], clearance_service_pb2.SubmitClearanceRequest())
        for line in chosen
    ]


def channel(state: Path) -> grpc.aio.Channel:
    endpoints = json.loads((state / "endpoints.json").read_text())
    broker = endpoints["identities"]["broker"]
    files = [Path(broker[name]) for name in ("ca", "key", "cert")]
    ca, key, certificate = [(file if file.is_absolute() else state / file).read_bytes() for file in files]
    credentials = grpc.ssl_channel_credentials(ca, key, certificate)
    return grpc.aio.secure_channel(endpoints["services"]["gateway"]["address"], credentials)


async def load(state: Path, file: Path, first: int, calls: int, callers: int, batch: int) -> dict[str, Any]:
    # Messages are made before the run, as the floor makes its own.
    requests = submissions(file, first, calls * batch)
    batches = [
        clearance_service_pb2.BatchSubmitClearancesRequest(requests=requests[place : place + batch])
        for place in range(0, len(requests), batch)
    ]
    states: collections.Counter[str] = collections.Counter()
    async with channel(state) as connection:
        gateway = clearance_service_pb2_grpc.ClearanceServiceStub(connection)
        await gateway.ListClearances(clearance_service_pb2.ListClearancesRequest(page_size=1), timeout=10)

        def count(clearance: clearance_pb2.Clearance) -> None:
            states[clearance_pb2.Clearance.State.Name(clearance.state).removeprefix("STATE_")] += 1

        async def ask(number: int) -> None:
            if batch == 1:
                count((await gateway.SubmitClearance(requests[number], timeout=10)).clearance)
                return
            reply = await gateway.BatchSubmitClearances(batches[number], timeout=10)
            for answer in reply.answers:
                if answer.HasField("error"):
                    raise SystemExit(f"refused under load: {answer.error.message}")
                count(answer.clearance)

        return await closed_loop(ask, calls, callers, batch) | {"states": dict(states)}


if __name__ == "__main__":
    arguments = sys.argv[1:]
    print(json.dumps(asyncio.run(load(Path(arguments[0]), Path(arguments[1]), *map(int, arguments[2:6])))))
