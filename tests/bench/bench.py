"""`make bench`: the floor and the full system in one run, and their ratio.

The floor is an empty gateway over four empty agencies: no TLS, no database, no traces. The system is a district as
`tongguan up` starts it: mutual TLS, SQLite with synchronous=FULL, signatures, spans. Machines are shared and noisy,
so each shape is run in turns, floor then system, and only the ratio of the medians is worth quoting.
"""

import argparse
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TONGGUAN = Path(sys.executable).with_name("tongguan")
FLOOR_PORTS = [16200, 16201, 16202, 16203, 16204]
# name, callers, batch, calls of the floor, calls of the system
SHAPES = [("1 caller", 1, 1, 300, 200), ("64 callers", 64, 1, 3000, 1920), ("batches of 100", 4, 100, 200, 60)]
# Reservations of customs' guarantee ledger: name, accounts, calls; 64 callers.
RESERVATIONS = [("one hot account", 1, 2000), ("10,000 accounts", 10_000, 2000)]


@contextlib.contextmanager
def process(command: list[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(command, text=True, **options)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


@contextlib.contextmanager
def floor(work: Path) -> Iterator[dict[str, str]]:
    """Starts the empty parties; yields the environment in which their messages can be imported."""
    compiler = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        f"-I{HERE}",
        f"--python_out={work}",
        f"--grpc_python_out={work}",
    ]
    subprocess.run([*compiler, str(HERE / "floor.proto")], check=True)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(work), str(HERE)])}
    gateway, *agencies = map(str, FLOOR_PORTS)
    party = [sys.executable, str(HERE / "floor_party.py")]
    with contextlib.ExitStack() as running:
        for port in agencies:
            running.enter_context(process([*party, port], env=environment))
        running.enter_context(process([*party, gateway, *agencies], env=environment))
        yield environment


@contextlib.contextmanager
def district(state: Path) -> Iterator[None]:
    with (
        (state.parent / "up.log").open("w") as log,
        process([str(TONGGUAN), "up", "--state", str(state)], stdout=log, stderr=log) as running,
    ):
        deadline = time.monotonic() + 60
        while not (state / "endpoints.json").exists():
            if running.poll() is not None or time.monotonic() > deadline:
                raise SystemExit((state.parent / "up.log").read_text()[-2000:] or "the district did not start")
            time.sleep(0.1)
        yield


def prepare(state: Path, count: int, seed: int) -> Path:
    """Lodges the facts of a sample of `count`; returns the file of its submissions."""
    facts, submissions = state.parent / "facts.jsonl", state.parent / "submissions.jsonl"
    made = subprocess.Popen(
        [str(TONGGUAN), "sample", str(count), "--seed", str(seed)], stdout=subprocess.PIPE, text=True
    )
    assert made.stdout is not None
    with facts.open("w") as fact_lines, submissions.open("w") as submission_lines:
        for line in made.stdout:
            (submission_lines if line.startswith('{"submission"') else fact_lines).write(line)
    if made.wait() != 0:
        raise SystemExit("no sample could be made")
    subprocess.run([str(TONGGUAN), "submit", "--state", str(state), str(facts)], check=True, stdout=subprocess.DEVNULL)
    return submissions


def figures(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    answer = subprocess.run([sys.executable, *command], env=environment, stdout=subprocess.PIPE, text=True, timeout=300)
    if answer.returncode != 0:
        raise SystemExit(f"the load failed: {' '.join(command)}")
    figures: dict[str, Any] = json.loads(answer.stdout)
    return figures


def measure(rounds: int, seed: int) -> dict[str, Any]:
    wanted = rounds * sum(batch * calls for _, _, batch, _, calls in SHAPES)
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="tongguan-bench-") as folder:
        work, state = Path(folder), Path(folder) / "state"
        with floor(work) as environment, district(state):
            file, first = prepare(state, wanted, seed), 0
            for name, callers, batch, floor_calls, system_calls in SHAPES:
                runs: dict[str, list[dict[str, Any]]] = {"floor": [], "system": []}
                for _ in range(rounds):
                    load = [
                        str(HERE / "floor_load.py"),
                        str(FLOOR_PORTS[0]),
                        str(floor_calls),
                        str(callers),
                        str(batch),
                    ]
                    runs["floor"].append(figures(load, environment))
                    load = [str(HERE / "system_load.py"), str(state), str(file)]
                    load += [str(first), str(system_calls), str(callers), str(batch)]
                    runs["system"].append(figures(load, environment))
                    first += system_calls * batch
                result[name] = runs
                show(name, runs)
            result |= reserve(state, rounds)
    return result


def reserve(state: Path, rounds: int) -> dict[str, Any]:
    """Reservations on the same district, with nothing else to do."""
    result: dict[str, Any] = {}
    for name, accounts, calls in RESERVATIONS:
        load = [str(HERE / "guarantee_load.py"), str(state), str(accounts), str(calls), "64"]
        runs = [figures(load, dict(os.environ)) for _ in range(rounds)]
        result[name] = {"reservations": runs}
        per_second = statistics.median(run["clearances_per_s"] for run in runs)
        delay = statistics.median(run["p50_ms"] for run in runs)
        print(f"{name:<16} reservations {per_second:>8.0f}/s  p50 {delay:>7.1f} ms", flush=True)
    return result


def show(name: str, runs: dict[str, list[dict[str, Any]]]) -> None:
    middle = {who: statistics.median(run["clearances_per_s"] for run in of) for who, of in runs.items()}
    delay = {who: statistics.median(run["p50_ms"] for run in of) for who, of in runs.items()}
    columns = "   ".join(f"{who} {middle[who]:>8.0f}/s  p50 {delay[who]:>7.1f} ms" for who in runs)
    print(f"{name:<16} {columns}   ratio {middle['system'] / middle['floor']:.2f}", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument(
        "--rounds", type=int, default=3, help="how often floor and system are run in turns (default 3)"
    )
    options.add_argument("--seed", type=int, default=1, help="seed of the sample")
    options.add_argument("--output", type=Path, help="write all figures to this file as JSON")
    chosen = options.parse_args()
    result = measure(chosen.rounds, chosen.seed)
    if chosen.output:
        chosen.output.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
