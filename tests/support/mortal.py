"""Processes that can die between any two steps, or freeze, on one event loop in virtual time.

Every task belongs to the process in whose name it was begun. A process that dies takes all of them along: none does
anything any more, and nothing that it had in memory is found again; its database is. A frozen one does nothing until it
is thawed, and then goes on as if no time had passed (SIGSTOP, SIGCONT).
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from agencykit.runtime import Clock, Executor

Result = TypeVar("Result")
_current: ContextVar["Process | None"] = ContextVar("process", default=None)


@dataclass(eq=False)
class Process:
    """One life of a party. `strike` is asked before and after each of its steps whether it dies there."""

    name: str
    strike: Callable[["Process", str, str], bool]
    did: Callable[["Process", str], None]
    alive: bool = True
    thawed: asyncio.Event = field(default_factory=asyncio.Event)
    # In the order in which they were begun, so that they end in that order.
    tasks: dict["asyncio.Task[Any]", None] = field(default_factory=dict)
    on_death: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.thawed.set()

    def begin(self, work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
        """Does work in its name."""
        context = copy_context()
        context.run(_current.set, self)
        return asyncio.get_running_loop().create_task(work, context=context)

    def kill(self) -> None:
        """kill -9: nothing of it is done any more."""
        if not self.alive:
            return
        self.alive = False
        self.thawed.set()
        for task in list(self.tasks):
            task.cancel()
        for listener in self.on_death:
            listener()

    def freeze(self) -> None:
        """SIGSTOP."""
        self.thawed.clear()

    def thaw(self) -> None:
        """SIGCONT."""
        self.thawed.set()

    async def pause(self) -> None:
        """Where it stands still while it is frozen, and ends once it is dead."""
        await self.thawed.wait()
        if not self.alive:
            raise asyncio.CancelledError

    async def step(self, function: Callable[..., Result], *args: Any) -> Result:
        """One step, which is done whole or not at all; between any two of them the process may die."""
        name = name_of(function, args)
        await self.pause()
        self._may_die("before", name)
        try:
            result = function(*args)
        finally:
            self.did(self, name)
        self._may_die("after", name)
        await self.pause()
        return result

    def _may_die(self, when: str, name: str) -> None:
        if self.strike(self, when, name):
            self.kill()
            raise asyncio.CancelledError


def outside(work: Coroutine[Any, Any, Result]) -> "asyncio.Task[Result]":
    """Begun by whomever, it goes on whoever dies: what is under way between parties, and what befalls them."""
    context = copy_context()
    context.run(_current.set, None)
    return asyncio.get_running_loop().create_task(work, context=context)


def name_of(function: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """What a step does: the operation, where it is one transaction of a database."""
    inner = args[0] if getattr(function, "__name__", "") in ("_write", "_read") else function
    while hasattr(inner, "func"):
        inner = inner.func
    return str(getattr(inner, "__name__", type(inner).__name__))


def track_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """From now on each new task belongs to the process in whose name it is begun."""

    def made(on: asyncio.AbstractEventLoop, work: Any, context: Any = None) -> "asyncio.Task[Any]":
        task: asyncio.Task[Any] = asyncio.Task(work, loop=on, context=context)
        process = context.get(_current) if context is not None else _current.get()
        if process is not None:
            process.tasks[task] = None
            task.add_done_callback(lambda done: process.tasks.pop(done, None))
            if not process.alive:
                task.cancel()
        return task

    loop.set_task_factory(made)


class MortalExecutor:
    """Blocking work done on the spot, as steps of one process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def run(self, function: Callable[..., Result], *args: object) -> Result:
        # One turn of the loop, as a real executor would give others before the result is there.
        await asyncio.sleep(0)
        return await self._process.step(function, *args)

    def dedicated(self, name: str, threads: int = 1) -> Executor:
        return self

    def close(self) -> None:
        pass


@dataclass
class MachineClock:
    """A machine's clocks: the wall clock may be set, the other only runs."""

    true: Clock
    offset: timedelta = timedelta()

    def now(self) -> datetime:
        return self.true.now() + self.offset

    def now_ns(self) -> int:
        return self.true.now_ns() + round(self.offset.total_seconds() * 1e9)

    def monotonic(self) -> float:
        return self.true.monotonic()

    def step(self, seconds: float) -> None:
        """Somebody sets it."""
        self.offset += timedelta(seconds=seconds)

    def set_right(self) -> None:
        """To what it should say."""
        self.offset = timedelta()
