"""Drives releases on guarantee of one home district: what an outage interrupted goes on, what is not needed goes back.

It takes the step that the state of each due release asks for, all of one kind in one call. Each home has a driver of
its own, so that a partner that is away, or slow, holds nobody else up; nor does one release for which calls fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from agencykit.storage import Database
from gateway.domain.guarantee import STEPS, GuaranteeRelease, Step
from gateway.domain.quarantine import Kind, Poison, reason_of
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.guarantee_steps import due_numbers, put_off, review
from gateway.operations.guarantees import Guarantees
from gateway.operations.ledger import Named
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.quarantine import Aside
from gateway.operations.sift import sift
from gateway.operations.stuck import Failed, Stuck

DUTY = "guarantees"
REST_SECONDS = 1.0


@dataclass(slots=True)
class GuaranteeDriver:
    """Its loop begins with the gateway's. One replica of the district has the duty, for all homes."""

    home: str
    guarantees: Guarantees
    duties: Duties
    log: Log
    aside: Aside
    stuck: Stuck = field(init=False)
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.stuck = Stuck(Kind.GUARANTEE, self.home, self.guarantees.context)
        self.loop = Loop(f"{DUTY}:{self.home}", self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)
        self.guarantees.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        if DUTY not in self.duties.held:
            return REST_SECONDS
        numbers = await self._database.read(due_numbers, self.home, self._context())
        due = await self._reviewed(numbers) if numbers else []
        if not due:
            return REST_SECONDS
        self.guarantees.changed()
        for step in Step:
            if releases := [each for each in due if STEPS.get(each.state) is step]:
                await self._try(step, releases)
        return 0.0

    async def _reviewed(self, numbers: Sequence[str]) -> list[GuaranteeRelease]:
        """Cases that cannot be worked on keep nobody else up."""
        due: list[GuaranteeRelease] = []

        async def look(part: Sequence[str]) -> None:
            due.extend(await self._database.write(review, self.guarantees.agency, self.home, part, self._context()))

        for number, error in await sift(numbers, look):
            poison = self.stuck.unreadable(number, reason_of(error))
            self.aside.tell(await self._database.write(put_off, [], poison, self._context()))
        return due

    async def _try(self, step: Step, releases: Sequence[GuaranteeRelease]) -> None:
        async def put_off_these(later: Sequence[GuaranteeRelease], poison: Sequence[Poison], reason: str) -> None:
            said = {"district": self.home, "operation": step.name, "count": len(later) + len(poison)}
            self.log.warning("guarantee.put_off", reason=reason, **said)
            self.aside.tell(await self._database.write(put_off, later, poison, self._context()))

        await self.stuck.take(releases, partial(self._take, step), put_off_these)

    async def _take(self, step: Step, releases: Sequence[GuaranteeRelease]) -> list[Failed]:
        """Those that it did not move, and why."""
        if step is Step.HOLD:
            # Granted by a scheme, which needs no access codes.
            await self.guarantees.hold([(each, [Named(grn, "") for grn in each.grns]) for each in releases])
            return []
        return await self.guarantees.take(step, releases)

    @property
    def _database(self) -> Database:
        return self.guarantees.database

    def _context(self) -> Context:
        return self.guarantees.context()
