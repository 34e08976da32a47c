"""Tells one agency what it could not be told at once (operations.herald), at least once and in order for each case.

Done by the replica that has the duty.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.domain.answer import Answered
from gateway.operations.batches import Batches
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.storage.audit import Entry, write_audit
from gateway.storage.outcomes import Outcome, due_outcomes, forget_outcomes, put_off_outcome

REST_SECONDS = 1.0


def outcomes_to_tell(connection: Connection, agency: str, context: Context) -> list[Outcome]:
    """The next batch."""
    return due_outcomes(connection, agency, context.lease_now(connection), context.limits.convoy_items)


def told(
    connection: Connection, agency: str, receipted: Sequence[Outcome], refused: Sequence[Outcome], context: Context
) -> list[Outcome]:
    """Forgets what was receipted; what was refused again and again is set aside. Returns what was."""
    forget_outcomes(connection, agency, receipted)
    aside = [outcome for outcome in refused if outcome.attempts + 1 >= context.limits.refusals]
    for outcome in refused:
        later = context.lease_now(connection) + 1_000_000
        put_off_outcome(connection, agency, outcome, None if outcome in aside else later)
    entries = [Entry(each.number, "outcome set aside", agency, {"order": each.order_number}) for each in aside]
    write_audit(connection, context.replica, context.now, entries)
    return aside


@dataclass(slots=True)
class Teller:
    """The teller of one agency."""

    line: Line
    database: Database
    context: Callable[[], Context]
    duties: Duties
    log: Log
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop(f"tell {self.line.name}", self._step, self.log)
        self.duties.add(self.duty)
        self.duties.on_change.append(self.loop.notify)

    @property
    def duty(self) -> str:
        """The name of the duty."""
        return f"tell:{self.line.name}"

    async def _step(self) -> float:
        if self.duty not in self.duties.held or not self.line.open:
            return REST_SECONDS
        name, context = self.line.name, self.context()
        outcomes = await self.database.read(outcomes_to_tell, name, context)
        if not outcomes:
            return REST_SECONDS
        batches: Batches[Outcome, bool] = Batches(self.line, partial(send, self.line), patient=True)
        await batches.run(outcomes)
        receipted = [outcomes[place] for place in batches.results]
        refused = [outcomes[place] for place, why in batches.failures.items() if why.kind is Answered.REFUSED]
        if receipted or refused:
            for outcome in await self.database.write(told, name, receipted, refused, context):
                self.log.error("outcome.set_aside", agency=name, **{"clearance.number": outcome.number})
        return 0.0 if receipted else REST_SECONDS


async def send(line: Line, outcomes: Sequence[Outcome]) -> Sequence[bool]:
    """One RecordOutcomes; CallFailed where it brought no receipts."""
    await line.port.tell(line.name, outcomes, line.limits.call_budget)
    return [True] * len(outcomes)
