"""Loads a district with paced callers: `python paced_load.py STATE FILE FIRST CALLS CALLERS` prints a line of figures.

Every caller waits for its answer and then a drawn pause of 0 to 1 s, so that the callers are independent and the
processor is not the limit: what is measured is waiting, not work.
"""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

from figures import closed_loop
from system_load import channel, submissions

from clearance.gateway.v1 import clearance_service_pb2, clearance_service_pb2_grpc


async def load(state: Path, file: Path, first: int, calls: int, callers: int) -> dict[str, Any]:
    requests = submissions(file, first, calls)
    pause = random.Random(first)
    async with channel(state) as connection:
        gateway = clearance_service_pb2_grpc.ClearanceServiceStub(connection)
        await gateway.ListClearances(clearance_service_pb2.ListClearancesRequest(page_size=1), timeout=10)

        async def ask(number: int) -> None:
            await gateway.SubmitClearance(requests[number], timeout=10)

        async def rest() -> None:
            await asyncio.sleep(pause.uniform(0, 1) if callers > 1 else 0)

        return await closed_loop(ask, calls, callers, 1, rest)


print(json.dumps(asyncio.run(load(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:6])))))
