"""An agency is stopped during a run: nothing is lost, nothing is released without it, and all settle on its return."""

from pathlib import Path

import pytest
from district import count, district, eventually, parked_on, sample, settled

pytestmark = pytest.mark.timeout(280)


def test_cases_are_parked_on_a_killed_agency_and_settle_within_30_s_of_its_return(tmp_path: Path) -> None:
    size = count(60, 500)
    file = sample(tmp_path / "sample.jsonl", size, seed=8)
    facts, submissions = tmp_path / "facts.jsonl", tmp_path / "submissions.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    facts.write_text("".join(line for line in lines if not line.startswith('{"submission"')))
    submissions.write_text("".join(line for line in lines if line.startswith('{"submission"')))
    with district(tmp_path) as ningbo:
        assert ningbo.tongguan("submit", str(facts)).returncode == 0
        assert ningbo.tongguan("kill", "inspection").returncode == 0
        assert ningbo.tongguan("submit", str(submissions)).returncode == 0

        clearances = ningbo.clearances()
        assert len(clearances) == size
        assert len({one["reference"] for one in clearances}) == size, "a submission became two cases"
        assert not [one for one in clearances if one["state"] == "STATE_RELEASED"], "released without inspection"
        parked = [one for one in clearances if "inspection" in parked_on(one)]
        assert parked
        for one in parked:
            [machine] = [wait for wait in one["waiting"] if wait["kind"] == "KIND_MACHINE"]
            assert machine["party"] == "inspection"
            assert machine["sinceTime"]

        assert ningbo.tongguan("start", "inspection").returncode == 0
        eventually(
            lambda: all(settled(one) for one in ningbo.clearances()),
            within_s=30,
            otherwise=lambda: [one for one in ningbo.clearances() if not settled(one)][:3],
        )
        released = [one for one in ningbo.clearances() if one["state"] == "STATE_RELEASED"]
        assert released
        for one in released:
            whole = ningbo.clearance(one["number"])
            assert len(whole["orders"]) == 1, "released twice"
            assert len(whole["orders"][0]["order"]["decisions"]) >= 4, "released without a decision of each agency"
