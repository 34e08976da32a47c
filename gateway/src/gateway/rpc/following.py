"""Lists that grow, told to whoever follows them: at once what is there, then what comes, and signs of life between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from agencykit.rpc.call import Call

Found = TypeVar("Found")

# How often a follower looks by himself, for what other replicas did.
LOOK_SECONDS = 1.0
SIGN_OF_LIFE_SECONDS = 5.0


class Following:
    """Those who follow one list here."""

    def __init__(self) -> None:
        self._closed, self._news = False, asyncio.Event()

    async def looks(
        self, call: Call, read: Callable[[int], Awaitable[Found]], position: int, place: Callable[[Found], int | None]
    ) -> AsyncIterator[tuple[Found, int]]:
        """What is read after the position, and the position after it. `place` tells where it ends; None: nothing."""
        told_at = float("-inf")
        while (left := call.remaining()) > 0 and not self._closed:
            news, now = self._news, call.clock.monotonic()
            found = await read(position)
            end = place(found)
            if end is not None or now - told_at >= SIGN_OF_LIFE_SECONDS:
                told_at, position = now, position if end is None else end
                yield found, position
            if end is None:
                await _rest(news, min(left, LOOK_SECONDS))

    def notify(self) -> None:
        """The list has grown: whoever follows looks. Each waits on the event he saw before he looked last."""
        event, self._news = self._news, asyncio.Event()
        event.set()

    def close(self) -> None:
        """Ends every stream, now and later: followers resume elsewhere."""
        self._closed = True
        self.notify()


async def _rest(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
