"""A clearance for people: of another district's, what that shows and nothing made up."""

from typing import Any

from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.console import PlainConsole
from tongguan.report.case import case
from tongguan.report.catalogue import catalogue_by


def nobody(agency: str, identity: str) -> Any:
    raise AssertionError(f"{agency} need not be asked as {identity}")


def test_what_another_district_does_not_show_is_left_out() -> None:
    shown = Clearance(number="310020040XKBM7K3M9QZ", state=Clearance.STATE_RELEASED, shown_by_district="ningbo")
    console = PlainConsole(width=120)
    with console.capture() as captured:
        console.print(case(shown, catalogue_by(nobody), "en"))
    lines = captured.get().strip().splitlines()
    assert lines[0].split() == ["310020040XKBM7K3M9QZ", "RELEASED"]
    assert lines[1].split()[:3] == ["shown", "by", "ningbo,"]
    assert len(lines) == 2
