"""Releases by hand on the command line: what two officers ask for, and what is told of it."""

from typing import Any

from clearance.common.v1.decision_pb2 import Scope
from clearance.gateway.v1 import manual_release_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.manual_releases import ManualReleases
from tongguan.report.manual import manual_lines, overrides_words

WEI, FANG = "spiffe://ningbo.clearance/operator/li-wei", "spiffe://ningbo.clearance/operator/wang-fang"
NUMBER = "310020040PX7K3M9QZ2B"


class Gateway(Peer):
    """Knows releases of the clearance in these states, and notes what it was asked for."""

    def __init__(self) -> None:
        self.states: list[Any] = []
        self.asked: list[Any] = []

    def call(self, method: str, request: Any, response: Any, seconds: float = 0.0) -> Any:
        if method.endswith("/ListManualReleases"):
            return response(releases=[pb.ManualRelease(state=each) for each in self.states])
        self.asked.append(request)
        return response()


def test_an_order_repeated_before_anything_has_changed_is_one_act_and_another_paper_is_another() -> None:
    gateway = Gateway()
    said = {"version": 1, "absent_agencies": ["customs"], "reason_code": "RELIEF", "reason": "急救药品"}
    for states, paper in ([], "NB-1"), ([1], "NB-1"), ([], "NB-2"), ([5], "NB-1"):
        gateway.states = states
        ManualReleases(gateway).order(NUMBER, {**said, "paper_order_number": paper})
    first, again, other_paper, after_withdrawal = [each.request_id for each in gateway.asked]
    assert first == again
    assert len({first, other_paper, after_withdrawal}) == 3


def test_a_release_by_hand_tells_who_did_what_without_whom_and_what_is_open() -> None:
    release = pb.ManualRelease(
        number=NUMBER,
        serial=1,
        version=2,
        state=pb.ManualRelease.STATE_CONFLICT,
        scope=Scope(container_numbers=["CSQU3054383"]),
        absent_agencies=["border", "customs"],
        paper_order_number="NB-88",
        proposer=WEI,
        second=FANG,
        order_number=1,
        settler=WEI,
    )
    release.emergency.fallback_number, release.emergency.guarantee_reference = "F310020040001-0002", "BH-17"
    told = manual_lines([release])
    for words in ("CONFLICT", "CSQU3054383", "without border, customs", "NB-88", f"ordered    by {FANG}"):
        assert words in told
    assert "F310020040001-0002 by , on guarantee BH-17" in told
    release.order_number = 0
    assert f"taken back by {FANG}" in manual_lines([release])


def test_the_table_names_reasons_and_what_never_goes() -> None:
    table = pb.ManualReleaseTable(never_commodities=["36", "93"])
    reason = table.reasons.add(code="RELIEF")
    reason.text.zh, reason.text.en = "抢险救灾物资", "Relief supplies"
    words = overrides_words(table)
    assert "RELIEF" in words
    assert "36, 93" in words
