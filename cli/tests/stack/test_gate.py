"""The port's gate on a running district: what is released leaves, what is not stays, and the exits are followed."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
Lines = Callable[[Any], list[dict[str, Any]]]


def test_released_goods_leave_by_the_newest_order_and_others_stay(
    district: Any,
    sample: Callable[[int, int], str],
    json_lines: Lines,
    wait_for: Callable[..., Any],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
) -> None:
    submitted = submit_until_decided(district, sample(12, 47))
    agreed = [each["number"] for each in submitted if each["state"] == "STATE_RELEASED"]
    [released, *_] = [number for number in agreed if owed(shown(district, number))]
    [open_case, *_] = [each["number"] for each in submitted if each["state"] != "STATE_RELEASED"]

    def read(what: str, *options: str) -> list[dict[str, Any]]:
        """What a feed holds so far; it may be slow, so that not all is there at the first look."""
        return json_lines(district("gate", what, "--timeout", "0.4", "--json", *options))

    def told() -> bool:
        """The port has heard of the order, and that it knows all orders."""
        return district("gate", "out", released, "--place", "G-4", "--json").returncode == 0

    wait_for(told)
    mine = wait_for(lambda: [each for each in read("follow") if each["clearanceNumber"] == released])
    assert mine[-1]["last"]
    assert {each["placeCode"] for each in mine} == {"G-4"}

    def left() -> bool:
        """The gateway has followed the port's list; what is owed keeps the case open."""
        clearance = shown(district, released)
        return bool(clearance["state"] == "STATE_COLLECTED" and clearance["clock"]["left"])

    wait_for(left)
    assert any(row["met"] for row in json_lines(district("report", "commitments", "--json")) if "met" in row)
    wait_for(lambda: released in {each["release"]["clearanceNumber"] for each in read("notices")})
    for role in ("terminal", "haulier"):
        wait_for(lambda: positions(read("notices", "--as", role)) < positions(read("notices")))  # noqa: B023
    gate = district("gate", "show", released)
    assert "RELEASED" in gate.stdout
    assert not mine[0].get("containerNumber") or f"{mine[0]['containerNumber']}  " in gate.stdout
    assert "nothing is left to leave" in district("gate", "out", released).stdout or not mine[0].get("containerNumber")
    total = owed(shown(district, released))
    for receipt, amount in (("3104-000017", "0.01"), ("3104-000018", f"{float(total) - 0.01:.2f}")):
        assert [wait["factKind"] for wait in shown(district, released)["waiting"]] == ["obligation"]
        paid = district("payment", "record", released, "--receipt", receipt, "--amount", amount)
        assert (paid.returncode, receipt in paid.stdout) == (0, True), paid.stderr
    wait_for(lambda: shown(district, released)["state"] == "STATE_CLOSED")
    stays = district("gate", "out", open_case)
    assert stays.returncode == 1
    assert "NOT_FOUND" in stays.stderr or "NOT_RELEASED" in stays.stderr
    assert district("gate", "show", released, "--as", "broker").returncode == 4


def owed(clearance: dict[str, Any]) -> str:
    """Duty and VAT that customs' decision says are due, in yuan; empty: none."""
    [customs] = [each["decision"] for each in clearance["agencies"] if each["agency"] == "customs"]
    return next(
        (each["parameters"]["total"] for each in customs.get("findings", ()) if each["ruleId"] == "CUS-141"), ""
    )


def test_a_load_whose_report_is_repeated_leaves_once(
    district: Any,
    sample: Callable[[int, int], str],
    json_lines: Lines,
    wait_for: Callable[..., Any],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
) -> None:
    """Air cargo without boxes, in six packages or more: two loads of two, the first reported twice."""
    for seed in (47, 14, 56):  # customs' random draw may take one of them, hardly all
        [clearance] = submit_until_decided(district, sample(1, seed))
        if clearance["state"] == "STATE_RELEASED":
            break
    number, load = clearance["number"], ("--packages", "2", "--conveyance", "浙B12345", "--json")
    timeless = district("gate", "out", number, *load)
    assert (timeless.returncode, "--at TIME" in timeless.stderr) == (2, True)
    # The gate opens once the port has heard of the order, and that it knows all orders.
    wait_for(lambda: district("gate", "show", number).returncode == 0)
    begin = datetime.now(UTC).replace(microsecond=0)
    tickets = [(begin + timedelta(seconds=place)).isoformat() for place in (0, 0, 1)]
    loads = [json_lines(district("gate", "out", number, *load, "--at", ticket)) for ticket in tickets]
    places = [left["position"] for [left] in loads]
    assert (places[0] == places[1], len(set(places))) == (True, 2)


def positions(notices: list[dict[str, Any]]) -> set[str]:
    return {each["position"] for each in notices}


def test_a_container_that_an_officer_cleared_leaves_before_the_other(
    district: Any,
    sample: Callable[[int, int], str],
    json_lines: Lines,
    wait_for: Callable[..., Any],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
) -> None:
    """Two boxes, and a manifest with ten times the packages: the port opens one, finds it as declared, and it goes."""
    for seed in (100, 128, 108):  # two boxes each; customs' random draw may take one of them, hardly all
        lines = [json.loads(line) for line in sample(1, seed).splitlines()]
        [manifest] = [line["manifest"] for line in lines if "manifest" in line]
        manifest["packages"] *= 10
        [clearance] = submit_until_decided(district, "\n".join(map(json.dumps, lines)))
        number, waiting = clearance["number"], {each["party"] for each in clearance["waiting"]}
        if waiting == {"port", "carrier"}:
            break
    [work] = json_lines(district("work", "list", "--agency", "port", "--clearance", number, "--json"))
    [first, second] = [box["number"] for box in shown(district, number)["consignment"]["containers"]]
    there = ("--agency", "port", "--json")
    assert district("work", "take", work["id"], *there).returncode == 0
    result = ("--outcome", "cleared", "--reason", "tallied: as declared", "--container")
    unknown = district("work", "record", work["id"], *result, "TCLU0000000", *there)
    assert (unknown.returncode, "container_numbers[0]" in unknown.stderr) == (1, True)
    assert district("work", "record", work["id"], *result, first, *there).returncode == 0

    def parted() -> bool:
        return bool(shown(district, number)["state"] == "STATE_PARTLY_RELEASED")

    wait_for(parted)
    assert first in district("show", number).stdout.partition("only containers ")[2].splitlines()[0]

    def first_is_out() -> bool:
        out = district("gate", "out", number, "--container", first, "--place", "G-4", "--json")
        return out.returncode == 0

    wait_for(first_is_out)
    stays = district("gate", "out", number, "--container", second, "--place", "G-4")
    assert (stays.returncode, "OUT_OF_SCOPE" in stays.stderr) == (1, True), stays.stderr
    assert shown(district, number)["state"] == "STATE_PARTLY_RELEASED"


def shown(district: Any, number: str) -> dict[str, Any]:
    """The clearance as `show --json` tells it."""
    found: dict[str, Any] = json.loads(district("show", number, "--json").stdout)
    return found


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
