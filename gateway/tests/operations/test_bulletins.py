"""Bulletins (通报): officers publish for their own, in versions that stay; everybody reads and follows them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agencykit.refusals import (
    CallerNotListed,
    FormInvalid,
    NotFound,
    PositionAhead,
    RequestIdReused,
    StaleVersion,
    StateForbids,
)
from agencykit.storage import Database
from clearance.district.v1.bulletin_pb2 import Bulletin, BulletinText
from clearance.gateway.v1 import bulletin_service_pb2 as pb
from gateway.domain.bulletin import Bulletin as Known
from gateway.domain.bulletin import Kind, Words
from gateway.operations.bulletins import begin_anew, followed, hear_bulletins
from gateway.storage.bulletins import read_position

READ, WRITE = "/clearance.gateway.v1.BulletinService/", "/clearance.gateway.v1.BulletinPublishingService/"
WEI, LIN = "operator/port-office", "operator/officer-customs"
SAME = "41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc"
ZH = BulletinText(title="节日值班", paragraphs=["绿色通道照常开放。"])
EN = BulletinText(title="Holidays", paragraphs=["The green lane stays open."])


class Reader:
    """Somebody who publishes or reads."""

    def __init__(self, gateway: Any, path: str) -> None:
        self.caller = gateway.caller(path)

    async def publish(self, **fields: Any) -> Bulletin:
        said = {"request_id": self.caller.runtime.ids.uuid(), "kind": Bulletin.KIND_PROCEDURE, "zh": ZH, "en": EN}
        return (await self._ask(WRITE, "PublishBulletin", **{**said, **fields})).bulletin  # type: ignore[no-any-return]

    async def read(self, name: str, **fields: Any) -> Any:
        return await self._ask(READ, name, **fields)

    async def listed(self, **fields: Any) -> list[str]:
        return [each.number for each in (await self.read("ListBulletins", **fields)).bulletins]

    def follow(self, position: int, seconds: float = 5.0) -> AsyncIterator[pb.FollowBulletinsResponse]:
        request, answer = pb.FollowBulletinsRequest(position=position), pb.FollowBulletinsResponse
        stream = self.caller.transport.stream(f"{READ}FollowBulletins", request, answer, timeout_seconds=seconds)
        return stream  # type: ignore[no-any-return]

    async def _ask(self, service: str, name: str, **fields: Any) -> Any:
        request, answer = getattr(pb, f"{name}Request")(**fields), getattr(pb, f"{name}Response")
        return await self.caller.transport.unary(f"{service}{name}", request, answer, timeout_seconds=10.0)


@pytest.fixture
def lin(gateway: Any) -> Reader:
    """Of customs."""
    return Reader(gateway, LIN)


@pytest.fixture
def wei(gateway: Any) -> Reader:
    """Of the port office."""
    return Reader(gateway, WEI)


async def test_a_further_version_takes_the_place_of_the_one_before_which_stays_readable_until_it_is_withdrawn(
    lin: Reader, wei: Reader, district: Any
) -> None:
    first = await lin.publish(agencies=["customs"], commitment_ids=["COMMIT-SEA"])
    assert (first.number[:5], first.version, first.publisher, first.district) == ("B3100", 1, "customs", "ningbo")
    nothing_new = {"number": first.number, "replaced_version": 1}
    with pytest.raises(NotFound):
        await wei.publish(**nothing_new)
    second = await lin.publish(**nothing_new, zh=BulletinText(title="节日值班(更正)", paragraphs=["二十四小时开放。"]))
    with pytest.raises(StaleVersion):
        await lin.publish(**nothing_new)
    versions = (await wei.read("GetBulletin", number=first.number)).versions
    assert [(each.version, each.zh.title, each.current) for each in versions] == [
        (2, "节日值班(更正)", True),
        (1, "节日值班", False),
    ]
    assert await wei.listed(standing=True) == [first.number]
    gone = await lin.publish(number=second.number, replaced_version=2, withdrawal=True)
    assert gone.withdrawal
    with pytest.raises(StateForbids):
        await lin.publish(number=gone.number, replaced_version=3)
    assert (await wei.listed(standing=True), await wei.listed()) == ([], [first.number])
    acts = district.rows("SELECT agency, details FROM audit WHERE act = 'bulletin published' ORDER BY id")
    assert len(acts) == 3
    assert {agency for agency, _ in acts} == {"customs"}
    assert "operator/officer-customs" in acts[0][1]


async def test_the_same_call_again_is_the_same_bulletin_and_its_id_serves_for_nothing_else(lin: Reader) -> None:
    first = await lin.publish(request_id=SAME)
    await lin.publish(number=first.number, replaced_version=1)
    again = await lin.publish(request_id=SAME)
    assert (again.number, again.version, again.current) == (first.number, 1, False)
    with pytest.raises(RequestIdReused):
        await lin.publish(request_id=SAME, kind=Bulletin.KIND_RECALL)
    assert len(await lin.listed()) == 1


NONSENSE: list[dict[str, Any]] = [
    {"agencies": ["navy"]},
    {"commitment_ids": ["COMMIT-MOON"]},
    {"withdrawal": True},
    {"replaced_version": 1},
    {"until_time": {"seconds": 1}},
    {"effective_time": {"seconds": 9}, "until_time": {"seconds": 9}},
    {"zh": BulletinText(title="只有题目")},
]


async def test_what_makes_no_sense_is_not_published(lin: Reader) -> None:
    for fields in NONSENSE:
        with pytest.raises(FormInvalid):
            await lin.publish(**fields)
    assert await lin.listed() == []


async def test_officers_publish_for_their_own_and_nobody_else_does_but_everybody_reads(
    gateway: Any, wei: Reader
) -> None:
    assert (await wei.publish()).publisher == "port_office"
    for path in ("operator/nobodys", "broker/3104980001", "console", "customs"):
        with pytest.raises(CallerNotListed):
            await Reader(gateway, path).publish()
    for path in ("broker/3104980001", "console", "customs", "operator/nobodys"):
        assert len(await Reader(gateway, path).listed()) == 1
    with pytest.raises(CallerNotListed):
        await Reader(gateway, "terminal/BEILUN-2").listed()


async def test_a_list_is_cut_by_kind_agency_and_pages(lin: Reader, wei: Reader) -> None:
    about = [await lin.publish(agencies=each) for each in (["port"], ["border"], [])]
    recall = await wei.publish(kind=Bulletin.KIND_RECALL, agencies=["customs"])
    port, _, everybody = (each.number for each in about)
    assert await lin.listed(agency="port") == [everybody, port]
    assert await lin.listed(agency="port_office") == [recall.number, everybody]
    assert await lin.listed(kinds=[Bulletin.KIND_RECALL]) == [recall.number]
    assert await lin.listed(district="shanghai") == []
    first = await lin.read("ListBulletins", page_size=3)
    rest = await lin.read("ListBulletins", page_size=3, page_token=first.next_page_token)
    assert [each.number for each in rest.bulletins] == [port]
    assert (first.position, rest.next_page_token) == (4, "")


async def test_whoever_follows_hears_each_version_once_from_where_he_stood(lin: Reader, wei: Reader) -> None:
    first = await lin.publish()
    heard: list[tuple[str, int]] = []
    stream = wei.follow(0)

    async def listen() -> None:
        async for part in stream:
            heard.extend((each.number, each.version) for each in part.bulletins)
            if len(heard) == 3:
                return

    listening = asyncio.create_task(listen())
    second = await wei.publish()
    await lin.publish(number=first.number, replaced_version=1)
    await asyncio.wait_for(listening, 10)
    assert heard == [(first.number, 1), (second.number, 1), (first.number, 2)]
    part = await anext(aiter(wei.follow(2)))
    assert [each.version for each in part.bulletins] == [2]
    with pytest.raises(PositionAhead):
        await anext(aiter(wei.follow(4)))


async def test_two_who_replace_the_same_version_at_once_are_one_who_does_and_one_who_is_told(lin: Reader) -> None:
    first = await lin.publish()
    both = (lin.publish(number=first.number, replaced_version=1) for _ in range(2))
    answers = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in answers) == ["Bulletin", "StaleVersion"]


@pytest.fixture
async def database(gateway: Any) -> AsyncIterator[Database]:
    made = Database(gateway.app._settings.database_url, gateway.runtime)
    yield made
    await made.close()


async def test_what_a_partner_published_is_kept_once_whoever_of_two_replicas_reads_it_and_never_changes(
    gateway: Any, database: Database, lin: Reader
) -> None:
    words = Words("Yangshan", ("Closed in fog.",))
    told = Known(
        *("B22002004000001X", 1, "shanghai", "port", Kind.UNPLANNED_DOWNTIME, words, words),
        *(1, None, (), (), False, 1),
    )
    context = gateway.app._context()
    heard = (hear_bulletins, "shanghai", [told], 0, 40, context)
    assert await database.write(*heard) == await database.write(*heard) == []
    assert await database.read(read_position, "shanghai") == 40
    await database.write(begin_anew, "shanghai")
    other = Known(*("B22002004000001X", 1, "shanghai", "port", Kind.NOTICE, words, words), *(1, None, (), (), False, 1))
    changed = await database.write(hear_bulletins, "shanghai", [told, other], 0, 41, context)
    assert changed == ["B22002004000001X"]
    [kept] = (await lin.read("GetBulletin", number="B22002004000001X")).versions
    assert (kept.kind, kept.district, kept.position) == (Bulletin.KIND_UNPLANNED_DOWNTIME, "shanghai", 1)
    own = await lin.publish()
    # A partner is told what was published here, and nothing that others told us.
    found, _ = await database.read(followed, 0, "ningbo")
    assert [each.number for each in found] == [own.number]
