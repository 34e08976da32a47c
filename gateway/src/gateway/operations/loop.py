"""Loops that go on without a caller: woken or at an interval, and never dead without a word."""

import asyncio
from collections.abc import Awaitable, Callable

from agencykit.refusals import LogUnwritable
from gateway.operations.log import Log

# After an unexpected error; the loop then begins anew.
PAUSE_SECONDS = 1.0


class Loop:
    """Runs `step` again and again. `step` returns how many seconds it wants to rest; `notify` cuts the rest short."""

    def __init__(self, name: str, step: Callable[[], Awaitable[float]], log: Log) -> None:
        self._name, self._step, self._log = name, step, log
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    def notify(self) -> None:
        """There is something to do."""
        self._woken.set()

    async def stop(self) -> None:
        """Ends it where it stands; what it had not committed is found again after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                rest = await self._step()
            except LogUnwritable:
                # An old copy writes nothing; `gateway.held` has said so.
                rest = PAUSE_SECONDS
            except Exception as error:
                self._log.error("loop.failed", operation=self._name, error=error)
                rest = PAUSE_SECONDS
                await asyncio.sleep(rest)
            try:
                async with asyncio.timeout(max(rest, 0)):
                    await self._woken.wait()
            except TimeoutError:
                continue
