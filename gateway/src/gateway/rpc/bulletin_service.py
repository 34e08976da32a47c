"""BulletinService and BulletinPublishingService: bulletins (通报) are read by everybody, published by officers."""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field

from agencykit.refusals import FormInvalid, Violation
from agencykit.rpc.call import Call
from agencykit.storage import Database
from clearance.gateway.v1 import bulletin_service_pb2 as pb
from gateway.domain.bulletin import Bulletin
from gateway.operations.bulletins import all_versions, followed, listed, publish
from gateway.operations.context import Context
from gateway.rpc.acting import Acting
from gateway.rpc.bulletin_messages import read_publication, write_bulletin
from gateway.rpc.following import Following
from gateway.rpc.paging import from_token, to_token
from gateway.storage.bulletins import Wanted

PAGE_SIZE = 100


@dataclass(slots=True)
class BulletinServicer:
    """Answers everybody who may read; `acting` says who of the operators publishes for whom."""

    database: Database
    context: Callable[[], Context]
    code: str
    agencies: Collection[str]
    acting: Acting
    following: Following = field(default_factory=Following)

    async def ListBulletins(self, request: pb.ListBulletinsRequest, call: Call) -> pb.ListBulletinsResponse:
        """A page of current versions."""
        kinds = tuple(sorted({int(kind) for kind in request.kinds}))
        about = (request.district, request.agency, kinds)
        # Whether something is over by now is no part of the filter: time goes on between two pages.
        said = (*about, request.standing)
        place = from_token(call.method, said, request.page_token) if request.page_token else []
        size = request.page_size or PAGE_SIZE
        wanted = Wanted(*about, self.context().legal_now if request.standing else None)
        page = await self.database.read(listed, wanted, int(place[0]) if place else None, size)
        told = pb.ListBulletinsResponse(position=page.position)
        told.bulletins.extend(write_bulletin(each, each.version) for each in page.bulletins)
        if len(page.bulletins) == size:
            told.next_page_token = to_token(call.method, said, page.bulletins[-1].position)
        return told

    async def GetBulletin(self, request: pb.GetBulletinRequest, call: Call) -> pb.GetBulletinResponse:
        """All versions."""
        found = await self.database.read(all_versions, request.number)
        return pb.GetBulletinResponse(versions=[write_bulletin(each, found[0].version) for each in found])

    async def FollowBulletins(
        self, request: pb.FollowBulletinsRequest, call: Call
    ) -> AsyncIterator[pb.FollowBulletinsResponse]:
        """What was published, and is from now on."""

        async def read(position: int) -> tuple[list[Bulletin], dict[str, int]]:
            return await self.database.read(followed, position)

        async for (found, newest), position in self.following.looks(call, read, request.position, _end):
            told = [write_bulletin(each, newest[each.number]) for each in found]
            yield pb.FollowBulletinsResponse(bulletins=told, position=position)

    async def PublishBulletin(self, request: pb.PublishBulletinRequest, call: Call) -> pb.PublishBulletinResponse:
        """Published for whom the caller acts."""
        publication = read_publication(request, str(call.identity), self.acting.party(call))
        context = self.context()
        self._check(request, context)
        made = await self.database.write(publish, publication, context, self.code)
        self.following.notify()
        newest = await self.database.read(all_versions, made.number)
        return pb.PublishBulletinResponse(bulletin=write_bulletin(made, newest[0].version))

    def _check(self, request: pb.PublishBulletinRequest, context: Context) -> None:
        """What the form alone does not say."""
        broken = []
        promised = context.commitments
        known = {*(each.rule_id for each in promised.promises), *(key.id for key in promised.keys)}
        for place, each in enumerate(request.agencies):
            if each not in self.agencies:
                path = f"agencies[{place}]"
                broken.append(Violation(path, "bulletin.agency", "is no agency of this district", "string"))
        for place, each in enumerate(request.commitment_ids):
            if each not in known:
                path = f"commitment_ids[{place}]"
                broken.append(Violation(path, "bulletin.commitment", "is no commitment of this district", "string"))
        if not request.number and (request.replaced_version or request.withdrawal):
            broken.append(Violation("number", "bulletin.named", "must name what it replaces", "string"))
        if broken:
            raise FormInvalid(broken)


def _end(read: tuple[Sequence[Bulletin], object]) -> int | None:
    return read[0][-1].position if read[0] else None
