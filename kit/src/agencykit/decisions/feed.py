"""The feed of decisions: resumable from any position of every log in the database, and alive while nothing happens.

What a reply brought is in the feed too, for a caller who never got the reply. Mostly he did, records it, and says so
with his next call: so the feed leaves it a moment, and passes over what its follower has recorded meanwhile.
"""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing

from sqlalchemy import Connection

from agencykit.decisions.cursor import Cursor
from agencykit.decisions.followers import Followers
from agencykit.decisions.reads import decisions_after, heads
from agencykit.evidence.wire import field
from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.agency.v1.agency_service_pb2 import FollowDecisionsResponse
from clearance.common.v1.evidence_pb2 import LogPosition, LogRange

MOST_DECISIONS = 256


class Feed(Followers):
    """Followers of decisions. What was answered in a reply need not be announced; what nobody was answered (a fact has
    come, an officer has looked) must."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._cursors: set[Cursor] = set()

    def notify(self) -> None:
        """See Followers. All that is logged is sent."""
        for cursor in self._cursors:
            cursor.announced = True
        super().notify()

    def recorded(self, identity: str, ranges: Sequence[LogRange]) -> None:
        """A caller has these for good: the streams he follows now need not repeat them."""
        for cursor in self._cursors:
            if cursor.identity == identity:
                cursor.skip(ranges)

    async def follow(
        self, positions: Iterable[LogPosition], call: Call
    ) -> AsyncGenerator[FollowDecisionsResponse, None]:
        """Messages from after the positions until the call's deadline; the first one comes at once."""
        cursor = Cursor(str(call.identity), {position.log: position.sequence for position in positions})
        self._cursors.add(cursor)
        try:
            async with aclosing(self.pages(_after, cursor, call)) as pages:
                async for signed, _ in pages:
                    yield _message(signed, cursor.read)
        finally:
            self._cursors.discard(cursor)


def _after(connection: Connection, cursor: Cursor) -> tuple[Sequence[bytes], Cursor, bool]:
    announced, cursor.announced = cursor.announced, False
    due = cursor.due(heads(connection), announced=announced)
    found = decisions_after(connection, cursor.read, due, MOST_DECISIONS)
    cursor.moved([(log, sequence) for log, sequence, _ in found])
    more = len(found) == MOST_DECISIONS
    # What is left of what was due is due at the next look.
    cursor.announced |= announced and more
    return [signed for _, _, signed in found], cursor, more


def _message(signed: Iterable[bytes], read: Mapping[str, int]) -> FollowDecisionsResponse:
    """Decisions and the positions after them. The decisions are already in wire form."""
    message = FollowDecisionsResponse.FromString(b"".join([field(1, content) for content in signed]))
    message.positions.extend([LogPosition(log=log, sequence=sequence) for log, sequence in sorted(read.items())])
    return message
