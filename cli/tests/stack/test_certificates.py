"""Inspection's certificates on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
Lines = Callable[[Any], list[dict[str, Any]]]


def test_what_is_left_of_a_certificate_is_shown(district: Any, json_lines: Lines) -> None:
    certificate = {"number": "V-SHOWN-1", "kind": "KIND_HEALTH", "limitNetMassKg": 1000}
    lodged = district("submit", "-", input=json.dumps({"certificate": certificate}))
    assert lodged.returncode == 0, lodged.stderr
    [use] = json_lines(district("certificate", "show", "V-SHOWN-1", "--json"))
    assert (use["certificate"]["number"], use["leftNetMassKg"]) == ("V-SHOWN-1", 1000)
    told = district("certificate", "show", "V-SHOWN-1")
    assert told.stdout == "V-SHOWN-1: health, 0 kg written off, 1000 kg left\n"


def test_a_transfer_is_issued_and_claimed_by_number_and_password(
    district: Any, json_lines: Lines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "certificate.json"
    file.write_text(json.dumps({"certificate": {"number": "JH-CLI-1", "kind": "KIND_ORIGIN_INSPECTION"}}))
    monkeypatch.setenv("TONGGUAN_TRANSFER_PASSWORD", "Jinhua-17")
    [issued] = json_lines(district("certificate", "issue", str(file), "--to", "ningbo", "--json"))
    assert issued["state"] == "STATE_ISSUED"
    monkeypatch.setenv("TONGGUAN_TRANSFER_PASSWORD", "Jinhua-18")
    wrong = district("certificate", "claim", issued["number"], "--as", "broker")
    assert wrong.returncode != 0
    assert "PASSWORD_WRONG" in wrong.stderr
    monkeypatch.setenv("TONGGUAN_TRANSFER_PASSWORD", "Jinhua-17")
    [claimed] = json_lines(district("certificate", "claim", issued["number"], "--as", "broker", "--json"))
    assert claimed["state"] == "STATE_CLAIMED"
    told = district("certificate", "transfer", issued["number"])
    assert told.stdout == f"{issued['number']}: certificate JH-CLI-1 to ningbo, CLAIMED\n"


def test_the_spot_checks_of_an_exemption_are_shown(district: Any) -> None:
    exemption = {"number": "MJ-CLI-1", "holderIdentifier": "3302T00017", "commodityPrefixes": ["9503"]}
    assert district("submit", "-", input=json.dumps({"exemption": exemption})).returncode == 0
    told = district("certificate", "exemption", "MJ-CLI-1")
    assert told.stdout == "MJ-CLI-1 of 3302T00017: used 0 times, 0 checked, 0 failed\n"


def test_a_recall_stops_the_release_before_the_gate_and_lifting_it_releases_anew(
    district: Any,
    json_lines: Lines,
    sample: Callable[[int, int], str],
    wait_for: Callable[..., Any],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
) -> None:
    submitted = submit_until_decided(district, sample(40, 61))
    released = [line["number"] for line in submitted if line.get("state") == "STATE_RELEASED" and concerns(line)]
    assert released, "a sample of 40 holds goods of the catalogue"
    number = released[0]
    for lifted, state in ((False, "STATE_RELEASE_STOPPED"), (True, "STATE_RELEASED")):
        recall = {"number": "ZH-CLI-1", "clearanceNumber": number, "reason": "小零件脱落", "lifted": lifted}
        entered = district("submit", "-", input=json.dumps({"recall": recall}))
        assert entered.returncode == 0, entered.stderr
        wait_for(lambda: json_lines(district("show", number, "--json"))[0]["state"] == state)  # noqa: B023


def concerns(clearance: dict[str, Any]) -> bool:
    """Whether inspection has a say on it."""
    [standing] = [said for said in clearance["agencies"] if said["agency"] == "inspection"]
    return bool(standing["decision"]["verdict"] != "VERDICT_NOT_SUBJECT")


def test_an_unknown_certificate_is_not_found(district: Any) -> None:
    done = district("certificate", "show", "V-NONE")
    assert done.returncode == 1
    assert "NOT_FOUND" in done.stderr
