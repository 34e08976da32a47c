"""A stream of one agency, read by the one replica that has the duty: from the stored position to its end, and again."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from agencykit.runtime import Randomness
from gateway.domain.breaker import back_off_seconds
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import CallFailed

Part = TypeVar("Part")

MOST_BACK_OFF_SECONDS = 3.0


@dataclass(slots=True)
class DutyStream(Generic[Part]):
    """`begin` opens the stream at the stored position, `take` stores a part, `end` what is left when the stream ends.

    `take` and `end` raise DutyLost where another replica has the duty.
    """

    # `follow:customs`
    duty: str
    line: Line
    context: Callable[[], Context]
    duties: Duties
    randomness: Randomness
    log: Log
    begin: Callable[[], Awaitable[AsyncGenerator[Part, None]]]
    take: Callable[[Part], Awaitable[None]]
    end: Callable[[], Awaitable[None]] | None = None
    # Hears why a stream was refused or broke off.
    broken: Callable[[str], Awaitable[None]] | None = None
    loop: Loop = field(init=False)
    _failures: int = 0

    def __post_init__(self) -> None:
        self.loop = Loop(self.duty, self._step, self.log)
        self.duties.add(self.duty)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        """One stream, from the stored position to its end."""
        if self.duty not in self.duties.held:
            return self.context().limits.duty_lease
        try:
            async with aclosing(await self.begin()) as parts:
                async for part in parts:
                    await self.take(part)
                    self._found()
            if self.end is not None:
                await self.end()
        except DutyLost:
            self.duties.lost(self.duty)
            return 0.0
        except CallFailed as failed:
            self._failures += 1
            if self._failures == 1:
                self.log.warning("feed.lost", agency=self.line.name, operation=self.duty, reason=failed.reason)
            if self.broken is not None:
                await self.broken(failed.reason)
            return back_off_seconds(self._failures, self.randomness.uniform(0, 1), most_seconds=MOST_BACK_OFF_SECONDS)
        return 0.0

    def _found(self) -> None:
        """The stream is there. After it was lost, that says that the agency has come back."""
        if self._failures:
            self._failures = 0
            self.line.returned()
