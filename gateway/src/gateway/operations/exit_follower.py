"""Follows the port's list of what left it, while this replica has the duty. Reading it again costs nothing."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from agencykit.runtime import Randomness
from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.duty_stream import DutyStream
from gateway.operations.exits import exit_position, record_exits
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.ports import ExitPart, GatePort


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
    # Called when cases changed.
    on_change: Callable[[], None]
    stream: DutyStream[ExitPart] = field(init=False)

    def __post_init__(self) -> None:
        shared = (self.line, self.context, self.duties, self.randomness, self.log)
        self.stream = DutyStream(f"exits:{self.line.name}", *shared, self._begin, self._take)

    async def _begin(self) -> AsyncGenerator[ExitPart, None]:
        return self.gate.exits(await self.database.read(exit_position, self.line.name))

    async def _take(self, part: ExitPart) -> None:
        if not part.exits:
            return
        duty, agency = self.stream.duty, self.line.name
        epoch = self.duties.held.get(duty)
        if epoch is None:
            raise DutyLost
        unreleased = await self.database.write(
            record_exits, duty, epoch, agency, part.exits, part.position, self.context()
        )
        if unreleased is None:
            raise DutyLost
        for number in unreleased:
            self.log.error("exit.unreleased", agency=agency, **{"clearance.number": number})
        self.on_change()
