"""An agency's own timers: `definition.tick` in a transaction of its own every few seconds.

A clock that people set must end nothing early: while nobody can say what time it is (agencykit.runtime.guarded), timers
stand still. This loop is also what notices that: it reads the clock although nobody else may, compares it with the
database's, and keeps in the audit when it was wrong.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from agencykit.runtime.guarded import GuardedClock
from agencykit.storage import Database
from agencykit.storage.clock import ClockLook
from agencykit.telemetry import Telemetry

TICK_SECONDS = 5.0


class Ticking:
    """One loop; without a tick it only looks at the clock."""

    def __init__(
        self,
        tick: Callable[[Connection, datetime], None] | None,
        database: Database,
        clock: GuardedClock,
        telemetry: Telemetry,
        look: ClockLook,
    ) -> None:
        self._tick, self._database, self._clock, self._log = tick, database, clock, telemetry.log
        self._look = look
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins."""
        self._task = asyncio.get_running_loop().create_task(self._run(), name="tick")

    async def stop(self) -> None:
        """Ends it; a transaction that has begun ends by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._look.look()
                if not self._clock.suspended and self._tick is not None:
                    await self._database.write(self._tick, self._clock.legal_now())
            except Exception as error:
                # The next tick finds the same work: what is due stays due.
                self._log.error("tick.failed", error=error)
            await asyncio.sleep(TICK_SECONDS)
