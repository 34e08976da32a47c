"""`tongguan transit`, as far as no gateway is needed: what makes no sense ends with 2 before anybody is asked."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tongguan.cli import app

MRN = "26CN310400000017J4"


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["depart", MRN, "--control", "--refuse"], "give --control or --refuse"),
        (["depart", MRN, "--refuse"], "give --reason"),
        (["depart", MRN, "--result", "B7"], "take one of: A1, A2, A3"),
        (["remark", MRN, "--seals", "intact"], "give --conform, or --discrepancy"),
        (["remark", MRN, "--seals", "intact", "--conform", "--discrepancy", "0:seals:cut"], "give --conform"),
        (["remark", MRN, "--seals", "melted", "--conform"], "take one of: intact, broken, none"),
        (["remark", MRN, "--seals", "broken", "--discrepancy", "two:missing:3"], "item 0 for the whole"),
        (["remark", MRN, "--seals", "broken", "--discrepancy", "2:eaten:all"], "take one of: missing, excess"),
        (["incident", MRN, "--kind", "seals"], "--kind, --place and --text"),
        (["incident", MRN, "--kind", "storm", "--place", "sea", "--text", "wet"], "take one of: itinerary"),
        (["enquire", MRN, "--text", "not seen", "--step", "shout"], "take one of: open, answer, recover"),
        (["list", "--state-filter", "SUNK"], "take one of: SUBMITTED"),
        (["export", MRN, "--to", "edifact"], "write --to ncts"),
        (["declare", "absent.jsonl"], "name a file of JSON Lines"),
    ],
)
def test_a_command_that_makes_no_sense_says_what_to_write(arguments: list[str], advice: str, tmp_path: Path) -> None:
    (tmp_path / "endpoints.json").write_text("{}")
    result = CliRunner().invoke(app, ["transit", *arguments, "--state", str(tmp_path)])
    assert result.exit_code == 2, result.stderr
    assert advice in result.stderr


def test_without_a_district_a_movement_is_not_found_but_the_way_to_one_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["transit", "show", MRN, "--state", str(tmp_path)])
    assert result.exit_code == 3
    assert "no district runs" in result.stderr
