"""submit, against a real district."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
Sample = Callable[[int, int], str]
Lines = Callable[[Any], list[dict[str, Any]]]
Submit = Callable[..., list[dict[str, Any]]]
# Far more than are accepted one after the other in the time it takes to see the first.
MANY = 150


def submissions(file: str) -> list[dict[str, Any]]:
    return [line["submission"] for line in map(json.loads, file.splitlines()) if "submission" in line]


def test_each_submission_is_printed_as_its_clearance_in_the_files_order_and_nothing_else(
    district: Any, sample: Sample, json_lines: Lines
) -> None:
    file = sample(30, 11)
    done = district("submit", "-", "--json", "--batch", "7", input=file)
    assert done.returncode == 0, done.stderr
    printed = json_lines(done)
    assert [one["reference"] for one in printed] == [one["consignment"]["reference"] for one in submissions(file)]
    assert all(one["number"].startswith("31") and one["state"].startswith("STATE_") for one in printed)


def test_the_same_file_again_is_the_same_cases(district: Any, sample: Sample, json_lines: Lines) -> None:
    file = sample(20, 12)
    first, second = (json_lines(district("submit", "-", "--json", input=file)) for _ in range(2))
    assert [one["number"] for one in first] == [one["number"] for one in second]
    references = {one["reference"] for one in first}
    listed = json_lines(district("list", "--json", "--limit", "0"))
    assert len([one for one in listed if one["reference"] in references]) == 20


def test_without_json_a_table_goes_out_and_progress_beside_it(district: Any, sample: Sample) -> None:
    done = district("submit", "-", input=sample(5, 13))
    assert done.returncode == 0
    assert "Where they stand" in done.stdout
    assert "submissions: 5/5" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_below_the_table_stands_what_would_be_refused_later(
    district: Any, sample: Sample, submit_until_decided: Submit
) -> None:
    """The sample's ships have their exit permits days before they load, and a permit is void after one."""
    exports = [line for line in sample(12, 71).splitlines() if "DIRECTION_IMPORT" not in line]
    submit_until_decided(district, "\n".join(exports))
    done = district("submit", "-", input="\n".join(exports))
    assert done.returncode == 0, done.stderr
    table, _, foreseen = done.stdout.partition("What would be refused later")
    assert "Where they stand" in table
    assert "border  BOR-318" in foreseen
    assert "enough: An exit permit of call" in foreseen


def test_bad_lines_are_named_and_harm_no_other(district: Any, sample: Sample, json_lines: Lines) -> None:
    [good] = submissions(sample(1, 14))
    empty = {"submission": {"consignment": {"reference": "EMPTY-1", "brokerLicence": "3104980001"}}}
    broken_fact = {"manifest": {"transportDocumentNumber": "", "packages": -1}}
    sound_fact = {"manifest": {"transportDocumentNumber": "COSU6248813570", "packages": 4}}
    lines = ["{not json", json.dumps({"submission": good}), json.dumps(empty), json.dumps(broken_fact)]
    done = district("submit", "-", "--json", input="\n".join([*lines, json.dumps(sound_fact)]))
    assert done.returncode == 1
    printed = json_lines(done)
    assert [(one.get("line"), "error" in one) for one in printed] == [(1, True), (None, False), (3, True), (4, True)]
    reasons = [one["error"]["details"][0]["reason"] for one in printed if "error" in one]
    assert reasons == ["MALFORMED", "FORM_INVALID", "FORM_INVALID"]
    violations = printed[2]["error"]["details"][1]["fieldViolations"]
    assert {violation["field"] for violation in violations} >= {"consignment.items", "consignment.direction"}


def test_another_brokers_submission_is_not_permitted(district: Any, sample: Sample) -> None:
    [one] = submissions(sample(1, 15))
    one["consignment"]["brokerLicence"] = "3104980001"
    done = district("submit", "-", "--as", "broker/3104980002", input=json.dumps({"submission": one}))
    assert done.returncode == 4
    assert "BROKER_MISMATCH" in done.stderr


def test_a_gateway_elsewhere_is_reached_with_ones_own_certificate(
    district: Any, inside: Callable[..., Any], sample: Sample, json_lines: Lines
) -> None:
    whole = district.endpoints()
    broker = whole["identities"]["broker"]
    options = ["--gateway", whole["services"]["gateway"]["address"]]
    options += [text for name in ("ca", "cert", "key") for text in (f"--{name}", broker[name])]
    [one] = submissions(sample(1, 16))
    one["consignment"]["brokerLicence"] = broker["licence"]
    done = inside("submit", "-", "--json", *options, input=json.dumps({"submission": one}))
    assert done.returncode == 0, done.stderr
    [clearance] = json_lines(done)
    assert inside("show", clearance["number"], *options).returncode == 0


