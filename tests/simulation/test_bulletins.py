"""Bulletins (通报) go from district to district: each is shown where it arrives as the other's own."""

from pathlib import Path
from typing import Any

from guaranteed import Guaranteed, rest
from keeping_touch import told
from simulated import CALL_SECONDS

from clearance.district.v1.bulletin_pb2 import Bulletin, BulletinText
from clearance.gateway.v1 import bulletin_service_pb2 as pb

SERVICE = "/clearance.gateway.v1."


async def published(at: Guaranteed, caller: str, title: str, **fields: Any) -> Bulletin:
    """What an officer of the district publishes."""
    words = {"zh": BulletinText(title=title, paragraphs=[title]), "en": BulletinText(title=title, paragraphs=[title])}
    said = {"request_id": at.district.runtime.ids.uuid(), "kind": Bulletin.KIND_PROCEDURE}
    request, answer = pb.PublishBulletinRequest(**{**said, **words, **fields}), pb.PublishBulletinResponse
    officer = at.district.transport("gateway", caller)
    method = f"{SERVICE}BulletinPublishingService/PublishBulletin"
    return (await officer.unary(method, request, answer, timeout_seconds=CALL_SECONDS)).bulletin


async def listed(at: Guaranteed, **fields: Any) -> list[tuple[str, str, int]]:
    """(district, publisher, version) of each that the public is shown."""
    console = at.district.transport("gateway", "console")
    request, answer = pb.ListBulletinsRequest(**fields), pb.ListBulletinsResponse
    found = await console.unary(
        f"{SERVICE}BulletinService/ListBulletins", request, answer, timeout_seconds=CALL_SECONDS
    )
    return [(each.district, each.publisher, each.version) for each in found.bulletins]


def test_a_partners_bulletin_arrives_with_its_next_version_once_it_is_reached_and_is_its_own(tmp_path: Path) -> None:
    async def story(hangzhou: Guaranteed, ningbo: Guaranteed) -> None:
        await rest(1.5)
        first = await published(hangzhou, "operator/officer-inspection", "产地证书改版")
        await published(ningbo, "operator/port-office", "节日值班")
        await rest(1.5)
        both = {("hangzhou", "inspection", 1), ("ningbo", "port_office", 1)}
        assert set(await listed(ningbo)) == set(await listed(hangzhou)) == both
        ningbo.district.partners["hangzhou"].layers = None
        changed = {"number": first.number, "replaced_version": 1}
        await published(hangzhou, "operator/officer-inspection", "产地证书改版(撤回)", **changed, withdrawal=True)
        await rest(1.5)
        assert set(await listed(ningbo)) == both
        ningbo.district.reach(hangzhou.district)
        await rest(6)
        assert await listed(ningbo, district="hangzhou") == [("hangzhou", "inspection", 2)]
        assert await listed(ningbo, standing=True) == [("ningbo", "port_office", 1)]

    told(tmp_path, story)
