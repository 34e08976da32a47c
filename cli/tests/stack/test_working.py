"""Officers' work, so that examinations end."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("district"), pytest.mark.timeout(200)]
Lines = Callable[[Any], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def examined(district: Any, sample: Callable[[int, int], str], json_lines: Lines) -> tuple[str, dict[str, Any]]:
    """The port, where a manifest has ten times the packages of the declaration, and the work to tally them."""
    lines = [json.loads(line) for line in sample(1, 31).splitlines()]
    [manifest] = [line["manifest"] for line in lines if "manifest" in line]
    manifest["packages"] *= 10
    submitted = district("submit", "-", "--json", input="\n".join(map(json.dumps, lines)))
    assert submitted.returncode == 0, submitted.stderr
    [clearance] = json_lines(submitted)
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
