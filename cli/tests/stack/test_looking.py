"""show, list, watch, trace, describe, amend and withdraw, against a real district."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
Sample = Callable[[int, int], str]
Lines = Callable[[Any], list[dict[str, Any]]]
AGENCIES = {"customs", "inspection", "border", "port"}


@pytest.fixture(scope="module")
def cleared(
    district: Any, sample: Sample, submit_until_decided: Callable[..., list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Clearances of forty submissions, once all agencies have decided; no manifest of the first four was lodged."""
    lines = sample(40, 21).splitlines()
    withheld = [line for line in lines if line.startswith('{"manifest"')][:4]
    return submit_until_decided(district, "\n".join(line for line in lines if line not in withheld))


@pytest.fixture
def undecided(cleared: list[dict[str, Any]], district: Any, json_lines: Lines) -> dict[str, Any]:
    """One that is neither released nor over."""
    for one in cleared:
        [now] = json_lines(district("show", one["number"], "--json"))
        if now["state"] in ("STATE_IN_PROGRESS", "STATE_INFORMATION_REQUIRED"):
            return now
    raise AssertionError("a missing manifest leaves nothing open")


def test_one_is_shown_by_number_and_by_the_brokers_reference(cleared: list[dict[str, Any]], district: Any) -> None:
    one = cleared[0]
    by_number, by_reference = district("show", one["number"]), district("show", one["reference"])
    assert by_number.returncode == by_reference.returncode == 0
    before_the_clock = [done.stdout.partition("Whose the time was")[0] for done in (by_number, by_reference)]
    assert before_the_clock[0] == before_the_clock[1]
    assert one["number"] in by_number.stdout
    assert one["traceId"] in by_number.stdout
    assert all(f"\n{agency}  " in by_number.stdout for agency in AGENCIES)


def test_findings_are_explained_in_both_languages(cleared: list[dict[str, Any]], district: Any) -> None:
    [found, *_] = [one for one in cleared for said in one["agencies"] if said.get("decision", {}).get("findings")]
    shown = district("show", found["number"]).stdout
    assert "足够" in shown
    assert "enough" in shown
    assert "足够" not in district("show", found["number"], "--language", "en").stdout


def test_another_brokers_case_is_not_found(cleared: list[dict[str, Any]], district: Any) -> None:
    mine = next(one for one in cleared if one["broker"].endswith("/3104980001"))
    done = district("show", mine["number"], "--as", "broker/3104980002")
    assert done.returncode == 1
    assert "NOT_FOUND" in done.stderr


def test_evidence_is_exported_and_verified_by_the_authority_alone(
    cleared: list[dict[str, Any]], district: Any, tmp_path: Path
) -> None:
    file, number = tmp_path / "looms.json", next(one["number"] for one in cleared if one.get("orders"))
    assert district("evidence", "export", number, "--file", str(file)).returncode == 0
    verified = district("evidence", "verify", str(file))
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.splitlines()[-1] == f"{number}: holds"
    told = json.loads(file.read_text())
    told["decisions"][0]["decision"] = told["decisions"][1]["decision"]
    file.write_text(json.dumps(told))
    bent = district("evidence", "verify", str(file))
    assert bent.returncode == 1
    assert "the decision is not in the sealed batch" in bent.stderr


def test_audits_are_exported_while_services_run_and_verified_by_what_was_countersigned(
    cleared: list[dict[str, Any]], district: Any, tmp_path: Path
) -> None:
    """Asking for evidence has its decisions countersigned at once."""
    asked = ("--file", str(tmp_path.with_suffix(".json")))
    assert district("evidence", "export", cleared[0]["number"], *asked).returncode == 0
    assert district("audit", "export", "customs", "gateway", "--out", str(tmp_path)).returncode == 0
    done = district("audit", "verify", *map(str, sorted(tmp_path.iterdir())))
    assert done.returncode == 0, done.stderr
    [log] = [line for line in done.stdout.splitlines() if line.startswith("holds: ningbo customs/1: ")]
    assert " 0 countersigned" not in log
    file = tmp_path / "ningbo-customs.audit.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    bad = next(place for place, line in enumerate(lines) if line.startswith('{"decision"'))
    file.write_text("".join([*lines[:bad], *lines[bad + 1 :]]))
    bent = district("audit", "verify", str(file))
    assert bent.returncode == 1
    assert "ningbo customs/1: first bad sequence 1: its decision was deleted" in bent.stderr


def test_lists_are_filtered_and_limited(cleared: list[dict[str, Any]], district: Any, json_lines: Lines) -> None:
    released = json_lines(district("list", "--json", "--state-filter", "RELEASED", "--limit", "0"))
    assert {one["state"] for one in released} == {"STATE_RELEASED"}
    assert len(json_lines(district("list", "--json", "--limit", "7"))) == 7
    assert district("list", "--state-filter", "LOST").returncode == 2
    table = district("list", "--limit", "3").stdout
    assert len([line for line in table.splitlines() if line.startswith("3100")]) == 3


def test_the_commitments_report_adds_up_over_all_clearances(
    cleared: list[dict[str, Any]], district: Any, json_lines: Lines
) -> None:
    listed = json_lines(district("list", "--json", "--limit", "0"))
    rows = json_lines(district("report", "commitments", "--json"))
    promised = [row for row in rows if row["kind"] == "commitment"]
    counted = sum(row["met"] + row["missed"] + row["running"] + row["over"] for row in promised)
    assert counted == sum(one["commitment"].get("hours", 0) > 0 for one in listed)
    assert sum(row["share"] for row in rows if row["kind"] == "holder") == pytest.approx(1)
    assert "Whose the time was" in district("report", "commitments").stdout
    assert district("list", "--overdue").stdout == "no clearance is overdue\n"
    keys = {row["id"]: row for row in json_lines(district("report", "keys", "--json"))}
    of_beilun = json_lines(district("list", "--json", "--key-id", "PORT-BEILUN", "--limit", "0"))
    assert keys["PORT-BEILUN"]["met"] + keys["PORT-BEILUN"]["missed"] + keys["PORT-BEILUN"]["running"] == len(of_beilun)


