"""The contract keeps to buf's STANDARD and COMMENTS, and to the wire of the last release."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

BASELINES = sorted((Path(__file__).resolve().parents[2] / "protos" / "baseline").glob("*.binpb"))
MONEY = "clearance/common/v1/money.proto"

Buf = Callable[..., subprocess.CompletedProcess[str]]
Change = Callable[[str, str, str], Path]


def test_the_contract_keeps_the_house_form(buf: Buf, image: Path) -> None:
    found = buf("lint", image)
    assert found.returncode == 0, found.stdout


def test_a_missing_comment_is_noticed(buf: Buf, changed: Change) -> None:
    found = buf("lint", changed(MONEY, "// An exact amount of one currency. Amounts are never floating point.\n", ""))
    assert found.returncode != 0
    assert "COMMENT_MESSAGE" in found.stdout + found.stderr or "Money" in found.stdout


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda path: path.stem)
def test_nobody_who_speaks_a_released_contract_is_broken(buf: Buf, image: Path, baseline: Path) -> None:
    found = buf("breaking", image, "--against", baseline)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("int64 minor_units = 2;", "string minor_units = 2;", "type"),
        ("int64 minor_units = 2;", "int64 minor_units = 3;", "deleted"),
        ("int64 minor_units = 2;", "int64 small_units = 2;", "name"),
    ],
    ids=["another type", "another number", "another name"],
)
def test_a_breaking_change_is_noticed(buf: Buf, image: Path, changed: Change, old: str, new: str, rule: str) -> None:
    found = buf("breaking", changed(MONEY, old, new), "--against", image)
    assert found.returncode != 0
    assert "minor_units" in found.stdout
    assert rule in found.stdout


def test_a_new_field_breaks_nobody(buf: Buf, image: Path, changed: Change) -> None:
    grown = changed(MONEY, "int64 minor_units = 2;", "int64 minor_units = 2;\n  // A new one.\n  int64 nanos = 3;")
    assert buf("breaking", grown, "--against", image).returncode == 0
