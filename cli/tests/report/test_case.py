"""A clearance for people: of another district's, what that shows and nothing made up."""

from typing import Any

from clearance.common.v1.decision_pb2 import Decision, Waiting
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance
from tongguan.console import PlainConsole
from tongguan.report.case import case
from tongguan.report.catalogue import catalogue_by


def nobody(agency: str, identity: str) -> Any:
    raise AssertionError(f"{agency} need not be asked as {identity}")


def drawn(clearance: Clearance) -> list[str]:
    console = PlainConsole(width=120)
    with console.capture() as captured:
        console.print(case(clearance, catalogue_by(nobody), "en"))
    return captured.get().strip().splitlines()


def test_what_another_district_does_not_show_is_left_out() -> None:
    shown = Clearance(number="310020040XKBM7K3M9QZ", state=Clearance.STATE_RELEASED, shown_by_district="ningbo")
    lines = drawn(shown)
    assert lines[0].split() == ["310020040XKBM7K3M9QZ", "RELEASED"]
    assert lines[1].split()[:3] == ["shown", "by", "ningbo,"]
    assert len(lines) == 2


def test_goods_elsewhere_are_told_with_how_they_stand_there_and_whether_a_stop_is_obeyed() -> None:
    unasked = Clearance(number="290020040XKBM7K3M9QZ", verified_at_district="ningbo")
    assert "at the port of ningbo: not asked yet or not answered" in drawn(unasked)[1]
    said = AgencyStanding(agency="ningbo", decision=Decision(verdict=Decision.VERDICT_APPROVED))
    stop = Waiting(party="ningbo", agency="ningbo", fact_kind="stop", fact_key="2")
    stopped = Clearance(number="290020040XKBM7K3M9QZ", verified_at_district="ningbo", agencies=[said], waiting=[stop])
    assert "at the port of ningbo: APPROVED, the order to stop is NOT OBEYED THERE YET (order 2)" in drawn(stopped)[1]
    at_port = Clearance(number="290020040XKBM7K3M9QZ", declared_at_district="hangzhou")
    assert "at hangzhou, and verified here" in drawn(at_port)[1]
