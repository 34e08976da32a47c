"""The feed of decisions: resumable from any position of every log in the database, and alive while nothing happens."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing

from sqlalchemy import Connection

from agencykit.decisions.followers import Followers
from agencykit.decisions.reads import decisions_after
from agencykit.evidence.wire import field
from agencykit.rpc.call import Call
from clearance.agency.v1.agency_service_pb2 import FollowDecisionsResponse
from clearance.common.v1.evidence_pb2 import LogPosition

MOST_DECISIONS = 256


class Feed(Followers):
    """Followers of decisions. What was answered in a reply need not be announced; what nobody was answered (a fact has
    come, an officer has looked) must."""

    async def follow(
        self, positions: Iterable[LogPosition], call: Call
    ) -> AsyncGenerator[FollowDecisionsResponse, None]:
        """Messages from after the positions until the call's deadline; the first one comes at once."""
        read: Mapping[str, int] = {position.log: position.sequence for position in positions}
        async with aclosing(self.pages(_after, read, call)) as pages:
            async for signed, place in pages:
                yield _message(signed, place)


def _after(connection: Connection, read: Mapping[str, int]) -> tuple[Sequence[bytes], Mapping[str, int], bool]:
    found = decisions_after(connection, read, MOST_DECISIONS)
    place = {**read} | {log: sequence for log, sequence, _ in found}
    return [signed for _, _, signed in found], place, len(found) == MOST_DECISIONS


def _message(signed: Iterable[bytes], read: Mapping[str, int]) -> FollowDecisionsResponse:
    """Decisions and the positions after them. The decisions are already in wire form."""
    message = FollowDecisionsResponse.FromString(b"".join([field(1, content) for content in signed]))
    message.positions.extend([LogPosition(log=log, sequence=sequence) for log, sequence in sorted(read.items())])
    return message
