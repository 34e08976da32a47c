"""`tongguan convert` on the command line."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tongguan.convert.command import convert
from tongguan.facts import parse_line

app = typer.Typer()
app.command()(convert)


@pytest.fixture
def folder(tmp_path: Path, shellfish: str) -> Path:
    (tmp_path / "mussels.xml").write_text(shellfish)
    (tmp_path / "oysters.xml").write_text(shellfish.replace("MEXILLON-0417", "OSTRA-0418"))
    return tmp_path


def run(*arguments: str | Path, data: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["--from", "wco-dm", *map(str, arguments)], input=data)


def kinds(text: str) -> list[str]:
    return [parse_line(line)[0] for line in text.splitlines()]


def test_lines_for_submit_come_out_facts_before_their_submission(folder):
    result = run(folder / "mussels.xml")
    assert result.exit_code == 0
    assert kinds(result.stdout) == [
        "broker", "enterprise", "announcement", "crew_list", "permit", "inspection", "entry_formalities",
        "manifest", "arrival", "place", "place", "submission",
    ]  # fmt: skip


def test_a_folder_is_all_its_declarations_and_shared_facts_come_once(folder):
    result = run(folder)
    assert kinds(result.stdout).count("submission") == 2
    assert kinds(result.stdout).count("announcement") == 1
    assert kinds(result.stdout).count("manifest") == 2


def test_standard_error_says_what_was_supplied_assumed_and_not_carried_over(folder):
    result = run(folder / "mussels.xml")
    assert "supplied by the profile: broker_licence=3104980001" in result.stderr
    assert "not carried over: the contract has no place for it: MetaData/WCODataModelVersionCode" in result.stderr
    assert result.stderr.endswith("converted 1, failed 0\n")


def test_a_bad_file_is_named_and_the_others_go_on(folder):
    (folder / "nonsense.xml").write_text("<nonsense>")
    result = run(folder)
    assert result.exit_code == 1
    assert kinds(result.stdout).count("submission") == 2
    assert "nonsense.xml: not converted: it is not well-formed XML" in result.stderr


def test_with_json_standard_error_is_silent_and_errors_are_lines(folder):
    (folder / "nonsense.xml").write_text("<nonsense/>")
    result = run(folder, "--json")
    assert result.exit_code == 1
    assert result.stderr == ""
    errors = [json.loads(line) for line in result.stdout.splitlines() if "error" in json.loads(line)]
    assert errors == [
        {"error": {"code": 3, "message": "it holds no Declaration element"}, "file": "nonsense.xml"},
    ]


def test_output_and_report_go_to_files(folder, tmp_path):
    output, report = tmp_path / "day.jsonl", tmp_path / "report.jsonl"
    result = run(folder / "mussels.xml", "--output", output, "--report", report)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "submission" in kinds(output.read_text("utf-8"))
    [line] = report.read_text("utf-8").splitlines()
    told = json.loads(line)["report"]
    assert told["file"] == "mussels.xml"
    assert {"path": "Declaration/TypeCode", "value": "IMA", "field": "declaration_type"} in told["carried"]
    assert told["supplied"]["trade_mode_code"] == "0110"
    assert not list(tmp_path.glob("*.unfinished"))


def test_an_output_that_cannot_be_written_fails_with_advice(folder):
    result = run(folder, "--output", folder / "absent" / "day.jsonl")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert "name another file" in result.stderr


def test_standard_input_is_read(shellfish):
    result = run("-", data=shellfish.encode("utf-16"))
    assert result.exit_code == 0
    assert kinds(result.stdout)[-1] == "submission"


def test_as_of_makes_the_same_bytes(folder):
    arguments = (folder, "--as-of", "2026-03-02T08:00:00Z")
    assert run(*arguments).stdout == run(*arguments).stdout
    assert '"arrivalTime":"2026-03-01T00:00:00Z"' in run(*arguments).stdout


def test_limits_are_settings(folder):
    assert "larger than 100 bytes" in run(folder, "--size-limit", "100").stderr
    assert "deeper than 3" in run(folder, "--depth-limit", "3").stderr


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--profile", "absent.toml"], "cannot be read"),
        (["--as-of", "yesterday"], "not a time"),
        (["--size-limit", "0"], "--size-limit"),
    ],
)
def test_a_command_that_makes_no_sense_ends_with_2(folder, arguments, expected):
    result = run(folder, *arguments)
    assert result.exit_code == 2
    assert expected in result.stderr


def test_a_faulty_profile_is_a_usage_error(folder):
    profile = folder / "profile.toml"
    profile.write_text('broker_licence = "3104980001"\nmass = "12"\n')
    result = run(folder, "--profile", profile)
    assert result.exit_code == 2
    assert "mass is not an entry of a profile" in result.stderr


def test_a_folder_without_declarations_is_a_usage_error(tmp_path):
    assert run(tmp_path).exit_code == 2


def test_the_built_in_profile_can_be_printed_copied_and_used(folder):
    printed = CliRunner().invoke(app, ["--print-profile"])
    assert printed.exit_code == 0
    copy = folder / "our-profile.toml"
    copy.write_text(printed.stdout, "utf-8")
    assert run(folder, "--profile", copy).stdout == run(folder).stdout


def test_help_shows_examples():
    result = run("--help")
    assert result.exit_code == 0
    assert "tongguan convert --from wco-dm declaration.xml" in result.stdout
