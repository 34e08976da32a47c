"""Server streams that resume where they stopped: read from the database page by page, alive while nothing happens.

Nothing is kept for a reader but his place: a slow one holds nobody up, and costs no memory.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from agencykit.decisions.positions import check_position
from agencykit.rpc.call import Call
from agencykit.storage import Database

Item = TypeVar("Item")
Place = TypeVar("Place")

SIGN_OF_LIFE_SECONDS = 4.0
# The database is looked at so often: for what other replicas wrote, and for what nobody announced.
POLL_SECONDS = 0.5
# What commits together soon travels in one message.
GATHER_SECONDS = 0.01
# The stream ends by itself this long before its deadline, so that the follower meets an end and not an error.
MARGIN_SECONDS = 0.1
LEAST_SECONDS = 0.001

# (connection, place) → (what stands after it, the place after that, whether more stands there already).
Read = Callable[[Connection, Place], tuple[Sequence[Item], Place, bool]]


class Followers:
    """Followers of one list in one replica. `notify` after each commit that added what should be sent at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._changed = asyncio.Event()
        self._closed = False

    def notify(self) -> None:
        """Wakes every follower."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def close(self) -> None:
        """Ends every stream, now and later: followers resume elsewhere."""
        self._closed = True
        self.notify()

    async def check(self, name: str, position: int) -> None:
        """PositionAhead where the list does not reach as far as the position."""
        await self._database.read(check_position, name, position)

    async def pages(
        self, read: Read[Place, Item], place: Place, call: Call
    ) -> AsyncGenerator[tuple[Sequence[Item], Place], None]:
        """What stands after the place, and the place after it, until the call's deadline; the first page at once.

        A page without items is a sign of life.
        """
        silent_since: float | None = None
        while not self._closed and call.remaining() > MARGIN_SECONDS:
            changed = self._changed
            found, place, more = await self._database.read(read, place)
            now = call.clock.monotonic()
            if found or silent_since is None or now - silent_since >= SIGN_OF_LIFE_SECONDS:
                silent_since = now
                yield found, place
            if not more:
                # Never less than a clock can tell apart: under a virtual one the loop would else stand still.
                await _wait(changed, max(min(POLL_SECONDS, call.remaining() - MARGIN_SECONDS), LEAST_SECONDS))


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
            await asyncio.sleep(GATHER_SECONDS)
    except TimeoutError:
        return
