"""Stories of release on guarantee, in one district or in two that are partners."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from guaranteed import AMENDMENT_HOURS, GRN, Guaranteed, Result
from simulated import CODES, simulated_authority, simulated_district

from agencykit.testing.virtual import virtual_time


def told(
    folder: Path,
    story: Callable[[Guaranteed], Awaitable[Result]],
    seed: int = 2004,
    customs: dict[str, Any] | None = None,
    **gateway: Any,
) -> Result:
    """Runs a story in a district of its own, with these settings of customs and of the gateway."""
    with virtual_time(seed=seed) as world:

        async def play() -> Result:
            settings = {"guarantee_amendment_hours": AMENDMENT_HOURS, **gateway}
            async with simulated_district(folder, world, customs, **settings) as district:
                return await story(Guaranteed(district))

        return world.loop.run_until_complete(play())


def told_across(
    folder: Path, story: Callable[[Guaranteed, Guaranteed], Awaitable[Result]], seed: int = 2004, **gateways: Any
) -> Result:
    """Runs a story in Hangzhou and Ningbo, partners, of whom Ningbo keeps the guarantees of office 0040.

    `gateways` are settings of each one's gateway, by district.
    """
    with virtual_time(seed=seed) as world:

        async def play() -> Result:
            keeps = {"hangzhou": ["0290"], "ningbo": [GRN[4:8]]}
            async with AsyncExitStack() as running:
                made = []
                for name in keeps:
                    simulated_authority(folder / name, world, name)
                for name, other in (("hangzhou", "ningbo"), ("ningbo", "hangzhou")):
                    partner = {
                        "address": "inline:1",
                        "bundle_file": folder / other / "bundle.json",
                        "customs_district_code": CODES[other],
                        "guarantee_offices": keeps[other],
                    }
                    settings = {"guarantee_amendment_hours": AMENDMENT_HOURS, "partners": {other: partner}}
                    settings |= gateways.get(name, {})
                    opened = simulated_district(folder / name, world, name=name, **settings)
                    made.append(await running.enter_async_context(opened))
                hangzhou, ningbo = made
                hangzhou.reach(ningbo)
                ningbo.reach(hangzhou)
                return await story(Guaranteed(hangzhou), Guaranteed(ningbo))

        return world.loop.run_until_complete(play())
