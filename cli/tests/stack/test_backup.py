"""Copies of services' databases, taken and put back by commands."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tongguan.failures import Misused
from tongguan.stack import backups
from tongguan.stack.layout import Layout

pytestmark = pytest.mark.timeout(200)


def test_a_running_service_is_saved_and_nothing_is_put_back_under_it(district: Any, tmp_path: Path) -> None:
    assert district("backup", "border", "--out", str(tmp_path)).returncode == 0
    copy = tmp_path / "ningbo-border.db"
    assert copy.read_bytes().startswith(b"SQLite format 3")
    refused = district("restore", "border", str(copy))
    assert refused.returncode == 1
    assert "stop border" in refused.stderr


def test_what_was_never_started_has_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(Misused, match="no service"):
        backups.save(Layout(tmp_path), "border", tmp_path)


@pytest.mark.full
def test_an_agency_put_back_goes_on_once_it_is_resumed(
    district: Any,
    sample: Callable[[int, int], str],
    submit_until_decided: Callable[..., list[dict[str, Any]]],
    json_lines: Callable[..., list[dict[str, Any]]],
    tmp_path: Path,
) -> None:
    submit_until_decided(district, sample(3, 301))
    assert district("backup", "border", "--out", str(tmp_path)).returncode == 0
    submit_until_decided(district, sample(3, 302))
    assert district("stop", "border").returncode == 0
    assert district("restore", "border", str(tmp_path / "ningbo-border.db")).returncode == 0
    assert district.process("start", "border").returncode == 0
    submitted = json_lines(district("submit", "-", "--json", input=sample(1, 303)))
    [border] = [each for each in submitted[0]["agencies"] if each["agency"] == "border"]
    assert "decision" not in border
    assert "generation 1" in district("resume", "border", "--by", "operator/li-wei").stdout
    assert district.process("restart", "border").returncode == 0
    submit_until_decided(district, sample(1, 303))
