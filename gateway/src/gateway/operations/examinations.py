"""The journey of a joint examination over the port and the agencies; every call of it may be repeated."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from agencykit.refusals import Unavailable
from agencykit.storage import Database
from gateway.domain.examination import Examination, ExaminationState
from gateway.operations.context import Context
from gateway.operations.examine import Step, Wanted, examinations_of, propose, settle, step
from gateway.operations.log import Log
from gateway.operations.ports import CallFailed, ExaminerPort, SlotPort

DECLINED = "AGENCY_DECLINED"
NOBODY = "NOBODY_EXAMINES"


@dataclass(slots=True)
class Examinations:
    """`slots` is None where no agency of the district keeps slots: there is then nowhere to open goods."""

    database: Database
    context: Callable[[], Context]
    slots: SlotPort | None
    examiners: Mapping[str, ExaminerPort]
    log: Log

    async def arrange(self, wanted: Wanted) -> Examination:
        """Arranged, or declined with the slot given back. Raises Unavailable where it must be resumed."""
        made = await self.database.write(propose, wanted, self.context())
        if made.state is not ExaminationState.PROPOSED:
            return made
        try:
            after = await self._asked(made)
            if after.state is ExaminationState.DECLINED and after.appointment_id:
                await self._give_back(after)
        except CallFailed as failed:
            self.log.warning("examination.interrupted", reason=failed.reason, **{"clearance.number": made.number})
            raise Unavailable from failed
        if await self.database.write(settle, made, after, wanted.operator, self.context()):
            return after
        return (await self.database.read(examinations_of, made.number))[made.round - 1]

    async def cancel(self, act: Step) -> Examination:
        """Cancelled, and the slot given back. Raises Unavailable where the port does not answer: ask again."""
        after = await self.database.write(step, act, ExaminationState.CANCELLED, self.context())
        try:
            await self._give_back(await self._with_slot(after))
        except CallFailed as failed:
            raise Unavailable from failed
        return after

    async def opened(self, act: Step) -> Examination:
        """The opening recorded."""
        return await self.database.write(step, act, ExaminationState.OPENED, self.context())

    async def of(self, number: str) -> list[Examination]:
        """All of one case."""
        return await self.database.read(examinations_of, number)

    async def _asked(self, made: Examination) -> Examination:
        """Slot first: agencies are asked for a time that can be had."""
        if self.slots is None:
            return replace(made, state=ExaminationState.DECLINED, decline_reason="NO_SLOTS")
        booked = await self.slots.book(made)
        if booked.refusal:
            return replace(made, state=ExaminationState.DECLINED, decline_reason=booked.refusal)
        made = replace(made, appointment_id=booked.appointment_id)
        answers = await asyncio.gather(*(self.examiners[agency].propose(agency, made) for agency in made.agencies))
        told = dict(zip(made.agencies, answers, strict=True))
        # Who has no examination open any more does not take part.
        agencies = tuple(agency for agency, accepted in told.items() if accepted is not None)
        declined = [agency for agency in agencies if not told[agency]]
        if declined or not agencies:
            reason = f"{DECLINED}:{declined[0]}" if declined else NOBODY
            return replace(made, state=ExaminationState.DECLINED, decline_reason=reason)
        return replace(made, state=ExaminationState.ARRANGED, agencies=agencies)

    async def _with_slot(self, examination: Examination) -> Examination:
        """With the slot that an interrupted arrangement may have taken: booked again, it is the same one."""
        if examination.appointment_id or self.slots is None:
            return examination
        return replace(examination, appointment_id=(await self.slots.book(examination)).appointment_id)

    async def _give_back(self, examination: Examination) -> None:
        if self.slots is not None and examination.appointment_id:
            await self.slots.cancel(examination)