@pytest.mark.parametrize("command", ["submit - --timeout 1", "list", "show 31002004000000000001"])
def test_nobody_there_is_unavailable(
    command: str, inside: Callable[..., Any], district: Any, sample: Sample, json_lines: Lines
) -> None:
    broker = district.endpoints()["identities"]["broker"]
    options = [text for name in ("ca", "cert", "key") for text in (f"--{name}", broker[name])]
    [one] = submissions(sample(1, 19))
    line = json.dumps({"submission": one})
    done = inside(*command.split(), "--json", "--gateway", "127.0.0.1:9", *options, input=line)
    assert done.returncode == 3
    [printed] = json_lines(done)
    assert printed["error"]["code"] == 14
    assert "127.0.0.1:9" in done.stderr


def test_a_file_that_is_not_there_is_a_misuse(district: Any, tmp_path: Path) -> None:
    done = district("submit", str(tmp_path / "nothing.jsonl"))
    assert done.returncode == 2
    assert "nothing.jsonl" in done.stderr


def test_a_gateway_killed_in_the_middle_is_ridden_out(
    district: Any, sample: Sample, json_lines: Lines, wait_for: Callable[..., Any]
) -> None:
    file = sample(MANY, 17)
    references = {one["consignment"]["reference"] for one in submissions(file)}
    slowly = ("submit", "-", "--json", "--batch", "1", "--concurrency", "1")
    with ThreadPoolExecutor(1) as pool:
        submitting = pool.submit(lambda: district.process(*slowly, input=file))
        wait_for(lambda: _accepted(district, json_lines, references) > 0, 60)
        with _without(district, "gateway", district.kill):
            assert not submitting.done(), "it was over before the gateway was killed"
        done = submitting.result()
    assert done.returncode == 0, done.stderr
    assert len({one["number"] for one in json_lines(done)}) == MANY
    assert _accepted(district, json_lines, references) == MANY


def test_an_agency_that_is_away_delays_no_submission_and_gets_its_facts_when_it_returns(
    district: Any, sample: Sample, json_lines: Lines, wait_for: Callable[..., Any]
) -> None:
    file = sample(20, 18)
    references = {one["consignment"]["reference"] for one in submissions(file)}
    with ThreadPoolExecutor(1) as pool:
        with _without(district, "port", lambda service: district("stop", service)):
            submitting = pool.submit(lambda: district.process("submit", "-", "--json", input=file))
            wait_for(lambda: _accepted(district, json_lines, references) == 20, 30)
            assert not submitting.done(), "it must still wait for the port's facts"
        done = submitting.result()
    assert done.returncode == 0, done.stderr
    assert "port does not answer" in done.stderr


@contextmanager
def _without(district: Any, service: str, end: Callable[[str], Any]) -> Iterator[None]:
    """A service is away, and back afterwards whatever happens: other tests use the same district."""
    try:
        end(service)
        yield
    finally:
        assert district.process("start", service).returncode == 0


def _accepted(district: Any, json_lines: Lines, references: set[str]) -> int:
    listed = json_lines(district("list", "--json", "--limit", "0"))
    return len([one for one in listed if one["reference"] in references])


def test_what_any_agency_would_refuse_later_is_said_when_it_is_submitted(
    district: Any, sample: Sample, submit_until_decided: Submit
) -> None:
    """Downstream pre-validation: nobody has to mend one agency's objection to hear of the next one's."""
    lines = sample(1, 15).splitlines()
    [flawed] = [json.loads(line) for line in lines if line.startswith('{"submission"')]
    consignment = flawed["submission"]["consignment"]
    consignment["items"][0]["commodityCode"] = ""
    consignment["borderTransport"] |= {"identification": "", "voyageNumber": ""}
    consignment["transportDocumentNumber"] = ""
    facts = [line for line in lines if not line.startswith('{"submission"')]
    [answer] = submit_until_decided(district, "\n".join([*facts, json.dumps(flawed)]))
    objections = {
        said["agency"]: [finding["ruleId"] for finding in said["decision"]["findings"]]
        for said in answer["agencies"]
        if said["decision"]["verdict"] == "VERDICT_INFORMATION_REQUESTED"
    }
    assert {"customs", "border", "port"} <= set(objections)
    shown = district("show", answer["number"], "--language", "en").stdout
    assert shown.count("enough:") >= 3, "and each says what would be enough"
