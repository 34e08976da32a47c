"""Whose turn it is among those who wait: one of each caller in turn, each one's own in the order in which they came."""

from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")


@dataclass(slots=True)
class Turns(Generic[Item]):
    """A caller who has a thousand waiting delays another's one by one place, not by a thousand."""

    # The first is the one whose turn it is.
    _callers: dict[Hashable, deque[Item]] = field(default_factory=dict)
    _count: int = 0

    def __len__(self) -> int:
        return self._count

    def add(self, caller: Hashable, item: Item) -> None:
        """The last of this caller's."""
        waiting = self._callers.get(caller)
        if waiting is None:
            waiting = self._callers[caller] = deque()
        waiting.append(item)
        self._count += 1

    def first(self) -> Item:
        """Whose turn it is."""
        return next(iter(self._callers.values()))[0]

    def take(self) -> Item:
        """Takes it; the turn passes to the next caller."""
        caller, waiting = next(iter(self._callers.items()))
        item = waiting.popleft()
        self._count -= 1
        del self._callers[caller]
        if waiting:
            self._callers[caller] = waiting
        return item
