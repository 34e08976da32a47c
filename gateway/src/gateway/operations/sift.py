"""Work on several items in one transaction; where that fails, by halves, until what makes it fail stands alone."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

from agencykit.refusals import Unavailable
from gateway.operations.duties import DutyLost

Item = TypeVar("Item")
# What concerns the whole batch, whatever is in it.
WHOLE = (Unavailable, DutyLost)


async def sift(
    items: Sequence[Item], work: Callable[[Sequence[Item]], Awaitable[object]]
) -> list[tuple[Item, Exception]]:
    """Does `work` for all items, in their order; returns those that fail alone, with why.

    Raises Unavailable and DutyLost. What came before that is done.
    """
    if not items:
        return []
    try:
        await work(items)
    except WHOLE:
        raise
    except Exception as error:
        if len(items) == 1:
            return [(items[0], error)]
        half = len(items) // 2
        return [*await sift(items[:half], work), *await sift(items[half:], work)]
    return []


# Items of which tries are counted; of more the earliest are forgotten, and begin anew.
MOST = 4096


class Tries:
    """How often items failed alone, as long as this process lives: after a restart each has all its tries again."""

    def __init__(self) -> None:
        self._counts: dict[Hashable, int] = {}

    def failed(self, key: Hashable, most: int) -> bool:
        """Counts one more; whether that is enough."""
        self._counts[key] = self._counts.get(key, 0) + 1
        if len(self._counts) > MOST:
            self._counts.pop(next(iter(self._counts)))
        return self._counts[key] >= most

    def forget(self, key: Hashable) -> None:
        """It is set aside, or went through."""
        self._counts.pop(key, None)
