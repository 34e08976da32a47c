"""run: from nothing to a table."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.xdist_group("run"), pytest.mark.timeout(200)]
RESULTS = ("Where they stand", "How long the agencies took", "Commitments")


def test_once_ends_in_tables_and_a_trace_to_look_at_and_a_second_run_finds_its_own_folder(
    tongguan: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = tongguan("run", "--once", "--count", "40", "--seed", "41")
    assert done.returncode == 0, done.stderr
    assert all(title in done.stdout for title in RESULTS)
    assert "tongguan trace 31" in done.stdout
    state = tmp_path / ".tongguan" / (tmp_path / ".tongguan" / "latest").read_text().strip()
    assert not (state / "endpoints.json").exists()
    trace_id = done.stdout.split("Trace ")[1].split()[0]
    assert "gateway" in tongguan("trace", trace_id).stdout


def test_a_folder_of_files_is_put_in_and_a_used_state_folder_goes_on(
    tongguan: Callable[..., Any], tmp_path: Path
) -> None:
    inputs, state = tmp_path / "inputs", str(tmp_path / "state")
    inputs.mkdir()
    (inputs / "day.jsonl").write_text(tongguan("sample", "10", "--seed", "42").stdout)
    first = tongguan("run", "--once", "--input", str(inputs), "--state", state, "--json")
    assert first.returncode == 0, first.stderr
    second = tongguan("run", "--once", "--input", str(inputs), "--state", state, "--json")
    assert second.returncode == 0, second.stderr
    numbers = [{json.loads(line)["number"] for line in done.stdout.splitlines()} for done in (first, second)]
    assert numbers[0] == numbers[1]
    assert len(numbers[0]) == 10


def test_an_input_without_files_is_a_misuse(tongguan: Callable[..., Any], tmp_path: Path) -> None:
    done = tongguan("run", "--once", "--input", str(tmp_path), "--state", str(tmp_path / "state"))
    assert done.returncode == 2
