"""Drives releases on guarantee of one home district: what an outage interrupted goes on, what is not needed goes back.

It takes the step that the state of each due release asks for, all of one kind in one call. Each home has a driver of
its own, so that a partner that is away, or slow, holds nobody else up; nor does one release for which calls fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from agencykit.storage import Database
from gateway.domain.guarantee import STEPS, GuaranteeRelease, Step
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.guarantee_steps import is_due, put_off, review
from gateway.operations.guarantees import Guarantees
from gateway.operations.ledger import Named
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import CallFailed

DUTY = "guarantees"
REST_SECONDS = 1.0


@dataclass(slots=True)
class GuaranteeDriver:
    """Its loop begins with the gateway's. One replica of the district has the duty, for all homes."""

    home: str
    guarantees: Guarantees
    duties: Duties
    log: Log
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop(f"{DUTY}:{self.home}", self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)
        self.guarantees.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        if DUTY not in self.duties.held:
            return REST_SECONDS
        if not await self._database.read(is_due, self.home, self._context()):
            return REST_SECONDS
        due = await self._database.write(review, self.guarantees.agency, self.home, self._context())
        if not due:
            return REST_SECONDS
        self.guarantees.changed()
        for step in Step:
            if releases := [each for each in due if STEPS.get(each.state) is step]:
                await self._try(step, releases)
        return 0.0

    async def _try(self, step: Step, releases: Sequence[GuaranteeRelease]) -> None:
        """Where one of them may be to blame for the failure, the others are taken in smaller calls."""
        try:
            if step is Step.HOLD:
                # Granted by a scheme, which needs no access codes.
                await self.guarantees.hold([(each, [Named(grn, "") for grn in each.grns]) for each in releases])
            else:
                await self.guarantees.take(step, releases)
        except CallFailed as failed:
            half = len(releases) // 2
            if failed.item_suspected and half:
                await self._try(step, releases[:half])
                await self._try(step, releases[half:])
                return
            said = {"district": self.home, "operation": step.name, "count": len(releases), "reason": failed.reason}
            self.log.warning("guarantee.put_off", **said)
            await self._database.write(put_off, releases, self._context())

    @property
    def _database(self) -> Database:
        return self.guarantees.database

    def _context(self) -> Context:
        return self.guarantees.context()
