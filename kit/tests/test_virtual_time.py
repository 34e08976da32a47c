"""Virtual time jumps, keeps order, and is the same for the same seed."""

import asyncio
from datetime import timedelta

import pytest
import time_machine

from agencykit.runtime import Runtime
from agencykit.testing.virtual import START, Deadlock, virtual_time


def test_a_fortnight_passes_at_once() -> None:
    async def wait(runtime: Runtime) -> None:
        await asyncio.sleep(14 * 86_400)
        assert runtime.clock.now() == START + timedelta(days=14)
        assert runtime.clock.now_ns() == int((START + timedelta(days=14)).timestamp()) * 10**9
        assert runtime.clock.monotonic() == 14 * 86_400

    with virtual_time() as world:
        world.loop.run_until_complete(wait(world.runtime))


def test_what_is_due_first_happens_first_and_time_stands_while_anybody_works() -> None:
    log: list[tuple[float, str]] = []

    async def worker(runtime: Runtime, name: str, seconds: float) -> None:
        for _ in range(2):
            await asyncio.sleep(seconds)
            await runtime.executor.run(lambda: None)
            log.append((runtime.clock.monotonic(), name))

    async def scene(runtime: Runtime) -> None:
        await asyncio.gather(worker(runtime, "slow", 3), worker(runtime, "quick", 2))

    with virtual_time() as world:
        world.loop.run_until_complete(scene(world.runtime))
    assert log == [(2, "quick"), (3, "slow"), (4, "quick"), (6, "slow")]


def test_timeouts_queues_and_events_work() -> None:
    async def scene() -> float:
        queue: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await queue.get()
        loop.call_later(5, queue.put_nowait, "manifest")
        assert await asyncio.wait_for(queue.get(), 3600) == "manifest"
        return loop.time()

    with virtual_time() as world:
        assert world.loop.run_until_complete(scene()) == 35


def test_nothing_real_is_looked_at() -> None:
    async def scene(runtime: Runtime) -> str:
        await asyncio.sleep(runtime.randomness.uniform(1, 2))
        return f"{runtime.clock.now()} {runtime.ids.uuid()} {runtime.ids.code(12)} {runtime.randomness.bytes(8).hex()}"

    def told(seed: int) -> str:
        with virtual_time(seed) as world:
            return world.loop.run_until_complete(scene(world.runtime))

    first = told(7)
    with time_machine.travel("2031-01-01"):
        assert told(7) == first
    assert told(8) != first


def test_a_wait_that_nobody_will_end_is_told_instead_of_hanging() -> None:
    with pytest.raises(Deadlock), virtual_time() as world:
        world.loop.run_until_complete(asyncio.Event().wait())


def test_what_still_runs_at_the_end_is_cancelled_like_by_a_processs_end() -> None:
    ends: list[str] = []

    async def endless() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ends.append("cancelled")

    async def scene() -> None:
        ends.append("begun")
        world.loop.create_task(endless())
        await asyncio.sleep(3.5)

    with virtual_time() as world:
        world.loop.run_until_complete(scene())
    assert ends == ["begun", "cancelled"]
