"""Movements by chance: two to four districts, a transport that delays, drops, duplicates, reorders and replays."""

import random
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from district import count
from in_memory import memory
from in_transit import OFFICES, InTransit, told_in_transit
from transit_model import Model

pytestmark = pytest.mark.timeout(900)
SEEDS = range(count(50, 500))


@cache
def played(seed: int) -> Counter[str]:
    """What happened under this seed, once nothing was found amiss: run it alone with -k 'seed-17'."""
    chance = random.Random(seed)
    names = chance.sample(sorted(OFFICES), chance.choice((2, 2, 2, 3, 3, 4)))

    async def story(*districts: InTransit) -> Counter[str]:
        model = Model(districts, chance)
        await model.play()
        return model.seen

    with TemporaryDirectory(dir=memory()) as folder:
        return told_in_transit(Path(folder), names, story, seed=seed)


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
