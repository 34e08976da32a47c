"""The port's gate on a running district: what is released leaves, what is not stays, and the exits are followed."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("district"), pytest.mark.timeout(200)]
Lines = Callable[[Any], list[dict[str, Any]]]


def test_released_goods_leave_by_the_newest_order_and_others_stay(
    district: Any, sample: Callable[[int, int], str], json_lines: Lines, wait_for: Callable[..., Any]
) -> None:
    submitted = json_lines(district("submit", "-", "--json", input=sample(12, 47)))
    [released, *_] = [each["number"] for each in submitted if each["state"] == "STATE_RELEASED"]
    [open_case, *_] = [each["number"] for each in submitted if each["state"] != "STATE_RELEASED"]

    def told() -> bool:
        """The port has heard of the order, and that it knows all orders."""
        return district("gate", "out", released, "--place", "G-4", "--json").returncode == 0

    wait_for(told)
    exits = json_lines(district("gate", "follow", "--timeout", "1.5", "--json"))
    mine = [each for each in exits if each["clearanceNumber"] == released]
    assert mine
    assert mine[-1]["last"]
    assert {each["placeCode"] for each in mine} == {"G-4"}

    def collected() -> bool:
        """The gateway has followed the port's list."""
        [clearance] = json_lines(district("show", released, "--json"))
        return clearance["state"] in ("STATE_COLLECTED", "STATE_DEPARTED") and clearance["clock"]["left"]

    wait_for(collected)
    assert any(row["met"] for row in json_lines(district("report", "commitments", "--json")) if "met" in row)
    pushed = json_lines(district("gate", "notices", "--timeout", "1.5", "--json"))
    assert released in {each["release"]["clearanceNumber"] for each in pushed}
    for role in ("terminal", "haulier"):
        own = json_lines(district("gate", "notices", "--timeout", "1.5", "--json", "--as", role))
        assert {each["position"] for each in own} < {each["position"] for each in pushed}
    shown = district("gate", "show", released)
    assert "RELEASED" in shown.stdout
    assert "nothing is left to leave" in district("gate", "out", released).stdout or not mine[0].get("containerNumber")
    stays = district("gate", "out", open_case)
    assert stays.returncode == 1
    assert "NOT_FOUND" in stays.stderr or "NOT_RELEASED" in stays.stderr
    assert district("gate", "show", released, "--as", "broker").returncode == 4


def test_room_is_booked_moved_and_given_back(district: Any, json_lines: Lines) -> None:
    [made] = json_lines(district("slot", "book", "CHUANSHAN/GATE", "--from", "+40", "--units", "39", "--json"))
    full = district("slot", "book", "CHUANSHAN/GATE", "--from", "+40", "--units", "2")
    assert full.returncode == 1
    assert "slot list" in full.stderr
    assert district("slot", "move", made["id"], "--from", "+41").returncode == 0
    [slots] = json_lines(district("slot", "list", "CHUANSHAN/GATE", "--from", "+40", "--count", "2", "--json"))
    assert [slot.get("booked", 0) for slot in slots["slots"]] == [0, 39]
    assert district("slot", "book", "CHUANSHAN/GATE", "--from", "+40", "--as", "haulier").returncode == 1
    assert made["id"] not in district("slot", "booked", "--as", "haulier").stdout
    [cancelled] = json_lines(district("slot", "cancel", made["id"], "--json"))
    assert cancelled["state"] == "STATE_CANCELLED"
    assert district("slot", "list", "CHUANSHAN/GATE", "--from", "soon").returncode == 2
