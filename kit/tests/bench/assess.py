"""What one assessed item costs an agency: `python kit/tests/bench/assess.py [sqlite|postgresql]`.

In process through every layer (form, identity, deadlines, spans), SQLite FULL or a real PostgreSQL; rules are the
example agency's. Prints milliseconds of processor time and of wall time for each item, the best of several rounds:
other work on the machine only ever adds.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.example_agency import build
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.originators import asserted
from agencykit.testing.postgres import postgres_server
from agencykit.testing.running import agency_settings
from clearance.agency.v1.agency_service_pb2 import AssessmentItem

ROUNDS = 12
SIZES = (1, 10, 100, 256)


def batch(runtime: Runtime, size: int, begin: int) -> list[AssessmentItem]:
    """Items that nobody has sent yet."""
    items = []
    for number in range(begin, begin + size):
        name = f"NGB2004{number:08d}"
        trace = f"00-{runtime.randomness.bytes(16).hex()}-{runtime.randomness.bytes(8).hex()}-01"
        item = assessment_item(name, sea_import(name), request_id=runtime.ids.uuid(), traceparent=trace)
        items.append(item)
    # As a gateway does: one signature for a convoy.
    asserted(items)
    return items


async def measure(agency: InlineAgency, size: int, begin: int) -> tuple[float, float]:
    """Best processor and wall time for an item, in milliseconds."""
    best_cpu = best_wall = float("inf")
    for turn in range(ROUNDS):
        items = batch(agency.runtime, size, begin + turn * size)
        cpu, wall = time.process_time(), time.perf_counter()
        answers = await agency.gateway.assess(*items)
        best_cpu = min(best_cpu, (time.process_time() - cpu) / size * 1000)
        best_wall = min(best_wall, (time.perf_counter() - wall) / size * 1000)
        if any(answer.WhichOneof("answer") != "decision" for answer in answers):
            raise RuntimeError("an item was refused")
    return best_cpu, best_wall


async def main(dialect: str) -> None:
    """Measures each batch size on one running agency."""
    runtime = real_runtime()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder)
        url = postgres_server().database() if dialect == "postgresql" else f"sqlite+pysqlite:///{file / 'bench.db'}"
        settings = agency_settings(ServiceSettings, "weighbridge", url, span_store=file / "spans.db")
        async with inline_agency(build, settings, "weighbridge", runtime) as agency:
            begin = 1
            for size in SIZES:
                cpu, wall = await measure(agency, size, begin)
                begin += ROUNDS * size
                print(f"{dialect} batch {size:3}: {cpu:.3f} ms processor, {wall:.3f} ms wall for each item")
    runtime.executor.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "sqlite"))
