"""Bulletins in the contract's form, in which they are told to everybody and to partners."""

from clearance.district.v1 import bulletin_pb2 as pb
from clearance.gateway.v1.bulletin_service_pb2 import PublishBulletinRequest
from gateway.domain.bulletin import Bulletin, Kind, Words
from gateway.operations.bulletins import Publication
from gateway.rpc.times import micros, timestamp


def write_bulletin(bulletin: Bulletin, newest: int) -> pb.Bulletin:
    """As the contract has it; `newest` is the highest version that is known."""
    message = pb.Bulletin(
        number=bulletin.number,
        version=bulletin.version,
        district=bulletin.district,
        publisher=bulletin.publisher,
        kind=int(bulletin.kind),  # type: ignore[arg-type]  # the domain's numbers are the contract's
        zh=pb.BulletinText(title=bulletin.zh.title, paragraphs=bulletin.zh.paragraphs),
        en=pb.BulletinText(title=bulletin.en.title, paragraphs=bulletin.en.paragraphs),
        effective_time=timestamp(bulletin.effective_time),
        agencies=bulletin.agencies,
        commitment_ids=bulletin.commitments,
        withdrawal=bulletin.withdrawal,
        publish_time=timestamp(bulletin.publish_time),
        position=bulletin.position,
        current=bulletin.version == newest,
    )
    if bulletin.until_time is not None:
        message.until_time.CopyFrom(timestamp(bulletin.until_time))
    return message


def read_bulletin(message: pb.Bulletin) -> Bulletin:
    """As the domain has it; where it stands in a partner's list is left there."""
    return Bulletin(
        *(message.number, message.version, message.district, message.publisher, Kind(message.kind)),
        *(_words(message.zh), _words(message.en), micros(message.effective_time)),
        micros(message.until_time) if message.HasField("until_time") else None,
        tuple(message.agencies),
        tuple(message.commitment_ids),
        message.withdrawal,
        micros(message.publish_time),
    )


def read_publication(request: PublishBulletinRequest, officer: str, publisher: str) -> Publication:
    """What an officer publishes."""
    return Publication(
        *(request.request_id, officer, publisher, request.number, request.replaced_version, Kind(request.kind)),
        *(_words(request.zh), _words(request.en)),
        micros(request.effective_time) if request.HasField("effective_time") else None,
        micros(request.until_time) if request.HasField("until_time") else None,
        tuple(request.agencies),
        tuple(request.commitment_ids),
        request.withdrawal,
    )


def _words(text: pb.BulletinText) -> Words:
    return Words(text.title, tuple(text.paragraphs))
