"""Follows the port's list of what left it, while this replica has the duty. Reading it again costs nothing."""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from agencykit.runtime import Randomness
from agencykit.storage import Database
from gateway.domain.exit import Exit
from gateway.domain.quarantine import Kind, Poison, reason_of
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost, fenced
from gateway.operations.duty_stream import DutyStream
from gateway.operations.exits import Noted, exit_position, pass_over, record_again, record_exits
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.ports import ExitPart, GatePort
from gateway.operations.quarantine import Aside, set_aside
from gateway.operations.sift import WHOLE, Tries
from gateway.storage.quarantine import requeued

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
# Taken up again at a time.
MOST = 64


@dataclass(slots=True)
class ExitFollower:
    """The follower of the gate that the agency of this line keeps."""

    line: Line
    gate: GatePort
    database: Database
    context: Callable[[], Context]
    duties: Duties
    randomness: Randomness
    log: Log
    aside: Aside
    # Called when cases changed.
    on_change: Callable[[], None]
    tries: Tries = field(default_factory=Tries)
    stream: DutyStream[ExitPart] = field(init=False)

    def __post_init__(self) -> None:
        shared = (self.line, self.context, self.duties, self.randomness, self.log)
        self.stream = DutyStream(f"exits:{self.line.name}", *shared, self._begin, self._take)

    async def _begin(self) -> AsyncGenerator[ExitPart, None]:
        return self.gate.exits(await self.database.read(exit_position, self.line.name))

    async def _take(self, part: ExitPart) -> None:
        if part.exits:
            await self._record(part.exits, part.position)

    async def _record(self, exits: Sequence[Exit], reached: int) -> None:
        """In their order; where it fails, by halves, until what makes it fail stands alone."""
        try:
            noted = await self._write(record_exits, self.line.name, exits, reached, self.context())
        except WHOLE:
            raise
        except Exception as error:
            half = len(exits) // 2
            if not half:
                await self._poison(exits[0], reached, error)
                return
            await self._record(exits[:half], exits[half - 1].position)
            await self._record(exits[half:], reached)
        else:
            self._tell(noted)

    async def _poison(self, exit: Exit, reached: int, error: Exception) -> None:
        """The list is read again from here a few times, then on without it."""
        if not self.tries.failed(exit.position, self.context().limits.refusals):
            raise error
        self.tries.forget(exit.position)
        said = (self.line.name, exit, reached, reason_of(error))
        self._tell(Noted(aside=await self._write(pass_over, *said, self.context())))

    async def retry(self) -> None:
        """What somebody has tried again, in the order of the list."""
        items = await self.database.read(requeued, Kind.EXIT, self.line.name, MOST)
        for item in sorted(items, key=lambda item: int(item.subject)):
            try:
                noted = await self._write(record_again, self.line.name, item, self.context())
            except WHOLE:
                raise
            except Exception as error:
                poison = Poison(item.kind, item.party, item.number, item.subject, reason_of(error), 1)
                noted = Noted(aside=await self._write(set_aside, [poison], self.context()))
            self._tell(noted)

    async def _write(
        self,
        function: Callable[Concatenate[Connection, Parameters], Result],
        /,
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        epoch = self.duties.held.get(self.stream.duty)
        if epoch is None:
            raise DutyLost
        return await self.database.write(fenced, self.stream.duty, epoch, function, *args, **kwargs)

    def _tell(self, noted: Noted) -> None:
        for number in noted.unreleased:
            self.log.error("exit.unreleased", agency=self.line.name, **{"clearance.number": number})
        self.aside.tell(noted.aside)
        self.on_change()
