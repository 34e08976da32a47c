"""Clearances by chance: parties that die between any two steps, freeze and come back, over roads that lose and repeat.

A failing seed is played alone by -k 'seed-17', or by `make simulate MODEL=clearances FIRST=17 SEEDS=1`.
"""

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from clearance_model import Played, play
from district import count

pytestmark = pytest.mark.timeout(900)
SEEDS = range(count(50, 500))
ROOT = Path(__file__).parents[2]
# What people do, what becomes of it, and what befalls them.
MUST_OCCUR = {
    *("submit", "submit again", "amend", "withdraw", "late fact", "hold", "truck", "query", "expedite"),
    *("officer CLEARED", "officer REFUSED", "guarantee", "exhausted account", "other content", "withdrawal agreed"),
    *("released", "stopped", "left", "released on guarantee", "audit parked", "audit amended"),
    *("state EXAMINATION", "state ON_HOLD", "state REFUSED", "state WITHDRAWN", "state RELEASE_STOPPED"),
    *(
        "crash",
        "killed",
        "frozen",
        "cut off",
        "zombie",
        "clock set",
        "lost request",
        "lost answer",
        "lost part",
        "replayed",
    ),
}


@cache
def played(seed: int) -> Played:
    """What happened under this seed, once nothing was found amiss."""
    return play(seed)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed-{seed}")
def test_whatever_dies_or_is_lost_nothing_unsafe_happens_and_everything_comes_to_its_end(seed: int) -> None:
    assert played(seed).seen["submit"]


def test_what_may_happen_does_happen_under_some_seed() -> None:
    seen = sum((played(seed).seen for seed in range(50)), Counter[str]())
    assert not MUST_OCCUR - (+seen).keys()


def test_the_same_seed_has_the_same_history_byte_for_byte_in_another_process_too(tmp_path: Path) -> None:
    file = tmp_path / "history"
    command = [sys.executable, str(ROOT / "tools" / "simulate.py"), "--first", "3", "--history", str(file)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": "2004"})
    assert file.read_bytes() == play(3).history == played(3).history


def test_another_seed_has_another_history() -> None:
    assert played(3).history != played(4).history
