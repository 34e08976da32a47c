"""Convoys: submissions that arrive while one is under way gather and leave together. Nothing delays a lone one.

(1) the intent of all is stored        operations.accept
(2) every agency is asked at once      operations.flights
(3) answers are recorded as they come  operations.record
(4) callers hear as soon as no agency that their own case needs is still to answer
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agencykit.refusals import LogUnwritable, Refusal, Unavailable
from agencykit.runtime import Clock
from agencykit.storage import Database
from gateway.domain.pace import Pace
from gateway.operations.accept import Accepted, accept
from gateway.operations.board import Board
from gateway.operations.context import Context
from gateway.operations.flights import Flights
from gateway.operations.log import Log
from gateway.operations.questions import Cargo
from gateway.operations.queue import Entry, Queue
from gateway.operations.tasks import Tasks
from gateway.operations.trip import Trip
from gateway.storage.consignments import Version

# It is not about any one of them: the database is away, or an old copy.
NOBODY = (Unavailable, LogUnwritable)


@dataclass(slots=True)
class Convoys:
    """The queue, and the convoys under way."""

    database: Database
    clock: Clock
    context: Callable[[], Context]
    queue: Queue
    flights: Flights
    board: Board
    pace: Pace
    tasks: Tasks
    log: Log
    under_way: int = 0
    closed: bool = False
    _pumping: "asyncio.Handle | None" = None

    def join(self, entries: Sequence[Entry]) -> None:
        """Adds submissions to the next convoy; Overloaded at once where too many wait already."""
        if self.closed:
            raise Unavailable
        self.queue.add(entries, self.pace.wait + self.pace.work)
        self._soon()

    async def drain(self) -> None:
        """Takes no more, and returns when all that were taken have been put before the agencies and recorded."""
        self.closed = True
        while len(self.tasks) or len(self.queue):
            self._pump()
            await asyncio.sleep(0.01)

    def _soon(self) -> None:
        """Everybody who arrives in this turn of the loop travels along."""
        if self._pumping is not None:
            self._pumping.cancel()
        self._pumping = asyncio.get_running_loop().call_soon(self._pump)

    def _pump(self) -> None:
        """Lets go as many convoys as may leave now, and looks again when the next may."""
        if self._pumping is not None:
            self._pumping.cancel()
            self._pumping = None
        now = self.clock.monotonic()
        while share := self.pace.share(len(self.queue), self.under_way, now):
            if entries := self.queue.load(share):
                self.under_way += 1
                self.pace.departed(now)
                self.tasks.begin(self._travel(entries), "convoy")
        if len(self.queue) and self.under_way < self.pace.limit:
            delay = max(self.pace.next_departure - now, 0.001)
            self._pumping = asyncio.get_running_loop().call_later(delay, self._pump)

    async def _travel(self, entries: list[Entry]) -> None:
        """The next may leave once every caller of this one is answered; late agencies go on by themselves."""
        begun, trip = self.clock.monotonic(), Trip()
        try:
            cargos = await self._accept(entries)
            if cargos:
                self.tasks.begin(self.flights.fly(cargos, trip), "flight")
                await asyncio.wait([entry.answer for entry in entries])
                self.pace.learn(self.clock.monotonic() - begun, trip.slowest, trip.worked)
        finally:
            self.under_way -= 1
            self.pace.returned(len(entries), len(self.queue), self.clock.monotonic())
            self._soon()

    async def _accept(self, entries: list[Entry], *, again: bool = False) -> list[Cargo]:
        """Stores the intent. A transaction that fails is tried again by halves until the poison stands alone."""
        try:
            submissions = [entry.submission for entry in entries]
            answers = await self.database.write(accept, submissions, self.context())
        except Exception as error:
            if isinstance(error, NOBODY) or (again and len(entries) == 1):
                self._refuse(entries, error)
                return []
            # Alone it is tried once more: another replica may just have stored the same reference.
            half = max(len(entries) // 2, 1)
            rest = await self._accept(entries[half:]) if entries[half:] else []
            return [*await self._accept(entries[:half], again=True), *rest]
        cargos = [self._cargo(entry, answer) for entry, answer in zip(entries, answers, strict=True)]
        return [cargo for cargo in cargos if cargo is not None]

    def _refuse(self, entries: Sequence[Entry], error: Exception) -> None:
        if not isinstance(error, NOBODY):
            self.log.error("accept.poison", **{"count": len(entries), "error": error})
        for entry in entries:
            if not entry.answer.done():
                entry.answer.set_exception(error)

    def _cargo(self, entry: Entry, answer: Accepted | Refusal) -> Cargo | None:
        """A new case to be put before the agencies. For a known one its caller waits along, or reads it himself."""
        if isinstance(answer, Refusal):
            if not entry.answer.done():
                entry.answer.set_exception(answer)
            return None
        entry.number = answer.number
        cargo = None
        if answer.case is not None:
            case, content = answer.case, entry.submission.consignment
            version = Version(
                case.number, case.version, case.digest, content, case.create_time, entry.submission.assertion
            )
            cargo = Cargo(case, version, {each.agency: each.signed for each in entry.submission.given}, entry.root)
            self.flights.begin(cargo)
        if self.board.expects(answer.number):
            self.board.wait(answer.number, entry.answer)
        else:
            entry.answer.cancel()
        return cargo
