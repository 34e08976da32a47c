"""The slowest agency sets the time, not the sum of all: in virtual time, where the processor costs nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from agencykit.testing.counts import FULL

Story = Callable[[Any, Any], Awaitable[list[float]]]


def told(district_class: Any, folder: Path, templates: Path, delays_ms: tuple[int, ...], story: Story) -> list[float]:
    """Runs a story in a district whose agencies are so slow; returns how long each clearance took, in seconds."""

    async def play(district: Any) -> list[float]:
        for name, delay_ms in zip(("customs", "inspection", "border", "port"), delays_ms, strict=True):
            office = await district.open_agency(name)
            office.hook = dawdling(delay_ms / 1000)
        gateway = await district.open_gateway()
        # The agencies' certificates are fetched with the first decisions.
        return await story(district, gateway)

    taken: list[float] = district_class.in_its_own_time(folder, templates, play)
    return taken


def dawdling(seconds: float) -> Callable[[str, str], Awaitable[None]]:
    async def hook(moment: str, name: str) -> None:
        if (moment, name) == ("called", "AssessConsignments"):
            await asyncio.sleep(seconds)

    return hook


def callers(count: int, calls: int, make: Any) -> Story:
    """So many callers, each with so many clearances one after the other, and a pause now and then."""

    async def story(district: Any, gateway: Any) -> list[float]:
        broker, loop = gateway.caller(), asyncio.get_running_loop()
        taken: list[float] = []

        async def call(name: int) -> None:
            for number in range(calls):
                await asyncio.sleep(district.runtime.randomness.uniform(0, 1))
                began = loop.time()
                await broker.submit(make.air_import(f"NB-{name}-{number}"))
                taken.append(loop.time() - began)

        await asyncio.gather(*(call(name) for name in range(count)))
        return taken

    return story


@pytest.mark.parametrize("delays_ms", [(20, 20, 20, 20), (20, 50, 500, 100), (120, 300, 60, 200), (500, 500, 500, 500)])
@pytest.mark.parametrize(("count", "calls"), [(1, 12), (64, 4 if FULL else 2)])
def test_a_clearance_takes_the_slowest_agencys_time(
    district_class: Any, tmp_path: Path, templates: Path, make: Any, delays_ms: tuple[int, ...], count: int, calls: int
) -> None:
    taken = told(district_class, tmp_path, templates, delays_ms, callers(count, calls, make))
    assert len(taken) == count * calls
    assert median(taken) <= 1.2 * max(delays_ms) / 1000 + 0.02
