"""The background loop that decides again what facts or officers have woken. Durable: the database holds who is due."""

import asyncio
from collections.abc import Sequence

from agencykit.decisions.candidates import Decided, Failed
from agencykit.decisions.decider import Decider
from agencykit.decisions.feed import Feed
from agencykit.decisions.halves import by_halves
from agencykit.decisions.redecide import Redecided, due_clearances, next_due, put_off_alone, redecide
from agencykit.decisions.spans import decide_spans
from agencykit.refusals import Refusal
from agencykit.runtime.guarded import GuardedClock
from agencykit.storage import Database
from agencykit.telemetry import Telemetry

BATCH = 128
# The own wakes announce themselves; other replicas' are looked for so often. SQLite has no other replicas.
EXPIRY_SECONDS = 30.0
POLL_SECONDS = {"postgresql": 1.0, "sqlite": 3600.0}
# After a failure, so that a database that is away is not asked without end.
PAUSE_SECONDS = 1.0


class Reassess:
    """One loop for each replica. `notify` after a commit that marked consignments as due."""

    def __init__(
        self, decider: Decider, database: Database, feed: Feed, telemetry: Telemetry, clock: GuardedClock
    ) -> None:
        self._decider = decider
        self._database = database
        self._feed = feed
        self._telemetry, self._clock = telemetry, clock
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def notify(self) -> None:
        """Something is due."""
        self._woken.set()

    def start(self) -> None:
        """Begins the loop; what was due before a restart is decided first."""
        self._woken.set()
        self._task = asyncio.get_running_loop().create_task(self._run(), name="reassess")

    async def stop(self) -> None:
        """Ends the loop; a transaction that has begun ends by itself."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def once(self) -> int:
        """Decides one batch of what is due; returns how many were taken up."""
        clock = self._decider.runtime.clock
        numbers = await self._database.read(due_clearances, self._clock.legal_now(), BATCH)
        if not numbers:
            return 0
        start_ns = clock.now_ns()
        done = await by_halves(numbers, self._redecide, self._poisoned)
        if any(isinstance(one.result, Decided) for one in done):
            self._feed.notify()
        for one in done:
            if isinstance(one.result, Failed):
                self._tell("redecision failed", one.result.error)
        decide_spans(self._telemetry, self._decider, done, start_ns, clock.now_ns())
        return len(done)

    async def _redecide(self, numbers: Sequence[str]) -> list[Redecided]:
        now = self._decider.runtime.clock.now()
        return await self._database.write(redecide, self._decider, numbers, now)

    async def _poisoned(self, number: str, error: Exception) -> list[Redecided]:
        self._tell("redecision failed", error)
        await self._database.write(put_off_alone, self._decider, number, self._decider.runtime.clock.now())
        return []

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                if not await self.once():
                    await self._wait(await self._idle_seconds())
            except Refusal as refusal:
                # An ordinary answer, as while the database is held as an old backup: where it comes from tells nothing.
                self._telemetry.log.warning("redecision waits", reason=refusal.reason)
                await self._wait(PAUSE_SECONDS)
            except Exception as error:  # the loop must outlive any fault; what was due stays due
                self._tell("redecision failed", error)
                await self._wait(PAUSE_SECONDS)

    async def _idle_seconds(self) -> float:
        """Until the next put-off try, or until it is time to look for other replicas' wakes."""
        due = await self._database.read(next_due)
        poll = POLL_SECONDS[self._database.dialect]
        if self._decider.definition.expires is not None:
            # A decision that ends by itself is recorded without a word to this loop.
            poll = min(poll, EXPIRY_SECONDS)
        if due is None:
            return poll
        # What another replica holds is due and yet not ours: never without a pause.
        until = (due - self._clock.legal_now()).total_seconds()
        return min(max(until, PAUSE_SECONDS / 10), poll)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    def _tell(self, event: str, error: Exception) -> None:
        reason = error.reason if isinstance(error, Refusal) else ""
        self._telemetry.log.warning(event, reason=reason, error=error)
