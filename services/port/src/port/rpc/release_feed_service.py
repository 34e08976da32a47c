"""ReleaseFeedService: release and stop orders pushed to terminals and trucks."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from sqlalchemy import Connection

from agencykit.decisions.followers import Followers
from agencykit.decisions.outcomes import LIST
from agencykit.identity import Identity
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from clearance.port.v1 import release_feed_service_pb2 as pb
from port.operations.notices import HAULIER, TERMINAL, Notice, Notices, Reader
from port.rpc.messages import named_message, release_message

CALLERS = ("operator/*", "terminal/*", "haulier/*")
_SEES = {"terminal": TERMINAL, "haulier": HAULIER}


class ReleaseFeedServicer:
    """`told` is woken by what the gateway tells."""

    def __init__(self, told: Followers, notices: Notices) -> None:
        self._told, self._notices = told, notices

    async def FollowReleases(
        self, request: pb.FollowReleasesRequest, call: Call
    ) -> AsyncGenerator[pb.FollowReleasesResponse, None]:
        reader = reader_of(call.identity)

        def after(connection: Connection, position: int) -> tuple[list[Notice], int, bool]:
            return self._notices.after(connection, reader, position)

        await self._told.check(LIST, request.position)
        async with aclosing(self._told.pages(after, request.position, call)) as pages:
            async for notices, position in pages:
                yield pb.FollowReleasesResponse(notices=list(map(_message, notices)), position=position)


def reader_of(identity: Identity) -> Reader:
    """What a caller may see, by his role."""
    return Reader(_SEES[identity.role], identity.name) if identity.role in _SEES else Reader()


def _message(notice: Notice) -> pb.ReleaseNotice:
    if notice.over:
        return pb.ReleaseNotice(
            position=notice.position, release=named_message(notice.stored, notice.release), over=True
        )
    release = release_message(notice.stored, notice.release, notice.terminal)
    return pb.ReleaseNotice(position=notice.position, release=release)


def release_feed_service(told: Followers, notices: Notices) -> Service:
    """The service with its default callers."""
    return Service(ReleaseFeedServicer(told, notices), pb.DESCRIPTOR.services_by_name["ReleaseFeedService"], CALLERS)
