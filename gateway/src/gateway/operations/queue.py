"""Submissions that wait for a convoy: bounded, urgent ones first, callers in turn, so that none fills it for others."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from agencykit.refusals import Overloaded
from agencykit.rpc.shares import Shares
from gateway.domain.turns import Turns
from gateway.operations.accept import Submission
from gateway.operations.limits import Limits
from gateway.operations.questions import Root
from gateway.operations.views import View

# Between these, who is refused is told to come again; seconds.
SOONEST, LATEST = 0.2, 5.0


@dataclass(slots=True)
class Entry:
    """One submission in the queue.

    `number` is set as soon as it has a case. `answer` gets the case once no agency that it needs is still to answer, or
    a Refusal; it is cancelled where the caller must read the case himself.
    """

    submission: Submission
    root: Root
    answer: "asyncio.Future[View]"
    number: str = ""

    @property
    def caller(self) -> str:
        """Whose it is: the broker's, or that of the partner's gateway which speaks for one."""
        return self.submission.relayed_from or self.submission.broker


@dataclass(slots=True)
class Queue:
    """Who waits for a convoy. Items and bytes are shared fairly among callers."""

    limits: Limits
    _urgent: Turns[Entry] = field(default_factory=Turns)
    _usual: Turns[Entry] = field(default_factory=Turns)
    _items: Shares[str] = field(init=False)
    _bytes: Shares[str] = field(init=False)

    def __post_init__(self) -> None:
        self._items, self._bytes = Shares(self.limits.queue_items), Shares(self.limits.queue_bytes)

    def __len__(self) -> int:
        return len(self._urgent) + len(self._usual)

    def add(self, entries: Sequence[Entry], convoy_seconds: float = 0.0) -> None:
        """All of these, which are one caller's, or Overloaded at once where too much waits already.

        `convoy_seconds` is how long a convoy takes: who is refused hears when his own that wait should have left.
        """
        caller, size = entries[0].caller, sum(_size(entry) for entry in entries)
        if not (self._items.fits(caller, len(entries)) and self._bytes.fits(caller, size)):
            convoys = 1 + self._items.held(caller) // self.limits.convoy_items
            raise Overloaded(self.limits.queue_items, min(max(convoys * convoy_seconds, SOONEST), LATEST))
        for entry in entries:
            self._items.take(caller, 1)
            self._bytes.take(caller, _size(entry))
            (self._urgent if entry.submission.urgent else self._usual).add(caller, entry)

    def load(self, most: int) -> list[Entry]:
        """The next convoy of at most `most`, closed at a convoy's limits. Who has gone away meanwhile stays behind."""
        loaded: list[Entry] = []
        size, most = 0, min(most, self.limits.convoy_items)
        while len(self) and len(loaded) < most:
            turns = self._urgent or self._usual
            weight = _size(turns.first())
            if loaded and size + weight > self.limits.convoy_bytes:
                break
            entry = turns.take()
            self._items.give(entry.caller, 1)
            self._bytes.give(entry.caller, weight)
            if not entry.answer.done():
                loaded.append(entry)
                size += weight
        return loaded


def _size(entry: Entry) -> int:
    return len(entry.submission.consignment) or 1
