"""The feed of decisions: resumable from any position of every log in the database, and alive while nothing happens."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping

from agencykit.decisions.reads import decisions_after
from agencykit.evidence.wire import field
from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.agency.v1.agency_service_pb2 import FollowDecisionsResponse
from clearance.common.v1.evidence_pb2 import LogPosition

MOST_DECISIONS = 256
SIGN_OF_LIFE_SECONDS = 4.0
# Logs are looked at so often: for what other replicas decided, and for what was answered in a reply. What nobody was
# answered (a fact has come, an officer has looked) announces itself.
POLL_SECONDS = 0.5
# What commits together soon travels in one message.
GATHER_SECONDS = 0.01
# The stream ends by itself this long before its deadline, so that the follower meets an end and not an error.
MARGIN_SECONDS = 0.1
LEAST_SECONDS = 0.001


class Feed:
    """Followers of one replica. `notify` after each commit that logged decisions which no reply brings."""

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

    async def follow(
        self, positions: Iterable[LogPosition], call: Call
    ) -> AsyncGenerator[FollowDecisionsResponse, None]:
        """Messages from after the positions until the call's deadline; the first one comes at once."""
        read = {position.log: position.sequence for position in positions}
        silent_since: float | None = None
        while not self._closed and call.remaining() > MARGIN_SECONDS:
            changed = self._changed
            found = await self._database.read(decisions_after, read, MOST_DECISIONS)
            read |= {log: sequence for log, sequence, _ in found}
            now = call.clock.monotonic()
            if found or silent_since is None or now - silent_since >= SIGN_OF_LIFE_SECONDS:
                silent_since = now
                yield _message([signed for _, _, signed in found], read)
            if len(found) < MOST_DECISIONS:
                # Never less than a clock can tell apart: under a virtual one the loop would else stand still.
                await _wait(changed, max(min(POLL_SECONDS, call.remaining() - MARGIN_SECONDS), LEAST_SECONDS))


def _message(signed: Iterable[bytes], read: Mapping[str, int]) -> FollowDecisionsResponse:
    """Decisions and the positions after them. The decisions are already in wire form."""
    message = FollowDecisionsResponse.FromString(b"".join([field(1, content) for content in signed]))
    message.positions.extend([LogPosition(log=log, sequence=sequence) for log, sequence in sorted(read.items())])
    return message


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
            await asyncio.sleep(GATHER_SECONDS)
    except TimeoutError:
        return
