"""Says to every agency, every few seconds, up to which moment it has been told all there was to tell.

An agency that acts on orders (the port at its gate) must know that no stop order is on its way to it: hearing nothing
could as well mean that nobody can reach it. What an agency has not receipted holds its moment back, so that a gate is
closed and not open while a stop order waits in an outbox. What the agency answers of its logs is countersigned
(operations.witness).

Done by the replica that tells (operations.herald).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.domain.identifiers import Micros
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.herald import DUTY, REST_SECONDS
from gateway.operations.lines import Line, NotSent
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import CallFailed
from gateway.operations.witness import Witness
from gateway.storage.outcomes import oldest_outboxed, oldest_untold

INTERVAL_SECONDS = 5.0


def complete_times(connection: Connection, context: Context, agencies: list[str]) -> Mapping[str, Micros]:
    """For each agency the moment before which all that was recorded has been told to it."""
    moments = [context.lease_now(connection), oldest_untold(connection)]
    outboxed = oldest_outboxed(connection)
    return {
        agency: min([moment for moment in (*moments, outboxed.get(agency)) if moment is not None])
        for agency in agencies
    }


@dataclass(slots=True)
class Assurer:
    """Its loop begins with the gateway's."""

    lines: Mapping[str, Line]
    database: Database
    context: Callable[[], Context]
    duties: Duties
    log: Log
    witness: Witness
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("assure", self._step, self.log)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        if DUTY not in self.duties.held:
            return REST_SECONDS
        lines = [line for line in self.lines.values() if line.open]
        moments = await self.database.read(complete_times, self.context(), [line.name for line in lines])
        await asyncio.gather(*(self._assure(line, moments[line.name]) for line in lines))
        return INTERVAL_SECONDS

    async def _assure(self, line: Line, moment: Micros) -> None:
        """An agency that is away is not told: its view grows old, which is what it must do."""
        try:
            async with line.call(patient=False):
                asked = dict(self.witness.newest)
                told = await line.port.assure(moment, line.limits.call_budget)
                self.witness.heard(line.name, told, asked)
        except NotSent:
            return
        except CallFailed as failed:
            self.log.warning("assurance.failed", agency=line.name, reason=failed.reason)
