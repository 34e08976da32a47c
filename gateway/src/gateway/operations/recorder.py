"""Records what has arrived. All that is due goes into one transaction: what arrives together is stored together.

A record costs as much for one answer as for four, and no caller is answered by the first of them. So answers that do
not complete what their flight needs wait a moment for those that do.

A transaction that fails is tried again by halves until the poisonous case stands alone; the rest goes on. Its answers
count as refused; where that cannot be recorded either, it comes again a few times, then is set aside.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from agencykit.refusals import LogUnwritable, Unavailable
from agencykit.runtime import Runtime
from agencykit.storage import Database
from gateway.domain.answer import Answer, Answered
from gateway.domain.quarantine import Kind, Poison, reason_of
from gateway.operations.context import Context
from gateway.operations.fold import AskAnswer, Held, Touch
from gateway.operations.log import Log
from gateway.operations.ports import OrderMaker
from gateway.operations.quarantine import Aside
from gateway.operations.record import Recorded, record
from gateway.operations.recover import leave_alone
from gateway.operations.sift import Tries
from gateway.operations.trip import Trip

# Cases in one transaction; more wait for the next.
MOST_CASES = 512
# How long answers wait for others of their flight: a share of the time it has been under way, within bounds (seconds).
LINGER_SHARE, LEAST_LINGER, MOST_LINGER = 1.5, 0.05, 0.35
# How often a transaction is tried while the database is away. The lease is what bounds it in the end.
TRIES = 4


@dataclass(slots=True, eq=False)
class Report:
    """Answers of one flight to record. `done` resolves, without a result, when they are stored or given up."""

    trip: Trip
    answers: list[tuple[Held, AskAnswer | None]]
    done: "asyncio.Future[None]"
    # Monotonic seconds after which it is recorded whatever else comes; 0 is at once.
    latest: float


@dataclass(slots=True)
class Recorder:
    """The one place where answers are recorded.

    `publish` hears of every case that was, with the nanosecond at which its record began.
    """

    database: Database
    runtime: Runtime
    context: Callable[[], Context]
    make_orders: OrderMaker
    publish: Callable[[Recorded, int], None]
    log: Log
    aside: Aside
    tries: Tries = field(default_factory=Tries)
    # Cases that were not recorded because their lease, or they themselves, had passed to another.
    fenced: int = 0
    _reports: list[Report] = field(default_factory=list)
    _running: "asyncio.Task[None] | None" = None
    _due: asyncio.Event = field(default_factory=asyncio.Event)

    async def record(self, answers: Iterable[tuple[Held, AskAnswer | None]], trip: Trip, *, complete: bool) -> None:
        """Returns once the answers are durable, or given up. None as an answer only closes the case.

        `complete`: nothing that the flight's cases need is still to come.
        """
        now = self.runtime.clock.monotonic()
        linger = min(max(LINGER_SHARE * (now - trip.begun), LEAST_LINGER), MOST_LINGER)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._reports.append(Report(trip, list(answers), done, 0.0 if complete else now + linger))
        if complete:
            self._due.set()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain(), name="recorder")
        await done

    async def _drain(self) -> None:
        while self._reports:
            await self._linger()
            reports, touches = self._gather()
            try:
                await self._store(list(touches.values()))
            finally:
                for report in reports:
                    if not report.done.done():
                        report.done.set_result(None)

    async def _linger(self) -> None:
        """Until something is due."""
        self._due.clear()
        # Answers that are ready in this turn of the loop travel along.
        await asyncio.sleep(0)
        wait = min(report.latest for report in self._reports) - self.runtime.clock.monotonic()
        if wait > 0:
            try:
                async with asyncio.timeout(wait):
                    await self._due.wait()
            except TimeoutError:
                return

    def _gather(self) -> tuple[list[Report], dict[tuple[str, int], Touch]]:
        """What is due, with all else of the same flights, merged by case and epoch.

        A case closes with the last answer it waits for.
        """
        now = self.runtime.clock.monotonic()
        due = {report.trip for report in self._reports if report.latest <= now}
        taken: list[Report] = []
        touches: dict[tuple[str, int], Touch] = {}
        for report in [report for report in self._reports if report.trip in due]:
            if touches and len(touches) + len(report.answers) > MOST_CASES:
                break
            taken.append(report)
            for held, answer in report.answers:
                touch = touches.setdefault((held.case.number, held.case.epoch), Touch(held))
                held.outstanding -= answer is not None
                touch.closing = held.outstanding <= 0
                if answer is not None:
                    touch.answers.append(answer)
        self._reports = [report for report in self._reports if report not in taken]
        return taken, touches

    async def _store(self, touches: Sequence[Touch]) -> None:
        began = self.runtime.clock.now_ns()
        try:
            recorded = await self._write(touches)
        except (Unavailable, LogUnwritable) as error:
            self.log.error("record.given_up", count=len(touches), error=error)
        except Exception as error:
            if len(touches) > 1:
                half = len(touches) // 2
                await self._store(touches[:half])
                await self._store(touches[half:])
            else:
                await self._poison(touches[0], error)
        else:
            if lost := len(touches) - len(recorded):
                self.fenced += lost
                self.log.info("record.fenced", count=lost)
            holders = {touch.number: touch.held for touch in touches}
            for each in recorded:
                holders[each.view.case.number].case = each.view.case
                self.publish(each, began)

    async def _poison(self, touch: Touch, error: Exception) -> None:
        """What cannot be recorded counts as refused, so that the case is asked again a few times and then set aside."""
        self.log.error("record.poison", **{"clearance.number": touch.number, "error": error})
        refused = Answer(Answered.REFUSED, "UNRECORDABLE")
        answers = [replace(answer, answer=refused, received=None) for answer in touch.answers]
        if answers and answers != touch.answers:
            await self._store([replace(touch, answers=answers)])
            return
        # Nor can anything else be recorded of the case: it comes again in a moment, a few times.
        limit, poison = self.context().limits.refusals, []
        if self.tries.failed(touch.number, limit):
            self.tries.forget(touch.number)
            said = (Kind.CLEARANCE, "", touch.number, "record", reason_of(error), limit, touch.case.trace)
            poison.append(Poison(*said))
        self.aside.tell(await self.database.write(leave_alone, touch.number, poison, self.context()))

    async def _write(self, touches: Sequence[Touch]) -> list[Recorded]:
        jitter = self.runtime.randomness.uniform(0, 1)
        for left in reversed(range(TRIES)):
            try:
                return await self.database.write(record, touches, self.context(), self.make_orders, jitter)
            except Unavailable:
                if not left:
                    raise
                await asyncio.sleep(0.25 * (TRIES - left))
        raise AssertionError("unreachable")
