"""The real clock, randomness and threads. Nothing else in the kit touches them."""

import asyncio
import os
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from agencykit.runtime import Executor, Result
from agencykit.runtime.ids import RandomIds

__all__ = ["RandomIds", "SystemClock", "SystemRandomness", "ThreadExecutor"]


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def now_ns(self) -> int:
        return time.time_ns()

    def monotonic(self) -> float:
        return time.monotonic()


class SystemRandomness:
    """The operating system's randomness."""

    def bytes(self, count: int) -> bytes:
        return os.urandom(count)

    def uniform(self, low: float, high: float) -> float:
        return random.uniform(low, high)


class ThreadExecutor:
    """Blocking work on threads of a fixed number; the threads start with the first work."""

    def __init__(self, name: str, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, function: Callable[..., Result], *args: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)

    def dedicated(self, name: str, threads: int = 1) -> Executor:
        return ThreadExecutor(name, threads)

    def close(self) -> None:
        self._pool.shutdown(wait=True)
