"""The gateway as its servicer sees it: submit, amend, withdraw, read, watch."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from agencykit.refusals import DeadlineTooShort, NotFound, Unavailable
from agencykit.runtime import Runtime
from agencykit.storage import Database
from gateway.domain.intervention import Intervention
from gateway.operations.accept import Submission
from gateway.operations.amend import Amendment, amend
from gateway.operations.board import Board
from gateway.operations.context import Context
from gateway.operations.convoys import Convoys
from gateway.operations.flights import Flights
from gateway.operations.intervene import intervene
from gateway.operations.listing import Changes, Key, Page, changes, find, overdue_page, page, several
from gateway.operations.questions import Cargo, Root
from gateway.operations.queue import Entry
from gateway.operations.tasks import Tasks
from gateway.operations.trip import Trip
from gateway.operations.views import View
from gateway.operations.withdraw import Wish, withdraw
from gateway.storage.listing import Filter

# How often a watcher looks by itself, for what other replicas changed, and at the latest says that he lives.
LOOK_SECONDS = 1.0
SIGN_OF_LIFE_SECONDS = 5.0
CHANGES_AT_ONCE = 256


@dataclass(slots=True)
class Desk:
    """All deadlines are the clock's monotonic seconds."""

    database: Database
    runtime: Runtime
    context: Callable[[], Context]
    convoys: Convoys
    flights: Flights
    board: Board
    tasks: Tasks
    # Called when cases became due.
    on_due: Callable[[], None] = lambda: None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def submit(self, submissions: Sequence[tuple[Submission, Root]], deadline: float) -> list[View | Exception]:
        """Submits; each submission is answered by itself, in their order.

        Returns once every one is answered, or when the deadline nears, with the state so far. Raises Overloaded or
        Unavailable where none was taken.
        """
        loop = asyncio.get_running_loop()
        entries = [Entry(submission, root, loop.create_future()) for submission, root in submissions]
        self.convoys.join(entries)
        try:
            await self._until(deadline, [entry.answer for entry in entries])
        except asyncio.CancelledError:
            # Whose caller has gone away gives his place in the queue to others; what has a case goes on.
            for entry in entries:
                entry.answer.cancel()
            raise
        unanswered = [entry.number for entry in entries if entry.number and not _has_result(entry.answer)]
        read = {view.case.number: view for view in await self._views(unanswered)}
        return [self._answer(entry, read) for entry in entries]

    def _answer(self, entry: Entry, read: dict[str, View]) -> View | Exception:
        view: View | None = None
        if not _has_result(entry.answer):
            # Without a case it is still in the queue, and gets none once its caller is gone.
            entry.answer.cancel()
            view = read.get(entry.number)
        elif error := entry.answer.exception():
            return error if isinstance(error, Exception) else Unavailable()
        else:
            view = entry.answer.result()
        if view is None:
            return DeadlineTooShort(0)
        return view

    async def amend(self, amendment: Amendment, deadline: float) -> View:
        """Replaces the consignment and waits for the agencies as `submit` does."""
        cargo = await self.database.write(amend, amendment, self.context())
        return await self._flown(cargo, amendment.number, deadline)

    async def withdraw(self, wish: Wish, deadline: float) -> View:
        """Puts the withdrawal before the agencies and waits for them as `submit` does."""
        cargo = await self.database.write(withdraw, wish, self.context())
        return await self._flown(cargo, wish.number, deadline)

    async def intervene(self, act: Intervention) -> View:
        """An operator's act. Whoever is to be asked again is, soon after."""
        await self.database.write(intervene, act, self.context())
        self.on_due()
        self.changed()
        return await self.read(act.number)

    async def _flown(self, cargo: Cargo | None, number: str, deadline: float) -> View:
        answer: asyncio.Future[View] = asyncio.get_running_loop().create_future()
        if cargo is not None:
            self.flights.begin(cargo)
            self.tasks.begin(self.flights.fly([cargo], Trip()), "flight")
        if self.board.expects(number):
            self.board.wait(number, answer)
            await self._until(deadline, [answer])
        answer.cancel()
        return await self.read(number)

    async def _until(self, deadline: float, answers: Sequence["asyncio.Future[View]"]) -> None:
        left = deadline - self.runtime.clock.monotonic() - self.context().limits.answer_margin
        await asyncio.wait(answers, timeout=max(left, 0))

    async def read(self, number: str, broker: str = "", reference: str = "") -> View:
        """One case, whole; NotFound where there is none, or where it is not `broker`'s (empty: any)."""
        view = await self.database.read(find, number, broker, reference, self.context().now)
        if view is None or (broker and view.case.broker != broker):
            raise NotFound("clearance", number or reference)
        return view

    async def find(self, number: str) -> View | None:
        """The same, or None where there is none."""
        return await self.database.read(find, number, "", "", self.context().now)

    async def page(self, wanted: Filter, after: Key | None, size: int, *, clocks: bool = False) -> Page:
        """A page of cases, newest first; with their clocks where wanted."""
        return await self.database.read(page, wanted, after, size, self.context().now if clocks else None)

    async def overdue(self, wanted: Filter, after: Key | None, size: int) -> Page:
        """A page of those whose promise has run out and which go on, newest first, with their clocks."""
        return await self.database.read(overdue_page, wanted, after, size, self.context().now)

    async def watch(self, wanted: Filter, after: int | None, deadline: float) -> AsyncIterator[Changes]:
        """What changes, until the deadline. Nothing in it is a sign of life."""
        clock, told_at = self.runtime.clock, float("-inf")
        while (left := deadline - clock.monotonic()) > 0:
            changed = self._changed
            found = await self.database.read(changes, wanted, after, CHANGES_AT_ONCE)
            if found.views or clock.monotonic() - told_at >= SIGN_OF_LIFE_SECONDS:
                told_at = clock.monotonic()
                yield found
            after = found.reached
            if len(found.views) < CHANGES_AT_ONCE:
                await _rest(changed, min(left, LOOK_SECONDS))

    def changed(self) -> None:
        """Cases changed: watchers look. Each waits on the event he saw before he looked last, so none misses it."""
        event, self._changed = self._changed, asyncio.Event()
        event.set()

    async def drain(self) -> None:
        """Takes no more submissions; returns when those taken have been put before the agencies and recorded."""
        await self.convoys.drain()
        await self.tasks.settle()

    async def _views(self, numbers: Sequence[str]) -> list[View]:
        if not numbers:
            return []
        return await self.database.read(several, numbers)


def _has_result(answer: "asyncio.Future[View]") -> bool:
    return answer.done() and not answer.cancelled()


async def _rest(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return
    # What changes in the same moment is told together.
    await asyncio.sleep(0.02)
