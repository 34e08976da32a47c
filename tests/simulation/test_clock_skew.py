"""Parties' clocks are apart from the first: whoever is wrong ends nothing, and holds nobody up who is right."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TypeVar

import pytest
from clock_stories import SIX_HOURS, submitted, waits
from mortal import MachineClock
from simulated import AGENCIES, SimulatedDistrict, simulated_district

from agencykit.testing.virtual import virtual_time

Result = TypeVar("Result")
Clocks = dict[str, MachineClock]
Story = Callable[[SimulatedDistrict, Clocks], Awaitable[Result]]


def told(folder: Path, wrong: Iterable[str], seconds: float, story: Story[Result]) -> Result:
    """Runs a story in a district where each party has a machine of its own, and the clocks of these were set wrong."""
    with virtual_time() as world:
        clocks = {role: MachineClock(world.runtime.clock) for role in ("gateway", *AGENCIES)}
        for role in wrong:
            clocks[role].step(seconds)

        async def play() -> Result:
            async with simulated_district(folder, world, clocks=clocks) as district:
                return await story(district, clocks)

        return world.loop.run_until_complete(play())


def kept(district: SimulatedDistrict, role: str) -> list[str]:
    """What its audit says of its clock."""
    with sqlite3.connect(district.folder / f"{role}.db") as connection:
        return [act for (act,) in connection.execute("SELECT act FROM audit WHERE act LIKE 'clock%' ORDER BY id")]


async def restarted_over_a_case(district: SimulatedDistrict, clocks: Clocks, step: float) -> set[str]:
    """The gateway is away while its clock is set, and begins anew with a case whose agency has still four hours."""
    district.cut("border")
    await submitted(district)
    await asyncio.sleep(60)
    clocks["gateway"].step(step)
    await district.restart()
    district.cut("border")
    return await waits(district)


def test_a_gateway_that_begins_six_hours_ahead_of_all_agencies_lets_no_deadline_pass(tmp_path: Path) -> None:
    async def story(district: SimulatedDistrict, clocks: Clocks) -> tuple[set[str], list[str], set[str]]:
        begun_wrong = await restarted_over_a_case(district, clocks, SIX_HOURS)
        clocks["gateway"].set_right()
        await asyncio.sleep(30)
        acts = kept(district, "gateway")
        assert district.world is not None
        district.world.loop.skip(SIX_HOURS)
        return begun_wrong, acts, await waits(district)

    begun_wrong, acts, later = told(tmp_path, [], 0.0, story)
    assert "deadline_passed" not in begun_wrong
    assert acts[-2:] == ["clock_wrong", "clock_agrees"]
    assert "deadline_passed" in later


@pytest.mark.parametrize("off", [SIX_HOURS, -SIX_HOURS])
def test_one_agency_whose_clock_is_wrong_holds_itself_and_nobody_else(tmp_path: Path, off: float) -> None:
    async def story(district: SimulatedDistrict, clocks: Clocks) -> tuple[list[list[str]], set[str]]:
        district.cut("border")
        await submitted(district)
        await asyncio.sleep(30)
        acts = [kept(district, role) for role in ("gateway", "port", "customs")]
        assert district.world is not None
        district.world.loop.skip(SIX_HOURS)
        return acts, await waits(district)

    acts, later = told(tmp_path, ["customs"], off, story)
    assert acts == [[], [], ["clock_wrong"]]
    assert "deadline_passed" in later


def test_a_wrong_gateway_makes_no_agency_doubt_its_own_clock(tmp_path: Path) -> None:
    """What it tells them is the middle of all clocks, and not its own."""

    async def story(district: SimulatedDistrict, clocks: Clocks) -> list[list[str]]:
        await asyncio.sleep(60)
        return [kept(district, role) for role in ("gateway", *AGENCIES)]

    assert told(tmp_path, ["gateway"], SIX_HOURS, story) == [["clock_wrong"], [], [], [], []]


def test_an_agency_that_is_set_right_goes_on_by_itself(tmp_path: Path) -> None:
    async def story(district: SimulatedDistrict, clocks: Clocks) -> list[str]:
        await asyncio.sleep(30)
        clocks["customs"].set_right()
        await asyncio.sleep(30)
        return kept(district, "customs")

    assert told(tmp_path, ["customs"], SIX_HOURS, story) == ["clock_wrong", "clock_agrees"]
