"""Duties: what one replica at a time does for the district, such as following a feed. Held and renewed by lease.

A replica that slept past its lease does not know it. So whatever a duty writes is written on condition of the epoch
under which the duty was held when the work began: whoever has it since then has another.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from agencykit.refusals import LogUnwritable, Unavailable
from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.storage.leases import holds_duty, leave_duties, take_duties

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class DutyLost(Exception):
    """Another replica has the duty now; nothing was written."""


def renew(connection: Connection, names: Iterable[str], context: Context) -> dict[str, int]:
    """Takes or renews duties for one lease; returns the epochs of those held."""
    lease = int(context.limits.duty_lease * 1e6)
    return take_duties(connection, sorted(names), context.replica, context.lease_now(connection), lease)


def fenced(
    connection: Connection,
    duty: str,
    epoch: int,
    function: Callable[Concatenate[Connection, Parameters], Result],
    /,
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Result:
    """The function's result, in its transaction, where the duty is still held under this epoch; else DutyLost."""
    if not holds_duty(connection, duty, epoch):
        raise DutyLost
    return function(connection, *args, **kwargs)


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
    # How often something was not written because the duty had gone to another replica.
    refused: int = 0
    _names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.loop = Loop("duties", self._step, self.log)

    def add(self, name: str) -> None:
        """One more duty to strive for."""
        self._names.add(name)

    async def write(
        self,
        duty: str,
        epoch: int,
        function: Callable[Concatenate[Connection, Parameters], Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Runs it in one transaction, if the duty is still held as it was when the work began. Raises DutyLost."""
        try:
            return await self.database.write(fenced, duty, epoch, function, *args, **kwargs)
        except DutyLost:
            self.lost(duty)
            raise

    def lost(self, duty: str) -> None:
        """Something was not written, because the duty had gone to another replica."""
        self.refused += 1
        self.log.warning("duty.fenced", operation=duty)

    async def give_up(self) -> None:
        """Lets another replica take over at once; where that cannot be written, the leases run out by themselves."""
        await self.loop.stop()
        self.held = {}
        with suppress(Unavailable, LogUnwritable):
            await self.database.write(leave_duties, self.context().replica)

    async def _step(self) -> float:
        context = self.context()
        if self._names:
            try:
                held = await self.database.write(renew, self._names, context)
            except LogUnwritable:
                # Nobody has a duty in an old copy: no order, no letter, no word to agencies.
                held = {}
            changed, self.held = held != self.held, held
            for listener in self.on_change if changed else ():
                listener()
        return context.limits.duty_lease / 3
