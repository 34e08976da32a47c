"""Submits at a pace, as one broker, whatever comes of it: `python flooding.py STATE LICENCE RATE SECONDS CONNECTIONS`.

In a process of its own, so that who floods takes no time from who watches. Prints one JSON line: how many were sent,
numbers of what was accepted, and how long answers and refusals took, in seconds.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc

from agencykit.testing.consignments import sea_import
from clearance.gateway.v1 import clearance_service_pb2 as rpc
from clearance.gateway.v1.clearance_service_pb2_grpc import ClearanceServiceStub

DEADLINE_SECONDS = 10.0
# Ten times what the house takes in of one broker.
MOST_UNDER_WAY = 480


@dataclass
class Pace:
    """What became of what was sent."""

    licence: str
    sent: int = 0
    numbers: list[str] = field(default_factory=list)
    answered_s: list[float] = field(default_factory=list)
    refused_s: list[float] = field(default_factory=list)
    otherwise: Counter[str] = field(default_factory=Counter)

    async def submit(self, gateway: Any, number: int) -> None:
        """One submission, of which nobody has heard before."""
        consignment = sea_import(f"FL{os.getpid()}-{number:06d}")
        consignment.broker_licence = self.licence
        request_id = f"{os.getpid():08x}-0000-4000-8000-{number:012x}"
        request = rpc.SubmitClearanceRequest(request_id=request_id, consignment=consignment)
        began = time.monotonic()
        try:
            answer = await gateway.SubmitClearance(request, timeout=DEADLINE_SECONDS)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
                self.refused_s.append(time.monotonic() - began)
            else:
                self.otherwise[f"{error.code().name}: {error.details()}"] += 1
        else:
            self.numbers.append(answer.clearance.number)
            self.answered_s.append(time.monotonic() - began)

    async def keep(self, gateways: list[Any], rate: float, seconds: float) -> None:
        """So many a second; on a machine that keeps up with less, as many as leave `MOST_UNDER_WAY` unanswered."""
        began, due, under_way = time.monotonic(), 0, set()
        while (passed := time.monotonic() - began) < seconds:
            while due < passed * rate:
                due += 1
                if len(under_way) >= MOST_UNDER_WAY:
                    continue
                self.sent += 1
                task = asyncio.create_task(self.submit(gateways[self.sent % len(gateways)], self.sent))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await asyncio.sleep(0.005)
        await asyncio.gather(*under_way)


async def main(state: Path, licence: str, rate: float, seconds: float, connections: int) -> None:
    endpoints = json.loads((state / "endpoints.json").read_text())
    own = endpoints["identities"]["brokers"][licence]
    files = [Path(own[name]) for name in ("ca", "key", "cert")]
    credentials = grpc.ssl_channel_credentials(
        *((file if file.is_absolute() else state / file).read_bytes() for file in files)
    )
    address = endpoints["services"]["gateway"]["address"]
    # Else all of them would share one connection.
    apart = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.secure_channel(address, credentials, apart) for _ in range(connections)]
    pace = Pace(licence)
    await asyncio.gather(*(channel.channel_ready() for channel in channels))
    await pace.keep([ClearanceServiceStub(channel) for channel in channels], rate, seconds)
    await asyncio.gather(*(channel.close() for channel in channels))
    print(json.dumps(vars(pace)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
