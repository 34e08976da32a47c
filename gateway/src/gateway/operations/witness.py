"""What this replica saw of the district's logs, and the sheets in which it countersigns that.

Seals are seen as their decisions are verified, heads of audits as agencies tell them; that costs an append. Every few
seconds what is new goes into a sheet, in one transaction: so a time that is not the signer's own stands above each
signature, and whoever rewrites a log disagrees with a sheet that partners keep. A crash loses what was seen since the
last sheet; it is countersigned when somebody asks for its evidence.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from agencykit.audit.sealer import Sealer
from agencykit.audit.sealing import seal_audit
from agencykit.storage import Database
from gateway.domain.head import LogHead, LogKind, is_of, is_own
from gateway.domain.identifiers import Micros
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.herald import DUTY
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.storage.heads import (
    Key,
    PartnerSheet,
    StoredSheet,
    insert_sheet,
    keep_keys,
    keep_sheet,
    kept_sheet,
    known_heads,
    last_sheet,
    newest_sheets,
)
from gateway.storage.tables import audit, audit_pages

# Heads in one sheet; and what is remembered while the database is away.
MOST_HEADS, MOST_SEEN = 1000, 65_536
OWN_AUDIT = "gateway"

Item = TypeVar("Item")


class SheetMaker(Protocol):
    """Writes and signs sheets, and reads them. Pure work of the processor; writing runs inside the transaction."""

    def __call__(self, chain: str, number: int, previous: bytes, heads: Sequence[LogHead], now: Micros) -> StoredSheet:
        """The sheet of this number in this chain, after the one with that digest."""
        ...

    def read(self, sheet: bytes) -> list[LogHead]:
        """The heads on one that was made so, at least one; none where it cannot be read."""
        ...


@dataclass(slots=True)
class Witness:
    """Filled from any thread; `newest` is the last head seen of each log of the district."""

    log: Log
    newest: dict[str, LogHead] = field(default_factory=dict)
    # Logs of which people were told, with where they ended then; 0: nowhere.
    _shorter: dict[str, int] = field(default_factory=dict)
    _heads: deque[LogHead] = field(default_factory=lambda: deque(maxlen=MOST_SEEN))
    _keys: deque[Key] = field(default_factory=lambda: deque(maxlen=MOST_SEEN))

    def saw(self, head: LogHead) -> None:
        """A log ended there, as a verified seal says, or its keeper."""
        self._heads.append(head)

    def trusted(self, key: Key) -> None:
        """A key whose signatures are believed here."""
        self._keys.append(key)

    def heard(self, agency: str, told: Iterable[LogHead], asked: Mapping[str, LogHead]) -> None:
        """What an agency tells of its own logs; one that is shorter than it was, or gone, is said to people once.

        `asked` is what was the newest when it was asked: what is seen meanwhile may be newer than its answer. Of an
        agency that tells none nothing follows.
        """
        ends = {head.log: head for head in told if is_of(agency, head)}
        for head in ends.values():
            self.saw(head)
        for log, before in asked.items() if ends else ():
            if log.partition("/")[0] != agency:
                continue
            end = ends[log].sequence if log in ends else 0
            if end >= before.sequence:
                self._shorter.pop(log, None)
            elif self._shorter.get(log) != end:
                self._shorter[log] = end
                if end:
                    self.log.error("log.went_back", agency=agency, position=end, source=log)
                else:
                    self.log.error("log.gone", agency=agency, position=before.sequence, source=log)

    def taken(self) -> tuple[list[LogHead], list[Key]]:
        """All that came since, once."""
        return list(_drained(self._heads)), list(_drained(self._keys))

    def put_back(self, heads: Iterable[LogHead], keys: Iterable[Key]) -> None:
        """What could not be stored, for the next time."""
        self._heads.extendleft(reversed(list(heads)))
        self._keys.extendleft(reversed(list(keys)))


def _drained(queue: "deque[Item]") -> Iterable[Item]:
    while queue:
        yield queue.popleft()


@dataclass(slots=True)
class Countersigner:
    """Its loop begins with the gateway's."""

    witness: Witness
    make: SheetMaker
    database: Database
    context: Callable[[], Context]
    duties: Duties
    rest_seconds: float
    log: Log
    sealer: Sealer
    loop: Loop = field(init=False)
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)
    # Under which epoch of the duty `newest` was read; None before it was.
    _epoch: int | None = None

    def __post_init__(self) -> None:
        self.loop = Loop("countersign", self._step, self.log)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        if DUTY in self.duties.held:
            now = self.context().now
            end = await self.sealer.tried(self.database.write(seal_audit, audit, audit_pages, now))
            if end is not None and end.sequence:
                self.witness.saw(LogHead(LogKind.AUDIT, OWN_AUDIT, end.sequence, end.head))
        await self.countersign()
        return self.rest_seconds

    async def countersign(self) -> None:
        """Puts what was seen into sheets at once."""
        async with self._one:
            await self._remember()
            heads, keys = self.witness.taken()
            if not heads and not keys:
                return
            try:
                forked = await self.database.write(countersign, heads, keys, self.witness, self.make, self.context())
            except Exception:
                self.witness.put_back(heads, keys)
                raise
        for head in forked:
            self.log.error("log.forked", position=head.sequence, source=head.log)

    async def _remember(self) -> None:
        """Where each log ended, from the newest sheets: at the start, and when the duty was another replica's."""
        epoch = self.duties.held.get(DUTY, 0)
        if epoch == self._epoch:
            return
        for stored in await self.database.read(newest_sheets):
            heads = self.make.read(stored.sheet)
            _take_up(self.witness, heads)
            if not heads:
                # Somebody changed it: what is countersigned from now on must not wait for that.
                self.log.error("sheet.unread")
        self._epoch = epoch


