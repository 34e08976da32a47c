"""A real district as `tongguan up` starts it, driven through the command line by the tests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from agencykit.testing.counts import FULL as FULL
from agencykit.testing.counts import count as count
from tongguan.cli import app

TONGGUAN = str(Path(sys.executable).with_name("tongguan"))
FINAL = {"STATE_RELEASED", "STATE_REFUSED", "STATE_WITHDRAWN"}
AGENCIES = ("customs", "inspection", "border", "port")


@dataclass
class District:
    """A running district; every method goes through the public command line."""

    state: Path

    def tongguan(self, *arguments: str, timeout_s: float = 240, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [TONGGUAN, *arguments, "--state", str(self.state)]
        return subprocess.run(command, text=True, capture_output=True, timeout=timeout_s, **options)

    def lines(self, *arguments: str) -> list[dict[str, Any]]:
        """JSON Lines that a command prints, which looks only and must succeed."""
        return [json.loads(line) for line in inside(*arguments, "--json", "--state", str(self.state)).splitlines()]

    def kill(self, service: str) -> None:
        """kill -9, without the second that a command takes to start."""
        for pid in self.pids(service):
            os.kill(pid, signal.SIGKILL)

    def clearances(self) -> list[dict[str, Any]]:
        return self.lines("list", "--limit", "100000")

    def clearance(self, number: str) -> dict[str, Any]:
        [clearance] = self.lines("show", number)
        return clearance

    def endpoints(self) -> dict[str, Any]:
        endpoints: dict[str, Any] = json.loads((self.state / "endpoints.json").read_text())
        return endpoints

    def pids(self, service: str) -> list[int]:
        return [int(pid) for pid in self.endpoints()["services"][service]["pids"]]

    def log(self, service: str) -> str:
        return Path(self.endpoints()["services"][service]["log"]).read_text(errors="replace")

    def states(self) -> Counter[str]:
        return Counter(clearance["state"] for clearance in self.clearances())


# Nothing is selected by chance, so that what a test expects of each consignment does not hang on a draw.
QUIET = {"TONGGUAN_CUSTOMS__RISK_PROFILE_FILE": str(files("customs") / "data" / "risk_nothing.toml")}


@contextmanager
def district(
    folder: Path, *arguments: str, environment: dict[str, str] | None = None, quiet: bool = True
) -> Iterator[District]:
    """Starts a district in `folder`/state; shows the logs' ends when the test fails to start it."""
    state, log = folder / "state", folder / "up.log"
    with log.open("w") as output:
        up = subprocess.Popen(
            [TONGGUAN, "up", "--state", str(state), *arguments],
            stdout=output,
            stderr=output,
            env=os.environ | (QUIET if quiet else {}) | (environment or {}),
        )
        try:
            began = time.monotonic()
            while not (state / "endpoints.json").exists():
                assert up.poll() is None, f"`tongguan up` ended early:\n{log.read_text()[-3000:]}"
                assert time.monotonic() - began < 90, f"the district did not start:\n{log.read_text()[-3000:]}"
                time.sleep(0.05)
            yield District(state)
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait(60)


def inside(*arguments: str) -> str:
    """What a command prints, run within this process, which spares its start; it must succeed."""
    done = CliRunner().invoke(app, arguments, prog_name="tongguan")
    assert done.exit_code == 0, f"{arguments}: {done.exception!r}\n{done.stdout[-800:]}\n{done.stderr[-2000:]}"
    return done.stdout


def sample(file: Path, size: int, seed: int) -> Path:
    """Writes a sample file with `tongguan sample`."""
    file.write_text(inside("sample", str(size), "--seed", str(seed)))
    return file


def settled(clearance: dict[str, Any]) -> bool:
    """Released, refused, withdrawn, or waiting for persons only; a case parked on a machine is not settled."""
    if clearance["state"] in FINAL:
        return True
    waiting = clearance.get("waiting", [])
    return bool(waiting) and all(one["kind"] == "KIND_PERSON" for one in waiting)


def parked_on(clearance: dict[str, Any]) -> set[str]:
    """Agencies whose service the clearance waits for."""
    return {one["party"] for one in clearance.get("waiting", []) if one["kind"] == "KIND_MACHINE"}


def eventually(holds: Callable[[], bool], within_s: float, otherwise: Callable[[], object]) -> float:
    """Waits until `holds`; returns after how many seconds. Fails with what `otherwise` tells."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_s, otherwise()
        time.sleep(0.1)
    return time.monotonic() - began
