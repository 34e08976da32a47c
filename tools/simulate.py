"""Plays seeds of the models in tests/support, on all processors; a seed that passed on this very content is not played
again.

    make simulate SEEDS=10000              0 … 9999 of every model
    make simulate FIRST=17 SEEDS=1         one of them
    python tools/simulate.py --model clearances --first 17 --seeds 1 --history FILE

It ends with 1 where a seed failed, and names each with the command that plays it alone.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tools")]
# Module and what is told of one seed: (counts, history).
MODELS = {"clearances": "clearance_model", "movements": "transit_model"}
TELL_SECONDS = 10.0


def played(model: str, seed: int) -> tuple[str, int, str]:
    """(model, seed, what went wrong); nothing where all went well."""
    try:
        import_module(MODELS[model]).play(seed)
    except Exception as error:
        return model, seed, f"{type(error).__name__}: {error}"
    return model, seed, ""


def wanted(models: list[str], first: int, count: int, done: set[str]) -> Iterator[tuple[str, int]]:
    """Seeds that have not passed yet, all models of one seed after each other."""
    for seed in range(first, first + count):
        for model in models:
            if f"{model} {seed}" not in done:
                yield model, seed


def simulate(models: list[str], first: int, count: int, workers: int, stamp: Path) -> int:
    """How many failed."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    done = set(stamp.read_text().splitlines()) if stamp.exists() else set()
    jobs = list(wanted(models, first, count, done))
    passed_before = count * len(models) - len(jobs)
    print(f"{len(jobs)} to play on {workers} processes, {passed_before} passed before on this content", flush=True)
    began = told = time.monotonic()
    tally: Counter[str] = Counter()
    failed: list[tuple[str, int]] = []
    with ProcessPoolExecutor(workers) as pool, stamp.open("a") as passed:
        for place, future in enumerate(as_completed([pool.submit(played, *job) for job in jobs]), start=1):
            model, seed, fault = future.result()
            if fault:
                failed.append((model, seed))
                print(f"{model} seed {seed}: {fault}\n  again: {command(model, seed)}", flush=True)
            else:
                tally[model] += 1
                passed.write(f"{model} {seed}\n")
                passed.flush()
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                rate = place / (told - began)
                left = (len(jobs) - place) / rate
                print(f"{place} of {len(jobs)}, {rate:.2f} a second, {left / 60:.0f} min left", flush=True)
    said = ", ".join(f"{count} of {model}" for model, count in sorted(tally.items())) or "none"
    print(f"passed: {said}, in {time.monotonic() - began:.0f} s; failed: {len(failed)}")
    for model, seed in sorted(failed):
        print(f"  {command(model, seed)}")
    return len(failed)


def command(model: str, seed: int) -> str:
    """What plays this seed alone."""
    return f"make simulate MODEL={model} FIRST={seed} SEEDS=1"


def main() -> int:
    parser = argparse.ArgumentParser(description="Plays seeds of the simulation.")
    parser.add_argument("--model", choices=sorted(MODELS), action="append", help="by default all")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seeds", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--history", type=Path, help="write what happened under the first seed, and play no other")
    given = parser.parse_args()
    models = given.model or sorted(MODELS)
    if given.history:
        told = import_module(MODELS["clearances"]).play(given.first)
        given.history.write_bytes(told.history)
        print(told.digest)
        return 0
    stamp = ROOT / ".verify" / import_module("verify").content() / "simulated"
    return 1 if simulate(models, given.first, given.seeds, given.workers, stamp) else 0


if __name__ == "__main__":
    sys.exit(main())
