"""Tells all agencies at once what became of consignments: read once, one call to each, forgotten in one transaction.

What an agency does not receipt at once goes into its own outbox (operations.teller), so that nobody is told late
because another agency is away. A crash before the transaction tells it again; agencies know an outcome by its request
id.

Done by the replica that has the duty.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.operations.batches import Batches
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.mail import send_outcomes
from gateway.storage.outcomes import Outcome, forget_untold, put_in_outbox, untold_outcomes

DUTY = "tell"
# Outcomes of several convoys travel together: nobody acts on one within half a second.
GATHER_SECONDS = 0.5
# How long the others wait for an agency that is slow to receipt.
PATIENCE_SECONDS = 1.0
REST_SECONDS = 1.0


def next_outcomes(connection: Connection, context: Context) -> list[tuple[Outcome, Sequence[str]]]:
    """The next batch, each outcome with the agencies to tell."""
    return untold_outcomes(connection, context.limits.convoy_items)


def told_or_left(
    connection: Connection, outcomes: Sequence[Outcome], left: Sequence[tuple[str, Outcome]], context: Context
) -> None:
    """Forgets the batch; what an agency could not be told (agency, outcome) goes into its outbox, due at once."""
    put_in_outbox(connection, left, context.lease_now(connection))
    forget_untold(connection, outcomes)


@dataclass(slots=True)
class Herald:
    """`on_left` hears that something was left for an agency's teller."""

    lines: Mapping[str, Line]
    database: Database
    context: Callable[[], Context]
    duties: Duties
    log: Log
    on_left: Callable[[], None]
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("herald", self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        epoch = self.duties.held.get(DUTY)
        if epoch is None:
            return REST_SECONDS
        await asyncio.sleep(GATHER_SECONDS)
        context = self.context()
        found = await self.database.read(next_outcomes, context)
        if not found:
            return REST_SECONDS
        by_agency: dict[str, list[Outcome]] = {}
        for outcome, agencies in found:
            for agency in agencies:
                by_agency.setdefault(agency, []).append(outcome)
        parts = await asyncio.gather(*(self._tell(agency, outcomes) for agency, outcomes in by_agency.items()))
        left = [each for part in parts for each in part]
        try:
            await self.duties.write(DUTY, epoch, told_or_left, [outcome for outcome, _ in found], left, context)
        except DutyLost:
            return REST_SECONDS
        if left:
            self.on_left()
        return 0.0

    async def _tell(self, agency: str, outcomes: Sequence[Outcome]) -> list[tuple[str, Outcome]]:
        """What the agency did not receipt."""
        line = self.lines.get(agency)
        if line is None or not line.open:
            return [(agency, outcome) for outcome in outcomes]
        batches: Batches[Outcome, bool] = Batches(line, partial(send_outcomes, line), patient=False)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await batches.run(outcomes)
        except TimeoutError:
            self.log.warning("herald.slow", agency=agency, count=len(outcomes))
        return [(agency, outcome) for place, outcome in enumerate(outcomes) if place not in batches.results]
