"""Submissions that wait for a convoy: bounded, urgent ones first."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from agencykit.refusals import Overloaded
from gateway.operations.accept import Submission
from gateway.operations.limits import Limits
from gateway.operations.questions import Root
from gateway.operations.views import View


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


@dataclass(slots=True)
class Queue:
    """Who waits for a convoy."""

    limits: Limits
    _urgent: deque[Entry] = field(default_factory=deque)
    _usual: deque[Entry] = field(default_factory=deque)
    _bytes: int = 0

    def __len__(self) -> int:
        return len(self._urgent) + len(self._usual)

    def add(self, entries: Sequence[Entry]) -> None:
        """All of them, or Overloaded at once where too much waits already."""
        size = sum(len(entry.submission.consignment) for entry in entries)
        too_many = len(self) + len(entries) > self.limits.queue_items
        if too_many or (self._bytes and self._bytes + size > self.limits.queue_bytes):
            raise Overloaded(self.limits.queue_items)
        self._bytes += size
        for entry in entries:
            (self._urgent if entry.submission.urgent else self._usual).append(entry)

    def load(self, most: int) -> list[Entry]:
        """The next convoy of at most `most`, closed at a convoy's limits. Who has gone away meanwhile stays behind."""
        loaded: list[Entry] = []
        size, most = 0, min(most, self.limits.convoy_items)
        while len(self) and len(loaded) < most:
            queue = self._urgent or self._usual
            weight = len(queue[0].submission.consignment)
            if loaded and size + weight > self.limits.convoy_bytes:
                break
            entry = queue.popleft()
            self._bytes -= weight
            if not entry.answer.done():
                loaded.append(entry)
                size += weight
        return loaded
