"""A client that submits without end and tries again, while replicas are stopped and replaced."""

import itertools
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from district import TONGGUAN, eventually, sample, settled
from replicated import Replicated


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
