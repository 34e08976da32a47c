"""Follows the port's list of what left it, while this replica has the duty. Reading it again costs nothing."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from agencykit.runtime import Randomness
from agencykit.storage import Database
from gateway.domain.breaker import back_off_seconds
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.exits import exit_position, record_exits
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import CallFailed, ExitPart, GatePort

MOST_REST_SECONDS = 10.0


@dataclass(slots=True)
class ExitFollower:
    """The follower of one gate, of the agency of this name."""

    agency: str
    gate: GatePort
    database: Database
    context: Callable[[], Context]
    duties: Duties
    randomness: Randomness
    log: Log
    # Called when cases changed.
    on_change: Callable[[], None]
    loop: Loop = field(init=False)
    _failures: int = 0

    def __post_init__(self) -> None:
        self.loop = Loop(f"exits {self.agency}", self._step, self.log)
        self.duties.add(self.duty)
        self.duties.on_change.append(self.loop.notify)

    @property
    def duty(self) -> str:
        """The name of the duty."""
        return f"exits:{self.agency}"

    async def _step(self) -> float:
        """One stream, from the stored position to its end."""
        if self.duty not in self.duties.held:
            return self.context().limits.duty_lease
        position = await self.database.read(exit_position, self.agency)
        try:
            async with aclosing(self.gate.exits(position)) as parts:
                async for part in parts:
                    self._failures = 0
                    if not await self._take(part):
                        return 0.0
        except CallFailed as failed:
            self._failures += 1
            if self._failures == 1:
                self.log.warning("exits.lost", agency=self.agency, reason=failed.reason)
            return back_off_seconds(self._failures, self.randomness.uniform(0, 1), most_seconds=MOST_REST_SECONDS)
        return 0.0

    async def _take(self, part: ExitPart) -> bool:
        """Whether the duty is still held."""
        if not part.exits:
            return True
        epoch = self.duties.held.get(self.duty)
        if epoch is None:
            return False
        told = (self.duty, epoch, self.agency, part.exits, part.position)
        unreleased = await self.database.write(record_exits, *told, self.context())
        if unreleased is None:
            return False
        for number in unreleased:
            self.log.error("exit.unreleased", agency=self.agency, **{"clearance.number": number})
        self.on_change()
        return True
