"""Entries of an agency's feed that cannot be taken: kept as they came, so that the feed goes on without them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agencykit.storage import Database
from gateway.domain.quarantine import Item, Kind, Poison, reason_of
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.follow import put_aside, take_again
from gateway.operations.lines import Line
from gateway.operations.ports import CallFailed, FeedEntry
from gateway.operations.quarantine import Aside
from gateway.operations.sift import WHOLE, Tries, sift
from gateway.storage.decisions import Received
from gateway.storage.quarantine import requeued

# Taken up again at a time.
MOST = 64
GARBLED, TRUNCATED = "GARBLED", "TRUNCATED"
Fresh = tuple[FeedEntry, Received]
Write = Callable[[Sequence[Fresh], Mapping[str, int]], Awaitable[None]]


@dataclass(slots=True)
class Strays:
    """Of one agency, by the replica that has the duty of following it."""

    duty: str
    line: Line
    database: Database
    context: Callable[[], Context]
    duties: Duties
    aside: Aside
    # Called when cases were woken.
    on_woken: Callable[[], None]
    tries: Tries = field(default_factory=Tries)

    async def give_up(self, entries: Sequence[FeedEntry], reason: str, tries: int) -> None:
        """Sets them aside."""
        poison = [self._poison(each, reason, tries) for each in entries]
        self.aside.tell(await self.duties.write(self.duty, self._epoch, put_aside, poison, self.context()))

    async def sift(self, fresh: Sequence[Fresh], write: Write) -> None:
        """Stores all that can be, without moving on. What cannot has the feed read again a few times, then goes on."""
        left: Exception | None = None
        limit = self.context().limits.refusals
        for (entry, _), error in await sift(fresh, lambda part: write(part, {})):
            if self.tries.failed(entry.place, limit):
                self.tries.forget(entry.place)
                await self.give_up([entry], reason_of(error), limit)
            else:
                left = error
        if left is not None:
            raise left

    async def retry(self) -> None:
        """What somebody has tried again: verified anew, by whatever is trusted now."""
        for item in await self.database.read(requeued, Kind.DECISION, self.line.name, MOST):
            if reason := await self._again(item):
                poison = Poison(item.kind, item.party, item.number, item.subject, reason, 1)
                self.aside.tell(await self.duties.write(self.duty, self._epoch, put_aside, [poison], self.context()))

    async def _again(self, item: Item) -> str:
        """Why it cannot be taken; empty where it was."""
        if item.size > len(item.content):
            return TRUNCATED
        try:
            [decision] = await self.line.port.verify([self.line.port.entry(item.content)])
            if decision is None:
                return GARBLED
            await self.duties.write(self.duty, self._epoch, take_again, item.id, decision, self.context())
        except WHOLE:
            raise
        except CallFailed as failed:
            return failed.reason
        except Exception as error:
            return reason_of(error)
        self.on_woken()
        return ""

    def _poison(self, entry: FeedEntry, reason: str, tries: int) -> Poison:
        log, sequence = entry.place
        said = (self.line.name, self.line.port.number(entry), f"{log} {sequence}", reason, tries)
        return Poison(Kind.DECISION, *said, content=self.line.port.content(entry))

    @property
    def _epoch(self) -> int:
        epoch = self.duties.held.get(self.duty)
        if epoch is None:
            raise DutyLost
        return epoch
