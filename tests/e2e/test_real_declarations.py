"""Declarations that nobody here wrote, where a folder beside the project holds them: findings follow code, not file.

Without the folder there is nothing to test here; the converter's own tests make their own files.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from district import AGENCIES, TONGGUAN, district, eventually, settled

pytestmark = pytest.mark.timeout(200)

FILES = sorted((Path(__file__).parents[2] / ".." / "shared" / "data" / "wco").resolve().glob("*.xml"))
# Chapters of live animals, meat, fish and shellfish, vegetables, and of articles of straw.
QUARANTINE_CHAPTERS = ("01", "02", "03", "07", "46")
# Rivet nuts, spectacle frames, aluminium foil.
FREE_HEADINGS = ("7318", "9003", "7607")
QUARANTINE_RULES = {"INS-211", "INS-212"}


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The clearances of all files once every one is settled, each beside what was declared."""
    folder = tmp_path_factory.mktemp("real")
    lines = folder / "converted.jsonl"
    convert = [TONGGUAN, "convert", "--from", "wco-dm", *map(str, FILES), "--output", str(lines)]
    made = subprocess.run(convert, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr[-2000:]
    typed = [json.loads(line) for line in lines.read_text().splitlines()]
    declared = {
        one["submission"]["consignment"]["reference"]: one["submission"] for one in typed if "submission" in one
    }
    assert len(declared) >= len(FILES)
    with district(folder) as ningbo:
        submitted = ningbo.tongguan("submit", str(lines))
        assert submitted.returncode == 0, submitted.stderr[-2000:]
        eventually(lambda: all(settled(one) for one in ningbo.clearances()), 30, ningbo.states)
        clearances = ningbo.clearances()
    assert len(clearances) == len(declared)
    return [one | {"consignment": declared[one["reference"]]["consignment"]} for one in clearances]


def inspection_rules(clearance: dict[str, Any]) -> set[str]:
    [standing] = [one for one in clearance["agencies"] if one["agency"] == "inspection"]
    return {finding["ruleId"] for finding in standing["decision"].get("findings", [])}


def codes(clearance: dict[str, Any]) -> list[str]:
    return [item.get("commodityCode", "") for item in clearance["consignment"]["items"]]


if FILES:

    class TestRealDeclarations:
        def test_each_is_decided_by_all_four_agencies(self, decided: list[dict[str, Any]]) -> None:
            for clearance in decided:
                answered = {one["agency"] for one in clearance["agencies"] if "decision" in one}
                assert answered == set(AGENCIES), clearance["reference"]

        def test_animals_meat_fish_vegetables_and_straw_get_a_quarantine_finding(
            self, decided: list[dict[str, Any]]
        ) -> None:
            due = [one for one in decided if any(code[:2] in QUARANTINE_CHAPTERS for code in codes(one))]
            assert due
            for clearance in due:
                assert inspection_rules(clearance) & QUARANTINE_RULES, json.dumps(codes(clearance))

        def test_rivet_nuts_spectacle_frames_and_foil_get_none(self, decided: list[dict[str, Any]]) -> None:
            free = [one for one in decided if codes(one) and all(code[:4] in FREE_HEADINGS for code in codes(one))]
            assert free
            for clearance in free:
                assert not inspection_rules(clearance) & QUARANTINE_RULES, json.dumps(codes(clearance))
