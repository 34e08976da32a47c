"""Virtual time: an event loop that never sleeps but jumps to the next moment at which anything is due.

A day of waiting takes no time, two runs of one seed take the same steps in the same order, and nothing real (clock,
randomness, ids, threads) is touched.

    with virtual_time(seed=2004) as world:
        world.loop.run_until_complete(scenario(world.runtime))
"""

import asyncio
import random
import selectors
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agencykit.runtime import Executor, Result, Runtime
from agencykit.runtime.ids import RandomIds

# The plan's year.
START = datetime(2004, 11, 17, 8, 0, tzinfo=UTC)


class Deadlock(RuntimeError):
    """Everything waits and nothing is due: in virtual time nobody will ever come."""


class _JumpingSelector(selectors.SelectSelector):
    """Where the loop would sleep until the next timer, time jumps there instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Deadlock("everything waits and no timer is set")
        self.now += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose `time()` begins at 0 and advances only while all tasks wait. Opens no real connections."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        # A jump must end at the timer, not a rounding error before it, or the loop would turn for nothing.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._jumping.now

    def skip(self, seconds: float) -> None:
        """So much time passes in which nothing is done; whatever was due meanwhile is then due at once."""
        self._jumping.now += seconds


class VirtualClock:
    """A clock that follows a loop's time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime = START) -> None:
        self._loop, self._start = loop, start
        self._start_ns = int(start.timestamp()) * 1_000_000_000

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._loop.time())

    def now_ns(self) -> int:
        return self._start_ns + round(self._loop.time() * 1e9)

    def monotonic(self) -> float:
        return self._loop.time()


class SeededRandomness:
    """The same chance for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def uniform(self, low: float, high: float) -> float:
        return self._random.uniform(low, high)


class InlineExecutor:
    """Blocking work done on the spot, on the loop's own thread, so that its order is the order of the calls."""

    async def run(self, function: Callable[..., Result], *args: object) -> Result:
        # One turn of the loop, as a real executor would give others before the result is there.
        await asyncio.sleep(0)
        return function(*args)

    def dedicated(self, name: str, threads: int = 1) -> Executor:
        return self

    def close(self) -> None:
        pass


def virtual_runtime(seed: int, loop: asyncio.AbstractEventLoop, start: datetime = START) -> Runtime:
    """A runtime that follows a loop's time and takes all chance from a seed."""
    randomness = SeededRandomness(seed)
    return Runtime(VirtualClock(loop, start), randomness, RandomIds(randomness), InlineExecutor())


@dataclass(frozen=True, slots=True)
class World:
    """A loop in virtual time and the runtime that belongs to it."""

    loop: VirtualLoop
    runtime: Runtime


@contextmanager
def virtual_time(seed: int = 2004, start: datetime = START) -> Iterator[World]:
    """A world of its own; what still runs at the end is cancelled, as a process's end would."""
    loop = VirtualLoop()
    try:
        try:
            yield World(loop, virtual_runtime(seed, loop, start))
        finally:
            _end_tasks(loop)
    finally:
        loop.close()


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
