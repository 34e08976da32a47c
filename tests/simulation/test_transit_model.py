"""Movements by chance: two to four districts, a transport that delays, drops, duplicates, reorders and replays."""

from collections import Counter
from functools import cache

import pytest
from district import count
from transit_model import play

pytestmark = pytest.mark.timeout(900)
SEEDS = range(count(50, 500))


@cache
def played(seed: int) -> Counter[str]:
    """What happened under this seed: run it alone by `make simulate MODEL=movements FIRST=17 SEEDS=1`."""
    return play(seed)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: f"seed-{seed}")
def test_both_sides_agree_nothing_is_stuck_and_every_guarantee_is_accounted_for(seed: int) -> None:
    assert played(seed)["done"]


def test_what_may_happen_does_happen_under_some_seed() -> None:
    seen = sum((played(seed) for seed in range(50)), Counter[str]())
    assert {"DISCHARGED", "CANCELLED", "conflict", "out of sequence", "refused"} <= (+seen).keys()
    for event in (
        "RECORD_REQUEST",
        "DIVERT",
        "INVALIDATED",
        "INCIDENT",
        "TIME_LIMIT",
        "ENQUIRE",
        "RECOVERED",
        "SETTLE",
    ):
        assert seen[event], event
    for event in (
        "GUARANTEE_REFUSED",
        "AMEND_GUARANTEE",
        "INVALIDATION_REFUSED",
        "NOT_PASSED",
        "HAS_PASSED",
        "RECORD_REFUSED",
        "FORWARDED",
        "PASSAGE",
    ):
        assert seen[event], event
