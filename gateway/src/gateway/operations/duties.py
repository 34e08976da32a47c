"""Duties: what one replica at a time does for the district, such as following a feed. Held and renewed by lease."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.storage.leases import leave_duties, take_duties


def renew(connection: Connection, names: Iterable[str], context: Context) -> dict[str, int]:
    """Takes or renews duties for one lease; returns the epochs of those held."""
    lease = int(context.limits.duty_lease * 1e6)
    return take_duties(connection, sorted(names), context.replica, context.lease_now(connection), lease)


@dataclass(slots=True)
class Duties:
    """`held` are the duties this replica has, with the epoch under which it has them."""

    database: Database
    context: Callable[[], Context]
    log: Log
    held: dict[str, int] = field(default_factory=dict)
    # Called when duties came or went.
    on_change: list[Callable[[], None]] = field(default_factory=list)
    loop: Loop = field(init=False)
    _names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.loop = Loop("duties", self._step, self.log)

    def add(self, name: str) -> None:
        """One more duty to strive for."""
        self._names.add(name)

    async def give_up(self) -> None:
        """Lets another replica take over at once."""
        await self.loop.stop()
        self.held = {}
        await self.database.write(leave_duties, self.context().replica)

    async def _step(self) -> float:
        context = self.context()
        if self._names:
            held = await self.database.write(renew, self._names, context)
            changed, self.held = held != self.held, held
            for listener in self.on_change if changed else ():
                listener()
        return context.limits.duty_lease / 3
