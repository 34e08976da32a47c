"""Somebody sets the clock of a whole district: nothing legal happens by itself, and all else goes on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from clock_stories import PLAIN, SIX_HOURS, submitted, waits
from mortal import MachineClock
from simulated import SimulatedDistrict, simulated_district

from agencykit.testing.virtual import World, virtual_time
from clearance.gateway.v1.clearance_pb2 import Clearance

Result = TypeVar("Result")


def told(folder: Path, story: Callable[[SimulatedDistrict, MachineClock], Awaitable[Result]]) -> Result:
    """Runs a story in a district whose parties share a machine that can be set."""
    with virtual_time() as made:
        clock = MachineClock(made.runtime.clock)
        world = World(made.loop, replace(made.runtime, clock=clock))

        async def play() -> Result:
            async with simulated_district(folder, world) as district:
                return await story(district, clock)

        return world.loop.run_until_complete(play())


@pytest.mark.parametrize("step", [SIX_HOURS, -SIX_HOURS])
def test_no_deadline_passes_by_a_step_and_it_passes_once_the_time_has_run(tmp_path: Path, step: float) -> None:
    async def story(district: SimulatedDistrict, clock: MachineClock) -> tuple[set[str], ...]:
        district.cut("border")
        await submitted(district)
        clock.step(step)
        set_wrong = await waits(district)
        clock.set_right()
        set_right = await waits(district)
        assert district.world is not None
        district.world.loop.skip(SIX_HOURS)
        return set_wrong, set_right, await waits(district)

    set_wrong, set_right, later = told(tmp_path, story)
    assert "deadline_passed" not in set_wrong | set_right
    assert "deadline_passed" in later


def test_a_deadline_stands_still_while_nobody_can_say_what_time_it_is(tmp_path: Path) -> None:
    async def story(district: SimulatedDistrict, clock: MachineClock) -> tuple[set[str], set[str]]:
        district.cut("border")
        await submitted(district)
        clock.step(SIX_HOURS)
        await waits(district)
        assert district.world is not None
        district.world.loop.skip(SIX_HOURS)
        standing = await waits(district)
        clock.set_right()
        return standing, await waits(district)

    standing, going_on = told(tmp_path, story)
    assert "deadline_passed" not in standing
    assert "deadline_passed" in going_on


@pytest.mark.parametrize("step", [SIX_HOURS, -SIX_HOURS])
def test_what_is_submitted_while_the_clock_is_wrong_is_released_and_what_was_parked_goes_on(
    tmp_path: Path, step: float
) -> None:
    async def story(district: SimulatedDistrict, clock: MachineClock) -> list[int]:
        district.cut("inspection")
        await submitted(district)
        await asyncio.sleep(20)
        clock.step(step)
        district.mend("inspection")
        await submitted(district, PLAIN + 1)
        await asyncio.sleep(30)
        return [clearance.state for clearance in await district.clearances()]

    states = told(tmp_path, story)
    assert states == [Clearance.STATE_RELEASED] * 2
