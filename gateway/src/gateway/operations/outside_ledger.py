"""The ledger of a partner district. What it has confirmed the own customs must know, for it decides on its own records.

    confirm    confirmed at home, then recorded with the own customs; only then is it confirmed
    return     ended with the own customs, for good; only then cancelled or credited at home
    claim      claimed at home; what the own customs has recorded stands for what was open

So what customs counts is never less safe than what stands at home, wherever a call is lost; each may be repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.domain.guarantee import GuaranteeRelease, LedgerAnswer, Step, UseState
from gateway.operations.ledger import Hold, LedgerPort


class CoversPort(Protocol):
    """The own customs' records of what partners have confirmed. Calls raise CallFailed where nothing was answered."""

    async def record(self, releases: Sequence[GuaranteeRelease]) -> Sequence[str]:
        """Records these; for each the reason why it was refused, empty where it now stands."""
        ...

    async def end(self, releases: Sequence[GuaranteeRelease]) -> None:
        """Ends these for good, also those that were never recorded."""
        ...


@dataclass(frozen=True, slots=True)
class OutsideLedger:
    """See LedgerPort."""

    home: LedgerPort
    covers: CoversPort

    async def hold(self, holds: Sequence[Hold], span: str) -> Sequence[LedgerAnswer]:
        """See LedgerPort."""
        return await self.home.hold(holds, span)

    async def take(self, step: Step, releases: Sequence[GuaranteeRelease]) -> Sequence[LedgerAnswer]:
        """See LedgerPort."""
        if step is Step.RETURN:
            await self.covers.end(releases)
            return await self.home.take(step, releases)
        answers = await self.home.take(step, releases)
        if step is Step.CONFIRM:
            return await self._recorded(releases, answers)
        # A use that came back before it could be claimed stands for nothing.
        back = [each for each, answer in zip(releases, answers, strict=True) if answer.use is UseState.CREDITED]
        if back:
            await self.covers.end(back)
        return answers

    async def _recorded(
        self, releases: Sequence[GuaranteeRelease], answers: Sequence[LedgerAnswer]
    ) -> Sequence[LedgerAnswer]:
        """Confirmed is what is recorded too; what was ended meanwhile is given back."""
        confirmed = [each for each, answer in zip(releases, answers, strict=True) if answer.use is UseState.CONFIRMED]
        refusals = iter(await self.covers.record(confirmed) if confirmed else ())
        after = []
        for answer in answers:
            refusal = next(refusals) if answer.use is UseState.CONFIRMED else ""
            after.append(LedgerAnswer(UseState.UNKNOWN, refusal) if refusal else answer)
        return after
