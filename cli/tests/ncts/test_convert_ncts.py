"""`tongguan convert --from ncts` on the command line."""

import json
import stat
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tongguan.access_codes import read_access_codes
from tongguan.convert.command import convert
from tongguan.convert.ncts.profile import default_ncts_profile, parse_ncts_profile
from tongguan.facts import TRANSIT_MESSAGES, parse_line

app = typer.Typer()
app.command()(convert)


@pytest.fixture
def message(tmp_path: Path, spindles: str) -> Path:
    path = tmp_path / "spindles.xml"
    path.write_text(spindles, "utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["--from", "ncts", *map(str, arguments)])


def test_movements_come_out_as_lines_for_declare_the_same_each_time(message: Path) -> None:
    result = run(message)
    assert result.exit_code == 0, result.stderr
    kind, request = parse_line(result.stdout, TRANSIT_MESSAGES)
    assert (kind, request.declaration.lrn) == ("movement", "SPINDLES-0417")
    assert request.request_id == ""
    assert run(message).stdout == result.stdout


def test_what_is_kept_beside_its_field_and_what_is_left_out_is_told(message: Path) -> None:
    told = run(message).stderr
    assert "spindles.xml: SPINDLES-0417, 3 items" in told
    assert "kept beside its field: CustomsOfficeOfDeparture/referenceNumber=GB000060" in told
    assert "access codes left out: 2" in told


def test_access_codes_go_to_a_file_of_its_owner_alone(message: Path, tmp_path: Path) -> None:
    codes = tmp_path / "codes.txt"
    codes.write_text("old")
    codes.chmod(0o644)
    result = run(message, "--access-codes", codes, "--report", tmp_path / "report.jsonl")
    assert read_access_codes(codes) == [("19XX0040191000015", "Q7R2")]
    assert stat.S_IMODE(codes.stat().st_mode) == 0o600
    assert "Q7R2" not in result.stdout + result.stderr + (tmp_path / "report.jsonl").read_text()


def test_a_message_that_cannot_be_converted_harms_no_other(message: Path, spindles: str) -> None:
    (message.parent / "wrong.xml").write_text(spindles.replace("GB000060", "GB000099"), "utf-8")
    result = run(message.parent, "--json")
    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [next(iter(line)) for line in lines] == ["movement", "error"]
    assert "office GB000099 is not among the profile's [offices]" in lines[1]["error"]["message"]


def test_its_own_profile_is_printed_and_is_the_built_in_one() -> None:
    printed = run("--print-profile")
    assert printed.exit_code == 0
    assert parse_ncts_profile(printed.stdout) == default_ncts_profile()


@pytest.mark.parametrize(
    "arguments", [[], ["--from", "wco-dm", "a.xml", "--access-codes", "b"], ["a.xml"], ["--from", "ncts"]]
)
def test_a_command_that_says_too_little_or_too_much_ends_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2
