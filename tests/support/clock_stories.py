"""What stories about clocks share: a case, and what it waits for."""

import asyncio

from simulated import SimulatedDistrict

from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.sample.generation import generate

# More than the four hours for which an agency may hold a case.
SIX_HOURS = 6 * 3600.0
PLAIN = 120


async def submitted(district: SimulatedDistrict, seed: int = PLAIN) -> Clearance:
    """One case, with all its facts."""
    lines = list(generate(1, seed, district.runtime.clock.now()))
    await district.lodge(line for line in lines if "submission" not in line)
    return await district.submit(lines[-1])


async def waits(district: SimulatedDistrict) -> set[str]:
    """Kinds of facts that the only case waits for, a minute from now."""
    await asyncio.sleep(60)
    [clearance] = await district.clearances()
    return {wait.fact_kind for wait in clearance.waiting}
