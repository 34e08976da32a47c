"""The real world, handed in: clock, randomness, identifiers and the executor for blocking work.

Everything else in the house takes a `Runtime` and never touches time, random, uuid or threads itself, so that one test
can run gateway and agencies on one event loop under a virtual clock, and a failure can be replayed from its seed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Clock(Protocol):
    """Two clocks: one that people read and may be set, one that only runs forward."""

    def now(self) -> datetime:
        """The time of day, aware, UTC."""
        ...

    def now_ns(self) -> int:
        """The same in nanoseconds since 1970, for spans."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        ...


class Randomness(Protocol):
    """Where chance comes from."""

    def bytes(self, count: int) -> bytes:
        """`count` random bytes, fit for keys when real."""
        ...

    def uniform(self, low: float, high: float) -> float:
        """A number between the two, for jitter and fault switches."""
        ...


class Ids(Protocol):
    """Where new identifiers come from."""

    def uuid(self) -> str:
        """A random UUID (version 4) in its usual form."""
        ...

    def code(self, length: int) -> str:
        """`length` characters of Crockford's base 32 in upper case: no I, L, O or U to be misread."""
        ...


class Executor(Protocol):
    """Where blocking work goes: signature checks, files, databases. The event loop itself never blocks."""

    async def run(self, function: Callable[..., Result], *args: object) -> Result:
        """Runs `function(*args)` off the event loop and returns its result.

        Cancelling the caller does not stop a function that has begun; what it commits stays committed.
        """
        ...

    def dedicated(self, name: str, threads: int = 1) -> "Executor":
        """An executor of its own threads, for instance one writer thread of a database. Close it after use."""
        ...

    def close(self) -> None:
        """Waits for running work and ends the threads."""
        ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """All of the real world that a service may use; its composition root passes it on."""

    clock: Clock
    randomness: Randomness
    ids: Ids
    executor: Executor


def real_runtime(threads: int = 4) -> Runtime:
    """The runtime of a real process; `threads` serve the common executor."""
    from agencykit.runtime.real import RandomIds, SystemClock, SystemRandomness, ThreadExecutor

    randomness = SystemRandomness()
    return Runtime(SystemClock(), randomness, RandomIds(randomness), ThreadExecutor("blocking", threads))
