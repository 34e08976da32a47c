"""Follows one agency's feed, while this replica has the duty.

What a feed brings has mostly been recorded from replies, if the agency repeats it at all, and is passed over. What is
new goes to the inbox of its case. Losing the place costs nothing but reading it again: a decision stored twice is
stored once.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from agencykit.runtime import Clock, Randomness
from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.duties import Duties, DutyLost
from gateway.operations.duty_stream import DutyStream
from gateway.operations.follow import positions, retell, take_feed
from gateway.operations.known import Known
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.ports import POSITION_AHEAD, FeedEntry, FeedPart
from gateway.operations.quarantine import Aside
from gateway.operations.sift import WHOLE
from gateway.operations.strays import GARBLED, Fresh, Strays

# How long an entry that nobody has recorded may still be on its way in a reply, while its case is before the agency.
# Taking it from the feed would record it twice, and wake its case for nothing.
PATIENCE_SECONDS = 2.0
LOOK_SECONDS = 0.02
# How far positions may lag behind what was passed over, in seconds and in decisions.
LAG_SECONDS = 1.0
LAG_DECISIONS = 4096


@dataclass(slots=True)
class Follower:
    """The follower of one agency."""

    line: Line
    database: Database
    context: Callable[[], Context]
    duties: Duties
    known: Known
    clock: Clock
    randomness: Randomness
    log: Log
    # Whether a case is before the agencies now.
    flying: Callable[[str], bool]
    # Called when cases were woken.
    on_woken: Callable[[], None]
    aside: Aside
    stream: DutyStream[FeedPart] = field(init=False)
    strays: Strays = field(init=False)
    # Positions as stored, and as they will be.
    _stored: dict[str, int] = field(default_factory=dict)
    _reached: dict[str, int] = field(default_factory=dict)
    _stored_at: float = 0.0
    # Whether the agency was found to be an old copy, and told anew what it may have lost.
    _retold: bool = False

    def __post_init__(self) -> None:
        shared = (self.line, self.context, self.duties, self.randomness, self.log)
        said = (self.line, self.database, self.context, self.duties, self.aside, self.on_woken)
        self.strays = Strays(f"follow:{self.line.name}", *said)
        self.stream = DutyStream(f"follow:{self.line.name}", *shared, self._begin, self._take, self._end, self._broken)

    async def _begin(self) -> AsyncGenerator[FeedPart, None]:
        self._stored = await self.database.read(positions, self.line.name)
        self._reached = dict(self._stored)
        return self.line.port.follow(self._stored)

    async def _take(self, part: FeedPart) -> None:
        new = await self._unknown(part)
        received: list[Fresh] = []
        garbled: list[FeedEntry] = []
        for entry, decision in zip(new, await self.line.port.verify(new) if new else (), strict=True):
            if decision is None:
                # Its seal is good and it is not in it: a fault of the agency, for which the feed must not stand still.
                garbled.append(entry)
            else:
                received.append((entry, decision))
        if garbled:
            await self.strays.give_up(garbled, GARBLED, 1)
        self._reached.update(part.positions)
        self._retold = False
        lag = sum(self._reached.values()) - sum(self._stored.values())
        late = self.clock.monotonic() - self._stored_at > LAG_SECONDS
        if received or lag >= LAG_DECISIONS or (lag and late):
            await self._store(received)

    async def _unknown(self, part: FeedPart) -> list[FeedEntry]:
        """Entries that no reply brought. The feed may be ahead of the reply that brings the same: wait for that."""
        left = [entry for entry in part.entries if not self.known.recorded(entry.place)]
        until, seen = self.clock.monotonic() + PATIENCE_SECONDS, self.known.changes
        while left and self._may_still_come(left, until):
            await asyncio.sleep(LOOK_SECONDS)
            if self.known.changes != seen:
                seen = self.known.changes
                left = [entry for entry in left if not self.known.recorded(entry.place)]
        return left

    def _may_still_come(self, entries: list[FeedEntry], until: float) -> bool:
        if self.line.under_way and self.clock.monotonic() < until:
            # Read one after the other: mostly the first is under way, and the others need not be read.
            return any(self.flying(self.line.port.number(entry)) for entry in entries)
        return any(self.known.pending(entry.place) for entry in entries)

    async def _broken(self, reason: str) -> None:
        """An agency that knows less than was read of it is an old backup, put back: it also forgot what it was told."""
        if reason != POSITION_AHEAD or self._retold:
            return
        epoch = self.duties.held.get(self.stream.duty)
        if epoch is not None:
            await self.duties.write(self.stream.duty, epoch, retell, self.line.name)
            self.log.error("agency.old_copy", agency=self.line.name)
            self._retold = True

    async def _end(self) -> None:
        await self._store([])

    async def _store(self, received: Sequence[Fresh]) -> None:
        if self._reached == self._stored and not received:
            return
        try:
            await self._write(received, self._reached)
        except WHOLE:
            raise
        except Exception:
            if not received:
                raise
            await self.strays.sift(received, self._write)
            await self._write([], self._reached)
        self._stored, self._stored_at = dict(self._reached), self.clock.monotonic()
        if received:
            self.on_woken()

    async def _write(self, received: Sequence[Fresh], reached: Mapping[str, int]) -> None:
        epoch = self.duties.held.get(self.stream.duty)
        context, name, decisions = self.context(), self.line.name, [decision for _, decision in received]
        stored = epoch is not None and await self.database.write(
            take_feed, self.stream.duty, epoch, name, decisions, reached, context
        )
        if not stored:
            raise DutyLost
