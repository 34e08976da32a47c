"""A batch that fails is tried by halves until the poison item stands alone; the others go on."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from agencykit.refusals import Refusal
from agencykit.storage.errors import StorageFault

Item = TypeVar("Item")
Result = TypeVar("Result")

# How often a batch that lost a race for a unique key is tried again as it is: it then meets the winner's rows.
RACES = 3


async def by_halves(
    items: Sequence[Item],
    run: Callable[[Sequence[Item]], Awaitable[list[Result]]],
    poisoned: Callable[[Item, Exception], Awaitable[list[Result]]],
    races: int = RACES,
) -> list[Result]:
    """Runs `run(items)`, by halves where it fails; `poisoned` answers for an item that fails alone.

    A Refusal (the database is away, the log is not writable) concerns the whole batch and passes unchanged.
    """
    try:
        return await run(items)
    except Refusal:
        raise
    except Exception as error:
        if races and isinstance(error, StorageFault) and error.duplicate:
            return await by_halves(items, run, poisoned, races - 1)
        if len(items) == 1:
            return await poisoned(items[0], error)
    middle = len(items) // 2
    return [
        *await by_halves(items[:middle], run, poisoned),
        *await by_halves(items[middle:], run, poisoned),
    ]
