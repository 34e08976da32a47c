"""run: from nothing to a table."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)
RESULTS = ("Where they stand", "How long the agencies took", "Commitments")


def test_a_folder_is_put_in_and_ends_in_tables_and_a_second_run_goes_on_where_the_first_ended(
    tongguan: Callable[..., Any],
    inside: Callable[..., Any],
    sample: Callable[[int, int], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "day.jsonl").write_text(sample(30, 41))
    first = tongguan("run", "--once", "--input", "inputs", "--partners", "hangzhou", "--movements", "2")
    assert first.returncode == 0, first.stderr
    assert all(title in first.stdout for title in RESULTS)
    assert first.stdout.count("DISCHARGED") == 2, "a partner came up in the background, and goods were moved to it"
    folder = tmp_path / ".tongguan" / (tmp_path / ".tongguan" / "latest").read_text().strip()
    assert not (folder / "endpoints.json").exists()
    assert not (folder / "hangzhou" / "endpoints.json").exists()
    [(trace_id, number)] = re.findall(r"Trace ([0-9a-f]{32}) of (\w+)\.", first.stdout)
    assert f"tongguan trace {number}" in first.stdout
    assert "gateway" in inside("trace", trace_id).stdout

    second = tongguan("run", "--once", "--input", "inputs", "--state", str(folder), "--json")
    assert second.returncode == 0, second.stderr
    numbers = [json.loads(line)["number"] for line in second.stdout.splitlines()]
    assert len(set(numbers)) == len(numbers) == 30
    assert number in numbers


def test_an_input_without_files_is_a_misuse(inside: Callable[..., Any], tmp_path: Path) -> None:
    done = inside("run", "--once", "--input", str(tmp_path), "--state", str(tmp_path / "state"))
    assert done.returncode == 2


@pytest.mark.parametrize("partners", ["ningbo", "atlantis"])
def test_a_run_has_no_partner_that_is_unknown_or_itself(
    partners: str, inside: Callable[..., Any], tmp_path: Path
) -> None:
    assert inside("run", "--once", "--partners", partners, "--state", str(tmp_path / "state")).returncode == 2
