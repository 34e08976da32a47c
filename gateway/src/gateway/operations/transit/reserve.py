"""The use of guarantees for movements over the ledgers; every call may be repeated.

Who declares waits until the amount is confirmed or refused. What an outage interrupts the driver of the home district
takes up: what is held is confirmed, what was only asked for is undone, for its access codes are kept nowhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from agencykit.refusals import Unavailable
from agencykit.storage import Database
from gateway.domain.guarantee import STEPS, GuaranteeRelease, ReleaseState, Step, held, stepped
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind, Poison
from gateway.domain.transit.change import Happening
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Side
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.guarantee_steps import put_off
from gateway.operations.ledger import Hold, LedgerPort, Named
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.ports import CallFailed
from gateway.operations.quarantine import Aside
from gateway.operations.stuck import Failed, Stuck
from gateway.operations.transit.carrier import DUTY, REST_SECONDS
from gateway.operations.transit.sheet import load_sheet
from gateway.operations.transit.uses import (
    LEDGER,
    Move,
    due_uses,
    event_of,
    newest_use,
    settled,
    undone,
    uses_of,
    write_uses,
)
from gateway.storage.movements import Key
from gateway.storage.tables import movement_guarantees


@dataclass(slots=True)
class Reservations:
    """`ledgers` are by home district; the own one's is customs', a partner's is reached over its gateway."""

    database: Database
    context: Callable[[], Context]
    ledgers: Mapping[str, LedgerPort]
    # What is to be held for a movement, by its declaration.
    hold_of: Callable[[bytes, Sequence[Named], GuaranteeRelease], Hold]
    amendment_seconds: float
    log: Log
    # Called when steps became due, or letters.
    on_change: list[Callable[[], None]] = field(default_factory=list)

    async def reserve(self, movement: Movement, named: Sequence[Named]) -> None:
        """Held and confirmed, or refused; a repeated call goes on where the last one ended. Raises Unavailable."""
        use = await self._newest(movement.mrn)
        try:
            if use.state is ReleaseState.ASKED:
                hold = self.hold_of(movement.declaration, named, use)
                answers = await self._ledger(use.home).hold([hold], movement.trace)
                await self._record([(use, held(use, answers[0], *self._moments()))])
                use = await self._newest(movement.mrn)
            if use.state is ReleaseState.HELD:
                await self.take(Step.CONFIRM, [use])
        except CallFailed as failed:
            self.log.warning(
                "transit.guarantee_interrupted", reason=failed.reason, movement=movement.mrn, district=use.home
            )
            raise Unavailable from failed

    async def take(self, step: Step, uses: Sequence[GuaranteeRelease]) -> list[Failed]:
        """Takes one step of uses of one home; returns those whose answer ends nothing, with what it was."""
        answers = await self._ledger(uses[0].home).take(step, uses)
        pairs = [(use, stepped(use, step, each, *self._moments())) for use, each in zip(uses, answers, strict=True)]
        unmoved = [(use, answer) for (use, after), answer in zip(pairs, answers, strict=True) if after is None]
        for use, answer in unmoved:
            said = {"movement": use.number, "operation": step.name, "state": answer.use.name, "reason": answer.refusal}
            self.log.error("transit.guarantee_stuck", **said)
        await self._record(pairs)
        return [(use, answer.refusal or answer.use.name) for use, answer in unmoved]

    def changed(self) -> None:
        """Tells whoever has something to do now."""
        for listener in self.on_change:
            listener()

    def _ledger(self, home: str) -> LedgerPort:
        if home not in self.ledgers:
            raise CallFailed("NO_LEDGER")
        return self.ledgers[home]

    async def _record(self, pairs: Sequence[tuple[GuaranteeRelease, GuaranteeRelease | None]]) -> None:
        moves = [(before, after) for before, after in pairs if after is not None]
        await self.database.write(record_uses, moves, self.context())
        self.changed()

    async def _newest(self, mrn: str) -> GuaranteeRelease:
        use = await self.database.read(newest_use, mrn)
        assert use is not None  # every departure has one from its declaration on
        return use

    def _moments(self) -> tuple[Micros, Micros]:
        now = self.context().now
        return now, now + int(self.amendment_seconds * 1e6)


def record_uses(connection: Connection, moves: Sequence[Move], context: Context) -> None:
    """Stores (before, after), those that still are as they were, and tells their movements."""
    keys = {before.number: Key(Side.DEPARTURE, before.number) for before, _ in moves}
    sheet = load_sheet(connection, keys.values())
    known = uses_of(connection, sorted(keys))
    written: list[Move] = []
    for before, after in moves:
        if known[before.number][before.generation - 1] != before:
            continue
        movement = sheet.now[keys[before.number]]
        event = event_of(before, after, movement)
        if event is not None:
            sheet.happen(keys[before.number], Happening(event, LEDGER, context.now))
        written.append((before, settled(after, movement, context.lease_now(connection))))
    write_uses(connection, written, context)
    sheet.write(connection, context)


@dataclass(slots=True)
class ReservationDriver:
    """Of one home district. Done by the replica that has the duty."""

    home: str
    reservations: Reservations
    duties: Duties
    log: Log
    aside: Aside
    stuck: Stuck = field(init=False)
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.stuck = Stuck(Kind.MOVEMENT_GUARANTEE, self.home, self.reservations.context)
        self.loop = Loop(f"{DUTY} guarantees:{self.home}", self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)
        self.reservations.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        if DUTY not in self.duties.held:
            return REST_SECONDS
        database, context = self.reservations.database, self.reservations.context
        due = await database.read(due_uses, self.home, context())
        if not due:
            return REST_SECONDS
        if moves := undone(due):
            await database.write(record_uses, moves, context())
        for step in (Step.CONFIRM, Step.RETURN, Step.CLAIM):
            uses = [use for use in due if STEPS.get(use.state) is step]
            if uses:
                await self._try(step, uses)
        return 0.0

    async def _try(self, step: Step, uses: Sequence[GuaranteeRelease]) -> None:
        context, database = self.reservations.context, self.reservations.database

        async def put_off_these(later: Sequence[GuaranteeRelease], poison: Sequence[Poison], reason: str) -> None:
            said = {"district": self.home, "operation": step.name, "count": len(later) + len(poison)}
            self.log.warning("transit.guarantee_put_off", reason=reason, **said)
            self.aside.tell(await database.write(put_off, later, poison, context(), movement_guarantees))

        await self.stuck.take(uses, partial(self.reservations.take, step), put_off_these)