def countersign(
    connection: Connection,
    heads: Sequence[LogHead],
    keys: Sequence[Key],
    witness: Witness,
    make: SheetMaker,
    context: Context,
) -> list[LogHead]:
    """Stores keys, and sheets over the heads that stand in none; returns those whose place has another head."""
    keep_keys(connection, keys, context.now)
    known = known_heads(connection, [head.place for head in heads])
    fresh = [head for head in dict.fromkeys(heads) if (*head.place, head.head) not in known]
    places = {(log, sequence) for log, sequence, _ in known}
    forked = []
    for head in fresh:
        if head.place in places:
            forked.append(head)
        places.add(head.place)
    number, previous = last_sheet(connection, context.chain)
    for first in range(0, len(fresh), MOST_HEADS):
        part = fresh[first : first + MOST_HEADS]
        _take_up(witness, part)
        told = list(dict.fromkeys([*part, *witness.newest.values()]))
        number += 1
        stored = make(context.chain, number, previous, told, context.now)
        insert_sheet(connection, context.chain, number, context.now, stored, part)
        previous = stored.digest
    return forked


def _take_up(witness: Witness, heads: Iterable[LogHead]) -> None:
    for head in filter(is_own, heads):
        before = witness.newest.get(head.log)
        if before is None or head.sequence >= before.sequence:
            witness.newest[head.log] = head


def keep_sheets(
    connection: Connection, told: Iterable[PartnerSheet], asked: Micros, context: Context
) -> list[PartnerSheet]:
    """Keeps a partner's newest sheets; returns those that go back on what is kept, or say otherwise.

    What another replica kept since the partner was asked may be newer than its answer, and is no disagreement.
    """
    disagreeing = []
    for sheet in told:
        number, digest, receive_time = kept_sheet(connection, sheet.district, sheet.replica)
        if (sheet.number < number and receive_time < asked) or (sheet.number == number and sheet.digest != digest):
            disagreeing.append(sheet)
        elif sheet.number > number:
            keep_keys(connection, [sheet.key], context.now)
            keep_sheet(connection, sheet, context.now)
    return disagreeing
