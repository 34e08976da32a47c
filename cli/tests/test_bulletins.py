"""Bulletins on the command line: what is asked for, and what is told of them."""

from pathlib import Path
from typing import Any

import pytest

from clearance.district.v1.bulletin_pb2 import Bulletin, BulletinText
from clearance.gateway.v1 import bulletin_service_pb2 as pb
from tongguan.bulletins import Bulletins, text_of
from tongguan.channels import Peer
from tongguan.failures import Misused
from tongguan.report.bulletins import bulletin_lines, bulletin_row


class Gateway(Peer):
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def call(self, method: str, request: Any, response: Any, seconds: float = 0.0) -> Any:
        self.asked.append(request)
        return response()


def test_a_text_is_of_paragraphs_said_or_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "holidays.txt"
    file.write_text("绿色通道\n照常开放。\n\n\n值班电话见公告。\n", "utf-8")
    text = text_of("节日值班", [f"@{file}", "特此通报。"])
    assert text.paragraphs == ["绿色通道 照常开放。", "值班电话见公告。", "特此通报。"]
    with pytest.raises(Misused):
        text_of("节日值班", [f"@{tmp_path / 'nowhere.txt'}"])


def test_the_same_words_of_one_day_are_one_bulletin_and_others_are_another() -> None:
    gateway = Gateway()
    for title in ("节日值班", "节日值班", "节日值班(更正)"):
        Bulletins(gateway).publish(pb.PublishBulletinRequest(kind=Bulletin.KIND_NOTICE, zh=BulletinText(title=title)))
    first, again, other = (each.request_id for each in gateway.asked)
    assert (first == again, first == other) == (True, False)


def test_a_bulletin_tells_whose_it_is_how_it_stands_and_both_languages() -> None:
    bulletin = Bulletin(number="B310020040000171", version=2, district="shanghai", publisher="port", kind=2)
    bulletin.zh.title, bulletin.en.title = "洋山港封航", "Yangshan closed"
    bulletin.en.paragraphs.append("In fog.")
    bulletin.agencies.append("port")
    told = bulletin_lines([bulletin])
    for words in (
        "superseded: planned downtime",
        "port of shanghai",
        "until further notice",
        "洋山港封航",
        "    In fog.",
    ):
        assert words in told
    bulletin.withdrawal = True
    assert "withdrawn" in bulletin_lines([bulletin])
    assert "(withdrawn)" in " ".join(bulletin_row(bulletin))
