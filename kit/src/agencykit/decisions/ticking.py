"""An agency's own timers: `definition.tick` in a transaction of its own every few seconds.

A clock that people set must end nothing early: once wall clock and monotonic time have run apart by more than 30 s
timers stand still, with an error in the log, until the service is started anew.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from agencykit.runtime import Clock
from agencykit.storage import Database
from agencykit.telemetry import Telemetry

TICK_SECONDS = 5.0
STEP_SECONDS = 30.0


class Ticking:
    """One loop; without a tick it does nothing."""

    def __init__(
        self,
        tick: Callable[[Connection, datetime], None] | None,
        database: Database,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._tick, self._database, self._clock, self._log = tick, database, clock, telemetry.log
        self._began, self._wall = 0.0, clock.now()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins."""
        self._began, self._wall = self._clock.monotonic(), self._clock.now()
        if self._tick is not None:
            self._task = asyncio.get_running_loop().create_task(self._run(self._tick), name="tick")

    async def stop(self) -> None:
        """Ends it; a transaction that has begun ends by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    def stepped(self) -> float:
        """By how many seconds the wall clock has been set since the start."""
        run = timedelta(seconds=self._clock.monotonic() - self._began)
        return (self._clock.now() - self._wall - run).total_seconds()

    async def _run(self, tick: Callable[[Connection, datetime], None]) -> None:
        while abs(self.stepped()) <= STEP_SECONDS:
            try:
                await self._database.write(tick, self._clock.now())
            except Exception as error:
                # The next tick finds the same work: what is due stays due.
                self._log.error("tick.failed", error=error)
            await asyncio.sleep(TICK_SECONDS)
        self._log.error("clock.stepped", interval_ms=round(self.stepped() * 1000))
