"""Calls that come while a transaction is under way go together in the next one: a commit costs the same for all.

A lone call waits for nobody. A transaction that fails is tried again call by call, so that only whose fault it is
fails.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Together(Generic[Item, Answer]):
    """`write(items)` does them in one transaction and answers each, in their order; `most` items, or one call's."""

    def __init__(self, write: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]], most: int = 256) -> None:
        self._write, self._most = write, most
        self._waiting: deque[tuple[Sequence[Item], asyncio.Future[Sequence[Answer]]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def ask(self, items: Sequence[Item]) -> Sequence[Answer]:
        """The answers to one call's items. Whoever is cancelled here cancels nobody's transaction."""
        answer: asyncio.Future[Sequence[Answer]] = asyncio.get_running_loop().create_future()
        self._waiting.append((items, answer))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="together")
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._carry(self._next())
        finally:
            self._task = None

    def _next(self) -> list[tuple[Sequence[Item], asyncio.Future[Sequence[Answer]]]]:
        calls = [self._waiting.popleft()]
        count = len(calls[0][0])
        while self._waiting and count + len(self._waiting[0][0]) <= self._most:
            calls.append(self._waiting.popleft())
            count += len(calls[-1][0])
        return calls

    async def _carry(self, calls: list[tuple[Sequence[Item], asyncio.Future[Sequence[Answer]]]]) -> None:
        try:
            answers = iter(await self._write([item for items, _ in calls for item in items]))
        except Exception as error:
            if len(calls) > 1:
                for call in calls:
                    await self._carry([call])
            elif not calls[0][1].done():
                calls[0][1].set_exception(error)
            return
        for items, answer in calls:
            own = [next(answers) for _ in items]
            if not answer.done():
                answer.set_result(own)
