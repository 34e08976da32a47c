"""Releases on guarantee over the ledgers; every call of the journey may be repeated.

Who asks waits until the amount is confirmed. What an outage interrupts, and what a scheme grants, the driver of the
home district takes up (operations.guarantee_driver).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agencykit.refusals import StateForbids, Unavailable
from agencykit.storage import Database
from gateway.domain.guarantee import GuaranteeRelease, LedgerAnswer, ReleaseState, Step, held, stepped
from gateway.domain.guarantee_acts import Move
from gateway.domain.home import Homes
from gateway.domain.identifiers import Micros
from gateway.domain.proposal import Proposal
from gateway.operations.claims import claim, claims_of, withdraw_claim
from gateway.operations.context import Context
from gateway.operations.guarantee_steps import Act, Asked, about, ask, cancel, record_moves, releases_of
from gateway.operations.ledger import HoldMaker, LedgerPort, Named
from gateway.operations.log import Log
from gateway.operations.ports import CallFailed, Spans
from gateway.operations.reservations import Reservations
from gateway.operations.stuck import Failed


@dataclass(slots=True)
class Guarantees:
    """`ledgers` are by home district; none where no agency of this district keeps guarantees, whose cover is asked."""

    database: Database
    context: Callable[[], Context]
    ledgers: Mapping[str, LedgerPort]
    hold_of: HoldMaker
    homes: Homes
    # Name of the agency that keeps the own ledger.
    agency: str
    amendment_seconds: float
    spans: Spans
    log: Log
    # Called when cases became due, or a step of a release.
    on_change: list[Callable[[], None]] = field(default_factory=list)

    async def ask(self, asked: Asked, named: Sequence[Named]) -> GuaranteeRelease:
        """Held and confirmed, or refused with nothing held. Raises Unavailable where it must be asked again."""
        if asked.home not in self.ledgers:
            raise StateForbids("NO_LEDGER", "RequestGuaranteeRelease")
        made = await self.database.write(ask, asked, self.context())
        try:
            if made.state is ReleaseState.ASKED:
                await self.hold([(made, named)])
                made = await self._newest(made)
            if made.state is ReleaseState.HELD:
                await self.take(Step.CONFIRM, [made])
                made = await self._newest(made)
        except CallFailed as failed:
            said = {"clearance.number": made.number, "district": made.home}
            self.log.warning("guarantee.interrupted", reason=failed.reason, **said)
            raise Unavailable from failed
        return made

    async def cancel(self, wanted: Act) -> GuaranteeRelease:
        """Being returned; the driver does it."""
        after = await self.database.write(cancel, wanted, self.context())
        self.changed()
        return after

    async def claim(self, wanted: Act, reason: str) -> GuaranteeRelease:
        """Proposed to be claimed, or being claimed, which the driver does."""
        after = await self.database.write(claim, wanted, reason, self.context())
        self.changed()
        return after

    async def withdraw_claim(self, wanted: Act) -> GuaranteeRelease:
        """No longer proposed to be claimed."""
        return await self.database.write(withdraw_claim, wanted, self.context())

    async def claims_of(self, number: str) -> Mapping[int, Proposal]:
        """Generation -> who has proposed to claim it."""
        return await self.database.read(claims_of, number)

    async def of(self, number: str, broker: str) -> list[GuaranteeRelease]:
        """All of one case."""
        return await self.database.read(releases_of, number, broker)

    async def hold(self, wanted: Sequence[tuple[GuaranteeRelease, Sequence[Named]]]) -> None:
        """For cases of one home, in one call; by the versions that they were asked for, so that a repeated hold is the
        same hold.
        """
        releases = [release for release, _ in wanted]
        found = await self.database.read(about, releases)
        reservations = Reservations(self.spans, [(each, case) for each, (case, _) in zip(releases, found, strict=True)])
        home, failures = releases[0].home, [""] * len(releases)
        try:
            holds = [
                self.hold_of(consignment, named, release)
                for (release, named), (_, consignment) in zip(wanted, found, strict=True)
            ]
            answers = await self._ledger(home).hold(holds, reservations.call)
            failures = [answer.refusal for answer in answers]
        except CallFailed as failed:
            failures = [failed.reason] * len(releases)
            raise
        finally:
            reservations.end(home, failures)
        moments = self._moments()
        await self._record(
            [(each, held(each, answer, *moments)) for each, answer in zip(releases, answers, strict=True)]
        )

    async def take(self, step: Step, releases: Sequence[GuaranteeRelease]) -> list[Failed]:
        """Takes one step of uses of one home; returns those whose answer ends nothing, with what it was."""
        answers = await self._ledger(releases[0].home).take(step, releases)
        now, until = self._moments()
        pairs = [
            (each, stepped(each, step, answer, now, until)) for each, answer in zip(releases, answers, strict=True)
        ]
        unmoved = [(each, answer) for (each, after), answer in zip(pairs, answers, strict=True) if after is None]
        self._warn(step, unmoved)
        await self._record(pairs)
        return [(each, answer.refusal or answer.use.name) for each, answer in unmoved]

    def changed(self) -> None:
        """Tells whoever has something to do now."""
        for listener in self.on_change:
            listener()

    def _ledger(self, home: str) -> LedgerPort:
        ledger = self.ledgers.get(home)
        if ledger is None:
            # A partner that is no longer configured; what is open there stays so until it is again.
            raise CallFailed("NO_LEDGER")
        return ledger

    def _warn(self, step: Step, unmoved: Sequence[tuple[GuaranteeRelease, LedgerAnswer]]) -> None:
        for each, answer in unmoved:
            said = {"clearance.number": each.number, "guarantee.use": each.generation, "district": each.home}
            self.log.error("guarantee.stuck", operation=step.name, state=answer.use.name, reason=answer.refusal, **said)

    async def _record(self, pairs: Sequence[tuple[GuaranteeRelease, GuaranteeRelease | None]]) -> None:
        moves: list[Move] = [(before, after) for before, after in pairs if after is not None]
        if moves:
            await self.database.write(record_moves, moves, self.context())
            self.changed()

    async def _newest(self, of: GuaranteeRelease) -> GuaranteeRelease:
        """As it stands now."""
        return (await self.of(of.number, ""))[of.generation - 1]

    def _moments(self) -> tuple[Micros, Micros]:
        """Now, and until when guarantees may be amended that are refused now."""
        now = self.context().now
        return now, now + int(self.amendment_seconds * 1e6)
