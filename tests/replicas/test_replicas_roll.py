"""Under load, replicas are stopped and started one after the other, and their database too: a client that tries again
sees no failure.
"""

import itertools
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from district import TONGGUAN, count, eventually, sample, settled
from replicated import Replicated

pytestmark = [pytest.mark.timeout(1500), pytest.mark.full]
ROUNDS = count(1, 2)


@contextmanager
def load(ningbo: Replicated, folder: Path, seed: int) -> Iterator[Callable[[], int]]:
    """Submits one sample after another until the block ends; every answer must be one. Tells how many were answered."""
    over = threading.Event()
    answered: list[str] = []
    failures: list[str] = []

    def submit() -> None:
        for number in itertools.count(seed):
            if over.is_set():
                return
            file = sample(folder / f"{number}.jsonl", 40, number)
            command = [TONGGUAN, "submit", str(file), "--state", str(ningbo.state), "--json", "--batch", "1"]
            done = subprocess.run([*command, "--concurrency", "4"], capture_output=True, text=True, timeout=200)
            answered.extend(done.stdout.splitlines())
            if done.returncode or '"error"' in done.stdout:
                failures.append(done.stdout[-1000:] + done.stderr[-1000:])

    client = threading.Thread(target=submit)
    client.start()
    try:
        eventually(lambda: len(answered) > 0 or failures != [], within_s=60, otherwise=lambda: failures)
        yield lambda: len(answered)
    finally:
        over.set()
        client.join()
    assert failures == []
    known = {each["number"] for each in ningbo.clearances()}
    assert {json.loads(line)["number"] for line in answered if '"agencies"' in line} <= known


def all_settled(ningbo: Replicated) -> None:
    eventually(
        lambda: all(settled(one) for one in ningbo.clearances()),
        within_s=60,
        otherwise=lambda: [one for one in ningbo.clearances() if not settled(one)][:3],
    )


def test_every_replica_is_restarted_in_turn_and_no_client_notices(ningbo: Replicated, tmp_path: Path) -> None:
    replicas = [each["replica"] for each in ningbo.standing() if each["replica"] != "postgres"]
    several = [each for each in replicas if f"{each.partition('-')[0]}-2" in replicas]
    with load(ningbo, tmp_path, 1000) as answered:
        begun = answered()
        for _ in range(ROUNDS):
            for replica in several:
                restarted = ningbo.tongguan("restart", replica)
                assert restarted.returncode == 0, restarted.stderr
        assert answered() > begun
    all_settled(ningbo)


def test_the_database_is_killed_every_few_seconds_and_nothing_that_was_answered_is_lost(
    ningbo: Replicated, tmp_path: Path
) -> None:
    before = {each["number"] for each in ningbo.clearances()}
    with load(ningbo, tmp_path, 2000) as answered:
        for _ in range(3 * ROUNDS):
            ningbo.strike("postgres")
            ningbo.begin("postgres")
            begun = answered()
            eventually(lambda: answered() > begun, within_s=90, otherwise=ningbo.standing)  # noqa: B023
    all_settled(ningbo)
    assert before < {each["number"] for each in ningbo.clearances()}
    ningbo.whole()
