"""Tasks that go on by themselves: kept until they end, and never failing without a word."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from gateway.operations.log import Log


@dataclass(slots=True)
class Tasks:
    """Tasks under way. `on_end` is called whenever one has ended."""

    log: Log
    on_end: Callable[[], None] = lambda: None
    _running: set["asyncio.Task[None]"] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self._running)

    def begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Runs `work` to its end, whoever waits for it or not."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    async def settle(self) -> None:
        """Returns when none is under way."""
        while self._running:
            await asyncio.wait(set(self._running))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.log.error("task.failed", operation=task.get_name(), error=error)
        self.on_end()
