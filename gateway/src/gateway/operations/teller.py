"""Tells the agencies what became of their consignments, at least once and in order for each case.

Done by the replica that has the duty. Agencies are told at the same time, and none waits for another.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.domain.answer import Answered
from gateway.operations.batches import Batches
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.tasks import Tasks
from gateway.storage.audit import Entry, write_audit
from gateway.storage.orders import Outcome, due_outcomes, forget_outcomes, put_off_outcome

DUTY = "tell"
# Outcomes of several convoys travel together: nobody acts on one within a tenth of a second.
GATHER_SECONDS = 0.1
REST_SECONDS = 1.0


def outcomes_to_tell(connection: Connection, agencies: Iterable[str], context: Context) -> dict[str, list[Outcome]]:
    """The next batch for each agency that has one."""
    now, most = context.lease_now(connection), context.limits.convoy_items
    found = {agency: due_outcomes(connection, agency, now, most) for agency in agencies}
    return {agency: outcomes for agency, outcomes in found.items() if outcomes}


def told(
    connection: Connection, receipted: Sequence[Outcome], refused: Sequence[Outcome], context: Context
) -> list[Outcome]:
    """Forgets what was receipted; what was refused again and again is set aside. Returns what was."""
    forget_outcomes(connection, receipted)
    aside = [outcome for outcome in refused if outcome.refusals + 1 >= context.limits.refusals]
    for outcome in refused:
        put_off_outcome(connection, outcome, None if outcome in aside else context.lease_now(connection) + 1_000_000)
    entries = [Entry(each.number, "outcome set aside", each.agency, {"order": each.order_number}) for each in aside]
    write_audit(connection, context.replica, context.now, entries)
    return aside


@dataclass(slots=True)
class Teller:
    """Reads the outbox for all agencies at once, tells each by its own line, and writes receipts together."""

    lines: Mapping[str, Line]
    database: Database
    context: Callable[[], Context]
    duties: Duties
    log: Log
    loop: Loop = field(init=False)
    # Agencies that are being told.
    _busy: set[str] = field(default_factory=set)
    _receipted: list[Outcome] = field(default_factory=list)
    _refused: list[Outcome] = field(default_factory=list)
    _telling: Tasks = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("teller", self._step, self.log)
        self._telling = Tasks(self.log, self.loop.notify)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)

    async def drain(self) -> None:
        """Ends the loop and lets calls under way arrive."""
        await self.loop.stop()
        await self._telling.settle()
        await self._store()

    async def _step(self) -> float:
        await asyncio.sleep(GATHER_SECONDS)
        await self._store()
        # What was receipted while that was written is still in the outbox.
        unsaved = {outcome.agency for outcome in (*self._receipted, *self._refused)}
        waiting = self._busy | unsaved
        free = [line.name for line in self.lines.values() if line.name not in waiting and line.open]
        if DUTY not in self.duties.held or not free:
            return REST_SECONDS
        for agency, outcomes in (await self.database.read(outcomes_to_tell, free, self.context())).items():
            self._busy.add(agency)
            self._telling.begin(self._tell(self.lines[agency], outcomes), f"tell {agency}")
        return REST_SECONDS

    async def _tell(self, line: Line, outcomes: Sequence[Outcome]) -> None:
        async def send(batch: Sequence[Outcome]) -> Sequence[bool]:
            await line.port.tell(batch, line.limits.call_budget)
            return [True] * len(batch)

        try:
            batches: Batches[Outcome, bool] = Batches(line, send, patient=True)
            await batches.run(outcomes)
            self._receipted += [outcomes[place] for place in batches.results]
            why = batches.failures.items()
            self._refused += [outcomes[place] for place, answer in why if answer.kind is Answered.REFUSED]
            if not batches.results:
                # Nothing got through: not at once again.
                await asyncio.sleep(REST_SECONDS)
        finally:
            self._busy.discard(line.name)

    async def _store(self) -> None:
        """Receipts of all agencies in one transaction."""
        receipted, refused = self._receipted, self._refused
        if not receipted and not refused:
            return
        self._receipted, self._refused = [], []
        for outcome in await self.database.write(told, receipted, refused, self.context()):
            details = {"clearance.number": outcome.number, "agency": outcome.agency}
            self.log.error("outcome.set_aside", **details)