def test_times_by_mode_lane_and_holder_add_up_to_the_commitments(
    cleared: list[dict[str, Any]], district: Any, json_lines: Lines
) -> None:
    rows = json_lines(district("report", "times", "--json"))
    assert {row["lane"] for row in rows} <= {"red", "yellow", "blue", "green", "undecided"}
    promised = [row for row in json_lines(district("report", "commitments", "--json")) if row["kind"] == "commitment"]
    for mode in {row["mode"] for row in promised}:
        met = sum(row["met"] for row in rows if (row["mode"], row["holder"]) == (mode, "all"))
        assert met == sum(row["met"] for row in promised if row["mode"] == mode)
    assert "How long clearances took" in district("report", "times").stdout


def test_those_that_wait_for_a_party_are_listed(undecided: dict[str, Any], district: Any, json_lines: Lines) -> None:
    party = undecided["waiting"][0]["party"]
    listed = json_lines(district("list", "--json", "--waiting", party, "--limit", "0"))
    assert undecided["number"] in [one["number"] for one in listed]
    assert all(party in [wait["party"] for wait in one["waiting"]] for one in listed)


def test_the_waterfall_is_one_tree_over_the_gateway_and_all_agencies(
    cleared: list[dict[str, Any]], district: Any, json_lines: Lines
) -> None:
    number = cleared[0]["number"]
    spans = json_lines(district("trace", number, "--json"))
    ids = {span["span_id"] for span in spans}
    assert {span["trace_id"] for span in spans} == {cleared[0]["traceId"]}
    assert len([span for span in spans if span["parent_span_id"] not in ids]) == 1
    assert {span["service"] for span in spans} >= AGENCIES | {"gateway"}
    drawn = district("trace", cleared[0]["traceId"]).stdout
    assert all(f"{agency}.assess" in drawn for agency in AGENCIES)
    assert "█" in drawn


def test_the_port_office_expedites_escalates_and_settles(
    undecided: dict[str, Any], district: Any, json_lines: Lines
) -> None:
    number = undecided["number"]
    expedited = district("case", "expedite", number, "--code", "perishable", "--reason", "live shrimps")
    assert expedited.returncode == 0, expedited.stderr
    [escalated] = json_lines(district("case", "escalate", number, "--agency", "port", "--reason", "late", "--json"))
    assert escalated["urgent"]
    assert number in [one["number"] for one in json_lines(district("list", "--waiting", "port_office", "--json"))]
    assert district("case", "settle", number, "--reason", "the manifest comes today").returncode == 0
    shown = district("show", number).stdout
    assert "live shrimps (PERISHABLE)" in shown
    assert "late (port)" in shown
    assert district("case", "retry", number, "--reason", "again", "--as", "broker").returncode == 4
    for act in ("recovered", "unrecovered"):
        kept = district("case", act, number, "--container", "csqu3054383", "--reason", "it has never left")
        assert (kept.returncode, "Recovery" in kept.stderr) == (1, True)
    assert district("case", "expedite", number, "--code", "friend", "--reason", "x").returncode == 1


def test_a_trace_that_is_not_there_is_refused(district: Any) -> None:
    assert district("trace", "f" * 32).returncode == 1


def test_an_agency_describes_its_rules(district: Any, json_lines: Lines) -> None:
    [described] = json_lines(district("describe", "inspection", "--json"))
    assert len(described["rules"]) >= 6
    assert all(rule["text"]["zh"] and rule["enough"]["en"] for rule in described["rules"])
    assert described["rules"][0]["id"] in district("describe", "inspection").stdout


def test_the_district_publishes_what_it_promises(district: Any, json_lines: Lines) -> None:
    [published] = json_lines(district("describe", "gateway", "--json"))
    assert [promise["hours"] for promise in published["promises"]] == [8, 8, 10, 24]
    assert [deadline["defaultAction"] for deadline in published["deadlines"]] == ["DEFAULT_ESCALATE"]
    shown = district("describe", "gateway", "--language", "zh").stdout
    assert "COMMIT-SEA" in shown
    assert "PERISHABLE" in shown


def test_a_change_is_watched_amended_and_withdrawn(
    undecided: dict[str, Any], district: Any, json_lines: Lines, tmp_path: Any
) -> None:
    number, file = undecided["number"], tmp_path / "amended.json"
    consignment = undecided["consignment"]
    consignment["goodsLocationCode"] = "BEILUN-3"
    file.write_text(json.dumps({"submission": {"consignment": consignment}}))
    with district.begun("watch", number, "--json") as watching:
        told = map(json.loads, watching.stdout)
        assert next(told)["version"] == "1", "as it stands before"
        [amended] = json_lines(district("amend", number, str(file), "--json"))
        [withdrawn] = json_lines(district("withdraw", number, "--reason", "sold on", "--json"))
        assert next(one for one in told if over(one))["number"] == number
        watching.send_signal(signal.SIGINT)
        assert watching.wait(20) == 0
    assert amended["version"] == "2"
    assert over(withdrawn)
    assert district("withdraw", number, "--version", "1", "--reason", "late").returncode == 1


def over(clearance: dict[str, Any]) -> bool:
    """Withdrawn, or on the way to it."""
    return clearance["state"] == "STATE_WITHDRAWN" or "withdrawal" in clearance
