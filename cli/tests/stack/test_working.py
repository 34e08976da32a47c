"""Officers' work, so that examinations end."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
Lines = Callable[[Any], list[dict[str, Any]]]
Submit = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def examined(
    district: Any, sample: Callable[[int, int], str], json_lines: Lines, submit_until_decided: Submit
) -> tuple[str, dict[str, Any]]:
    """The port, where a manifest has ten times the packages of the declaration, and the work to tally them."""
    lines = [json.loads(line) for line in sample(1, 31).splitlines()]
    [manifest] = [line["manifest"] for line in lines if "manifest" in line]
    manifest["packages"] *= 10
    [clearance] = submit_until_decided(district, "\n".join(map(json.dumps, lines)))
    found = json_lines(district("work", "list", "--agency", "port", "--json", "--limit", "0"))
    [work] = [work for work in found if work["clearanceNumber"] == clearance["number"]]
    return "port", work


def test_an_officer_takes_returns_takes_and_records_and_the_agency_decides_again(
    examined: tuple[str, dict[str, Any]], district: Any, json_lines: Lines, wait_for: Callable[..., Any]
) -> None:
    agency, work = examined
    there = ("--agency", agency, "--json")
    [taken] = json_lines(district("work", "take", work["id"], *there))
    assert (taken["state"], taken["officer"].rpartition("/")[2]) == ("STATE_TAKEN", f"officer-{agency}")
    [returned] = json_lines(district("work", "return", work["id"], *there))
    assert returned["state"] == "STATE_OPEN"
    assert district("work", "take", work["id"], *there).returncode == 0
    other = district("work", "take", work["id"], *there, "--as", "operator")
    assert other.returncode == 1
    assert "WORK_TAKEN" in other.stderr
    result = ("--outcome", "cleared", "--reason", "seals whole, goods as declared")
    [done] = json_lines(district("work", "record", work["id"], *result, *there))
    assert done["state"] == "STATE_DONE"

    def decided_again() -> bool:
        [clearance] = json_lines(district("show", work["clearanceNumber"], "--json"))
        [standing] = [said for said in clearance["agencies"] if said["agency"] == agency]
        return int(standing["decision"]["revision"]) > 1

    wait_for(decided_again)


def test_the_broker_is_asked_for_a_document_and_an_amendment_that_names_it_brings_the_review_back(
    district: Any,
    sample: Callable[[int, int], str],
    json_lines: Lines,
    wait_for: Callable[..., Any],
    submit_until_decided: Submit,
    tmp_path: Path,
) -> None:
    lines = [json.loads(line) for line in sample(1, 37).splitlines()]
    consignment = lines[-1]["submission"]["consignment"]
    for money in (consignment["invoiceTotal"], *(item["value"] for item in consignment["items"])):
        money["minorUnits"] = f"{money['minorUnits']}0000"
    [number] = [clearance["number"] for clearance in submit_until_decided(district, "\n".join(map(json.dumps, lines)))]
    there = ("--agency", "customs", "--json")
    [review] = json_lines(district("work", "list", "--clearance", number, *there))
    assert district("work", "take", review["id"], *there).returncode == 0
    worst = district("duty", number, "--open", "price", "--open", "classification", "--candidate", "8703")
    assert worst.returncode == 0, worst.stderr
    assert "CNY as declared" in worst.stdout
    bad = district("work", "ask", review["id"], *there, "--document", ":why", "--reason", "x")
    assert bad.returncode == 2
    wanted = ("--document", "N325:price in doubt", "--days", "3", "--reason", "ten thousand times the usual price")
    asked = district("work", "ask", review["id"], *there, *wanted)
    assert asked.returncode == 0, asked.stderr

    def told() -> str | None:
        shown = district("show", number).stdout
        return shown if "documents asked for: N325 (price in doubt)" in shown else None

    assert "INFORMATION_REQUESTED" in wait_for(told)
    consignment.setdefault("documents", []).append({"typeCode": "N325", "number": "PRO-FORMA-4711"})
    (tmp_path / "amended.json").write_text(json.dumps(consignment))
    amended = district("amend", number, str(tmp_path / "amended.json"))
    assert amended.returncode == 0, amended.stderr
    [again] = wait_for(lambda: json_lines(district("work", "list", "--clearance", number, *there)))
    assert (again["kind"], again["version"]) == ("KIND_REVIEW", "2")


def test_a_broker_may_not_do_officers_work(district: Any) -> None:
    done = district("work", "list", "--agency", "customs", "--as", "broker")
    assert done.returncode == 4
    assert "--as" in done.stderr


def test_an_unknown_outcome_is_a_misuse(district: Any) -> None:
    nothing = "00000000-0000-4000-8000-000000000000"
    done = district("work", "record", nothing, "--agency", "port", "--outcome", "fine", "--reason", "x")
    assert done.returncode == 2


def test_work_that_does_not_exist_is_refused(district: Any) -> None:
    done = district("work", "take", "00000000-0000-4000-8000-000000000000", "--agency", "port")
    assert done.returncode == 1
    assert "NOT_FOUND" in done.stderr
