"""Gateway and four agencies on one event loop under a virtual clock: hours in seconds, and the same story twice."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from district import count
from simulated import SimulatedDistrict, simulated_district

from agencykit.testing.virtual import virtual_time
from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.sample.generation import generate

Result = TypeVar("Result")
SIZE = 30
# Long against every deadline, back-off and lease.
LONG = timedelta(minutes=count(4, 120)).total_seconds()


def told(folder: Path, story: Callable[[SimulatedDistrict], Awaitable[Result]], seed: int = 2004) -> Result:
    """Runs a story in a district of its own."""
    folder.mkdir(exist_ok=True)
    with virtual_time(seed=seed) as world:

        async def play() -> Result:
            async with simulated_district(folder, world) as district:
                return await story(district)

        return world.loop.run_until_complete(play())


async def submit_sample(district: SimulatedDistrict, size: int = SIZE) -> None:
    lines = list(generate(size, 4, district.runtime.clock.now()))
    await district.lodge(line for line in lines if "submission" not in line)
    await asyncio.gather(*[district.submit(line) for line in lines if "submission" in line])


Outcome = list[tuple[str, str, int, tuple[str, ...]]]


async def cleared_sample(district: SimulatedDistrict) -> Outcome:
    await submit_sample(district)
    return sorted(
        (one.reference, one.number, one.state, tuple(f"{wait.party} {wait.fact_kind}" for wait in one.waiting))
        for one in await district.clearances()
    )


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """How the sample ends with the seed 2004."""
    return told(tmp_path_factory.mktemp("once"), cleared_sample)


def test_a_sample_is_cleared_without_sockets_threads_or_waiting(once: Outcome) -> None:
    assert len(once) == SIZE
    states = Counter(state for _, _, state, _ in once)
    assert states[Clearance.STATE_RELEASED] > SIZE / 2
    assert all(waiting or state in (Clearance.STATE_RELEASED, Clearance.STATE_REFUSED) for _, _, state, waiting in once)


def test_the_same_seed_tells_the_same_story_number_by_number(once: Outcome, tmp_path: Path) -> None:
    assert told(tmp_path, cleared_sample) == once


def test_another_seed_draws_other_numbers(once: Outcome, tmp_path: Path) -> None:
    again = told(tmp_path, cleared_sample, seed=2005)
    assert {number for _, number, _, _ in once}.isdisjoint(number for _, number, _, _ in again)
    assert [line[2:] for line in once] == [line[2:] for line in again]


async def officers_after_a_while(district: SimulatedDistrict) -> tuple[int, list[Clearance]]:
    await submit_sample(district)
    await asyncio.sleep(LONG)
    done = 0
    for agency in ("customs", "inspection", "border", "port"):
        done += await district.clear_work(agency)
    await asyncio.sleep(30)
    return done, await district.clearances()


def test_an_examination_may_wait_and_the_clearance_then_goes_on(tmp_path: Path) -> None:
    began = time.monotonic()
    done, clearances = told(tmp_path, officers_after_a_while)
    assert done > 0
    officers = [one for one in clearances if any(wait.fact_kind == "officer_result" for wait in one.waiting)]
    assert not officers, "an officer's result was recorded and the clearance still waits for it"
    late = [
        one
        for one in clearances
        if one.state == Clearance.STATE_RELEASED and one.release_time.seconds - one.create_time.seconds >= LONG
    ]
    assert late, "nothing was released after the officers' work"
    assert time.monotonic() - began < LONG


async def a_while_without_inspection(district: SimulatedDistrict) -> tuple[list[Clearance], list[Clearance]]:
    district.cut("inspection")
    await submit_sample(district)
    await asyncio.sleep(LONG)
    parked = await district.clearances()
    district.mend("inspection")
    await asyncio.sleep(30)
    return parked, await district.clearances()


def waits_for_machine(clearance: Clearance) -> set[str]:
    return {wait.party for wait in clearance.waiting if wait.kind == Waiting.KIND_MACHINE}


def test_a_while_without_an_agency_releases_nothing_and_thirty_seconds_after_its_return_nothing_is_parked(
    tmp_path: Path,
) -> None:
    parked, settled = told(tmp_path, a_while_without_inspection)
    assert not [one for one in parked if one.state == Clearance.STATE_RELEASED]
    assert {party for one in parked for party in waits_for_machine(one)} == {"inspection"}
    assert not [one for one in settled if waits_for_machine(one)]
    assert [one for one in settled if one.state == Clearance.STATE_RELEASED]
