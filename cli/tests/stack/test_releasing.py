"""Releases by hand, and what is set aside, on the command line of a running district."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("district"), pytest.mark.timeout(200)]


def test_what_agencies_have_decided_cannot_be_released_by_hand_and_the_refusal_says_so(
    district: Any, sample: Callable[[int, int], str], submit_until_decided: Callable[..., list[dict[str, Any]]]
) -> None:
    [clearance] = submit_until_decided(district, sample(1, 61))
    said = ("--absent", "customs", "--code", "SYSTEM_OUTAGE", "--paper", "NB-88", "--reason", "系统中断")
    refused = district("release", "order", clearance["number"], *said)
    assert refused.returncode == 1
    assert "FORBIDDEN" in refused.stderr or "STATE_FORBIDS" in refused.stderr
    assert district("--as", "officer-customs", "release", "order", clearance["number"], *said).returncode == 4
    assert district("release", "list").stdout == "nothing is to be reconciled\n"
    table = district("release", "table").stdout
    assert "SYSTEM_OUTAGE" in table
    assert "after minutes" in table


def test_an_emergency_is_declared_by_two_ended_by_two_and_reconciled(district: Any, json_lines: Any) -> None:
    assert "CUSTOMS-OUT" in district("emergency", "plan").stdout
    why = ("--reason", "边防检查系统中断")
    [proposed] = json_lines(district("emergency", "declare", "BORDER-OUT", *why, "--json"))
    number = proposed["number"]
    assert district("emergency", "declare", "BORDER-OUT", *why).returncode == 1
    declared = district("--as", "duty", "emergency", "declare", "BORDER-OUT", *why)
    assert (declared.returncode, f"{number} BORDER-OUT: DECLARED" in declared.stdout) == (0, True), declared.stderr
    assert "0 of 100 releases" in district("emergency", "status").stdout
    assert district("emergency", "reconcile", number).stdout == "nothing was released under it\n"
    assert district("emergency", "end", number, *why).returncode == 0
    assert "ENDED" in district("--as", "duty", "emergency", "end", number, *why).stdout


def test_nothing_is_set_aside_in_a_sound_district_and_what_is_not_there_cannot_be_requeued(district: Any) -> None:
    assert district("quarantine", "list").stdout == "nothing is set aside\n"
    assert "set aside" not in district("status").stdout
    asked = ("quarantine", "requeue", "--reason", "海关系统已修复")
    assert district(*asked, "--all-of-party", "customs").stdout == "nothing of it is set aside\n"
    unknown = district(*asked, "3f0b6f2f9c1d4e5a")
    assert (unknown.returncode, "NOT_FOUND" in unknown.stderr) == (1, True)
    assert district(*asked).returncode == 2
    assert district("--as", "broker/3104980001", "quarantine", "list").returncode == 4
