"""Bulletins (通报), by one identity."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clearance.district.v1.bulletin_pb2 import Bulletin, BulletinText
from clearance.gateway.v1 import bulletin_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.clearances import content_of, request_id
from tongguan.failures import Misused
from tongguan.resuming import resumed

_READ = "/clearance.gateway.v1.BulletinService/"
_WRITE = "/clearance.gateway.v1.BulletinPublishingService/"


class Bulletins:
    """BulletinService and BulletinPublishingService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, wanted: Mapping[str, Any], limit: int) -> Iterator[Bulletin]:
        """Current versions, the newest first."""
        request = pb.ListBulletinsRequest(**wanted)
        yield from self._peer.pages(f"{_READ}ListBulletins", request, pb.ListBulletinsResponse, "bulletins", limit)

    def versions(self, number: str) -> Sequence[Bulletin]:
        """All of one bulletin, the newest first."""
        request = pb.GetBulletinRequest(number=number)
        return self._peer.call(f"{_READ}GetBulletin", request, pb.GetBulletinResponse).versions

    def follow(self, position: int, seconds: float) -> Iterator[Bulletin]:
        """As they come, from after a position; a stream that ends is resumed where it ended."""
        request, answer = pb.FollowBulletinsRequest(position=position), pb.FollowBulletinsResponse
        for part in resumed(self._peer, f"{_READ}FollowBulletins", request, answer, "position", seconds):
            yield from part.bulletins

    def publish(self, request: pb.PublishBulletinRequest) -> Bulletin:
        """Publishes it; repeated on the same day with the same words it is the same bulletin."""
        today = datetime.now(UTC).date().isoformat()
        request.request_id = request_id("bulletin", today, content_of(request))
        return self._peer.call(f"{_WRITE}PublishBulletin", request, pb.PublishBulletinResponse).bulletin


def text_of(title: str, said: Sequence[str]) -> BulletinText:
    """A title and paragraphs; `@FILE` stands for those of a file, which empty lines part. Raises Misused."""
    paragraphs: list[str] = []
    for each in said:
        paragraphs += _paragraphs(each[1:]) if each.startswith("@") else [each]
    return BulletinText(title=title, paragraphs=paragraphs)


def _paragraphs(file: str) -> list[str]:
    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{file} cannot be read as text", "name a file in UTF-8, or write the words") from error
    return [" ".join(part.split()) for part in text.split("\n\n") if part.strip()]
