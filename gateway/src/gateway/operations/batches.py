"""Items to one agency in batches, and the search for the one item that makes a batch fail.

A batch that fails for a reason that one of its items may have caused is tried again by halves, until that item stands
alone. Where nothing is answered at all the agency is the trouble, and its items are merely parked. A batch of which
every item was asked before goes out as far as the line's budget for repeating goes; what is new takes others along.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from gateway.domain.answer import Answer, Answered
from gateway.operations.lines import Line, NotSent
from gateway.operations.ports import CallFailed

# How many single items may fail, with none answered, before the agency itself is taken for the trouble.
SINGLES = 3
# What was asked so often in vain travels in ever smaller batches, and is suspected itself once it travels alone.
MANY_ATTEMPTS = 4
SUSPECT_ATTEMPTS = 12


class Sized(Protocol):
    """What a batch needs to know of an item: how big it is, and how often it was asked before."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def attempts(self) -> int:
        """Times."""
        ...


Item = TypeVar("Item", bound=Sized)
Result = TypeVar("Result")
Entry = tuple[int, Item]


@dataclass(slots=True)
class Batches(Generic[Item, Result]):
    """One run of items to one agency. After `run`, every place is in `results` or in `failures`."""

    line: Line
    send: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]
    # Nobody waits for the answers.
    patient: bool
    results: dict[int, Result] = field(default_factory=dict)
    failures: dict[int, Answer] = field(default_factory=dict)
    _suspects: dict[int, str] = field(default_factory=dict)

    async def run(self, items: Sequence[Item]) -> None:
        """Sends all items; the answers stand under their places."""
        worked_before = self.line.answered_lately
        await asyncio.gather(*(self._attempt(batch) for batch in self._split(list(enumerate(items)))))
        works = bool(self.results) or (worked_before and self.line.answered_lately)
        kind = Answered.REFUSED if works else Answered.SILENT
        self.failures.update({place: Answer(kind, reason) for place, reason in self._suspects.items()})
        if self._suspects and not works:
            self.line.trouble(next(iter(self._suspects.values())))

    def _split(self, items: list[Entry[Item]]) -> list[list[Entry[Item]]]:
        """Batches within a convoy's limits; what was asked too often in vain is kept apart, in smaller ones."""
        limits = self.line.limits
        fits = len(items) <= limits.convoy_items and sum([item.size for _, item in items]) <= limits.convoy_bytes
        if fits and max([item.attempts for _, item in items], default=0) <= MANY_ATTEMPTS:
            return [items] if items else []
        batches: list[list[Entry[Item]]] = []
        room = size = level = 0
        for place, item in sorted(items, key=lambda entry: entry[1].attempts):
            tired = max(item.attempts - MANY_ATTEMPTS, 0)
            if not room or size + item.size > limits.convoy_bytes or tired != level:
                batches.append([])
                room, size, level = max(limits.convoy_items >> tired, 1), 0, tired
            batches[-1].append((place, item))
            room, size = room - 1, size + item.size
        return batches

    async def _attempt(self, batch: list[Entry[Item]], *, searching: bool = False) -> None:
        places = [place for place, _ in batch]
        # The search for a poison item, which the agency answers in part, is bounded by itself.
        again = not searching and all(item.attempts for _, item in batch)
        try:
            async with self.line.call(patient=self.patient, again=again):
                results = await self.send([item for _, item in batch])
        except NotSent as failed:
            self.failures.update((place, Answer(Answered.UNSENT, failed.reason)) for place in places)
        except CallFailed as failed:
            await self._search(batch, failed)
        else:
            self.results.update(zip(places, results, strict=True))

    async def _search(self, batch: list[Entry[Item]], failed: CallFailed) -> None:
        hopeless = len(self._suspects) >= SINGLES and not self.results
        if failed.item_suspected and len(batch) > 1 and not hopeless:
            half = len(batch) // 2
            await self._attempt(batch[:half], searching=True)
            await self._attempt(batch[half:], searching=True)
        elif len(batch) == 1 and (failed.item_suspected or batch[0][1].attempts >= SUSPECT_ATTEMPTS):
            self._suspects[batch[0][0]] = failed.reason
        else:
            self.failures.update((place, Answer(Answered.SILENT, failed.reason)) for place, _ in batch)
