"""What selection found, a profile tried, and an officer who opens the boxes, on a running district."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tongguan.as_of import this_hour
from tongguan.sample.generation import generate, hidden_truth

pytestmark = pytest.mark.timeout(200)
Lines = Callable[[Any], list[dict[str, Any]]]
SIZE = 40


@pytest.fixture(scope="module")
def examined(
    district: Any,
    submit_until_decided: Callable[..., list[dict[str, Any]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[str, Path]:
    """A clearance whose enterprise has become one of class D, so that it is examined; and the truth about it."""
    moment = this_hour()
    lines = list(generate(SIZE, 4711, moment))
    [submission] = [line for line in lines if "submission" in line][:1]
    trader = submission["submission"]["consignment"]["trader"]["identifier"]
    kept = [line for line in lines if "submission" not in line and "licence" not in line]
    for line in kept:
        if line.get("enterprise", {}).get("identifier") == trader:
            line["enterprise"]["enterpriseClass"] = "ENTERPRISE_CLASS_D"
    [clearance] = submit_until_decided(district, "\n".join(map(json.dumps, [*kept, submission])))
    truth = tmp_path_factory.mktemp("truth") / "truth.jsonl"
    told = list(hidden_truth(SIZE, 4711, moment))
    told[0]["finds"] = [{"kind": "KIND_QUANTITY", "description": "多出三箱", "itemNumbers": [1]}]
    truth.write_text("".join(f"{json.dumps(line)}\n" for line in told))
    return clearance["number"], truth


def test_a_simulated_officer_records_what_the_truth_holds_and_it_stands_in_the_report(
    examined: tuple[str, Path], district: Any, json_lines: Lines
) -> None:
    number, truth = examined
    done = district("work", "simulate", "--agency", "customs", "--truth", str(truth), "--json")
    [work] = [one for one in json_lines(done) if one["clearanceNumber"] == number]
    assert work["result"]["outcome"] == "OUTCOME_CLEARED", "another quantity is put right and paid for"
    assert [find["kind"] for find in work["result"]["finds"]] == ["KIND_QUANTITY"]
    [report] = json_lines(district("report", "risk", "--json"))
    assert int(report["inspected"]) >= 1
    assert int(report["found"]) >= 1
    assert report["strata"][0]["id"] == "RANDOM"
    [schemes] = json_lines(district("report", "schemes", "--json"))
    assert schemes["schemes"][0]["id"] == "FAST_LANE"
    assert "random minimum" in district("report", "risk").stdout


def test_a_brokers_quality_and_an_enterprises_classes_are_shown(
    examined: tuple[str, Path], district: Any, json_lines: Lines
) -> None:
    number, _ = examined
    [clearance] = json_lines(district("show", number, "--json"))
    broker, trader = (clearance["consignment"][name] for name in ("brokerLicence", "trader"))
    [found] = json_lines(district("register", "broker", broker, "--json"))
    assert int(found["figures"]["declared"]) >= 1
    assert "declared" in district("register", "broker", broker).stdout
    assert "class D since" in district("register", "enterprise", trader["identifier"]).stdout
    assert district("register", "enterprise", "9999999999").returncode == 1


def test_a_profile_is_tried_and_a_bad_one_named_fault_by_fault(
    examined: tuple[str, Path], district: Any, json_lines: Lines, tmp_path: Path
) -> None:
    profile = tmp_path / "changed.toml"
    text = (files("customs") / "data" / "risk.toml").read_text("utf-8")
    profile.write_text(text.replace('random_minimum_percent = "2"', 'random_minimum_percent = "100"'))
    [tried] = json_lines(district("report", "backtest", "--profile", str(profile), "--json"))
    predicted = {one["clearanceNumber"]: one["lane"] for one in tried["selections"]}
    assert predicted[examined[0]] == "LANE_RED"
    assert len(predicted) == int(tried["declared"])
    assert "nothing was put in force" in district("report", "backtest", "--profile", str(profile)).stdout
    profile.write_text(
        text.replace('lane = "blue"', 'lane = "pink"').replace("least_declared = 200", "least_declared = 0")
    )
    refused = district("report", "backtest", "--profile", str(profile))
    assert refused.returncode == 1
    assert "pink" in refused.stderr
    assert "0 is not a whole number" in refused.stderr


def test_an_officers_find_of_no_known_kind_is_not_taken(district: Any) -> None:
    options = ("--agency", "customs", "--outcome", "cleared", "--reason", "x", "--find", "gold:in the wall")
    refused = district("work", "record", "41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc", *options)
    assert refused.returncode == 2
    assert "undeclared_goods" in refused.stderr
