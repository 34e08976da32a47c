"""Work that a caller's deadline must not cut in two: it goes on to its commit, and the caller asks again."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from agencykit.refusals import Overloaded
from agencykit.telemetry import Telemetry

Result = TypeVar("Result")


# More than callers can wait for at a time: what is beyond has been given up by them, as storage is slow.
MOST_RUNNING = 1024


class Shield:
    """Keeps what has begun alive until it ends, whoever has stopped waiting for it; so much of it, and no more."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Awaits the work; a cancelled caller leaves it running. Raises Overloaded where too much runs on already."""
        if len(self._running) >= MOST_RUNNING:
            work.close()
            raise Overloaded(MOST_RUNNING)
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(self._tell)
            raise

    async def settle(self) -> None:
        """Waits for everything that has begun."""
        while self._running:
            await asyncio.wait(self._running)

    def _tell(self, task: "asyncio.Task[Any]") -> None:
        """Nobody waits for this outcome any more; only the log can learn of a failure."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._telemetry.log.warning("abandoned call failed", error=error)
