"""Says to every agency, every few seconds, up to which moment it has been told all there was to tell.

An agency that acts on orders (the port at its gate) must know that no stop order is on its way to it: hearing nothing
could as well mean that nobody can reach it. What an agency has not receipted holds its moment back, so that a gate is
closed and not open while a stop order waits in an outbox. What the agency answers of its logs is countersigned
(operations.witness).

Each word says which was receipted last. An agency that does not know that one is an old copy, put back, and has lost
orders since: it refuses, is told again all that stands, page by page, and hears no word until it has receipted that.

Done by the replica that tells (operations.herald). Every replica learns by it, as often, by which keys the others sign:
whoever takes up a case of theirs sends what they vouched for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.domain.identifiers import Micros
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.herald import DUTY, REST_SECONDS
from gateway.operations.lines import Line, NotSent
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import POSITION_AHEAD, CallFailed
from gateway.operations.witness import Witness
from gateway.storage.assurances import (
    begin_retelling,
    being_retold,
    keep_receipted,
    move_retelling,
    receipted_times,
)
from gateway.storage.outcomes import oldest_outboxed, oldest_untold, tell_again

INTERVAL_SECONDS = 5.0


class Word(NamedTuple):
    """What one agency is told: up to which moment, and which one it receipted last."""

    moment: Micros
    receipted: Micros | None


def words(connection: Connection, context: Context, agencies: list[str]) -> Mapping[str, Word]:
    """For each agency; none for one that is still being told again."""
    receipted, retold = receipted_times(connection), being_retold(connection)
    moments = complete_times(connection, context, [agency for agency in agencies if agency not in retold])
    return {agency: Word(moment, receipted.get(agency)) for agency, moment in moments.items()}


def complete_times(connection: Connection, context: Context, agencies: list[str]) -> Mapping[str, Micros]:
    """For each agency the moment before which all that was recorded has been told to it."""
    moments = [context.lease_now(connection), oldest_untold(connection)]
    outboxed = oldest_outboxed(connection)
    return {
        agency: min([moment for moment in (*moments, outboxed.get(agency)) if moment is not None])
        for agency in agencies
    }


def heard(connection: Connection, receipted: Mapping[str, Micros], behind: list[str]) -> None:
    """Keeps what was receipted; those who knew less than they had receipted are to be told all again."""
    keep_receipted(connection, receipted)
    begin_retelling(connection, behind)


def retell_next(connection: Connection, context: Context) -> bool:
    """One more page for each agency that is being told again, until it has receipted all; whether there is another."""
    more = False
    for agency, before in being_retold(connection).items():
        now, size = context.lease_now(connection), context.limits.convoy_items
        after = tell_again(connection, agency, before, now, size)
        over = after is None and agency not in oldest_outboxed(connection)
        move_retelling(connection, agency, before, None if over else after or before)
        more = more or after is not None
    return more


@dataclass(slots=True)
class Assurer:
    """Its loop begins with the gateway's."""

    lines: Mapping[str, Line]
    database: Database
    context: Callable[[], Context]
    duties: Duties
    log: Log
    witness: Witness
    # Reads the district's signing keys anew.
    learn_keys: Callable[[], Awaitable[object]]
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("assure", self._step, self.log)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        await self.learn_keys()
        epoch = self.duties.held.get(DUTY)
        if epoch is None:
            return INTERVAL_SECONDS
        try:
            return await self._assure_all(epoch)
        except DutyLost:
            return REST_SECONDS

    async def _assure_all(self, epoch: int) -> float:
        if await self.database.read(being_retold):
            while await self.duties.write(DUTY, epoch, retell_next, self.context()):
                pass
        lines = [line for line in self.lines.values() if line.open]
        told = await self.database.read(words, self.context(), [line.name for line in lines])
        answers = await asyncio.gather(*(self._assure(self.lines[name], word) for name, word in told.items()))
        receipted = {name: word.moment for (name, word), answer in zip(told.items(), answers, strict=True) if answer}
        behind = [name for name, answer in zip(told, answers, strict=True) if answer is False]
        if receipted or behind:
            await self.duties.write(DUTY, epoch, heard, receipted, behind)
        return REST_SECONDS if behind else INTERVAL_SECONDS

    async def _assure(self, line: Line, word: Word) -> bool | None:
        """Whether it receipted the word; None where it gave no answer to it.

        An agency that is away is not told: its view grows old, which is what it must do.
        """
        try:
            async with line.call(patient=False):
                asked = dict(self.witness.newest)
                told = await line.port.assure(*word, line.limits.call_budget)
        except NotSent:
            return None
        except CallFailed as failed:
            if failed.reason == POSITION_AHEAD:
                self.log.error("agency.old_copy", agency=line.name)
                return False
            self.log.warning("assurance.failed", agency=line.name, reason=failed.reason)
            return None
        if told is None:
            return None
        self.witness.heard(line.name, told, asked)
        return True
