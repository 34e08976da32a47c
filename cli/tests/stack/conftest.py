"""A real district for the tests that need one: started once, by the command line, on free ports."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tongguan.cli import app

UP_SECONDS = 90
DOWN_SECONDS = 40
Result = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def inside(*arguments: str, input: str | None = None) -> Done:
    """The command line within this process, which spares its start; for commands that neither start nor wait."""
    result = CliRunner().invoke(app, arguments, input=input, prog_name="tongguan")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout, result.stderr)


def tongguan(*arguments: str, input: str | None = None, environment: Mapping[str, str] | None = None) -> Result:
    """Runs the command line as a user would, off a terminal."""
    command = [sys.executable, "-m", "tongguan", *arguments]
    whole = {**os.environ, **(environment or {})}
    return subprocess.run(command, input=input, env=whole, capture_output=True, text=True, timeout=100, check=False)


def json_lines(result: Done | Result) -> list[dict[str, Any]]:
    """Standard output as JSON Lines: every line of it must be one."""
    return [json.loads(line) for line in result.stdout.splitlines()]


@dataclass(frozen=True)
class District:
    """A district that runs."""

    state: Path
    up: subprocess.Popen[bytes]
    words: Path

    def __call__(self, *arguments: str, input: str | None = None) -> Done:
        """A command on this district, within this process."""
        return inside(*arguments, "--state", str(self.state), input=input)

    def process(self, *arguments: str, input: str | None = None) -> Result:
        """A command on this district, as a process."""
        return tongguan(*arguments, "--state", str(self.state), input=input)

    @contextmanager
    def begun(self, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
        """A command on this district that goes on until it is told to end, as a process."""
        command = [sys.executable, "-m", "tongguan", *arguments, "--state", str(self.state)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield process
            finally:
                process.kill()

    def endpoints(self) -> dict[str, Any]:
        whole: dict[str, Any] = json.loads((self.state / "endpoints.json").read_text())
        return whole

    def kill(self, service: str) -> None:
        """kill -9, without the second that a command takes to start."""
        for pid in self.endpoints()["services"][service]["pids"]:
            os.kill(pid, signal.SIGKILL)

    def said(self) -> str:
        """What `up` has said so far."""
        return self.words.read_text()


def wait_for(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Waits until it is true, and returns it."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)
    return found


def submit_until_decided(ask: Callable[..., Done], lines: str) -> list[dict[str, Any]]:
    """Submits, and returns the clearances once every agency has decided each.

    An answer does not wait for an agency that is away or slow, as one may be that another test has just started again.
    """
    submitted = ask("submit", "-", "--json", input=lines)
    assert submitted.returncode == 0, submitted.stderr

    def decided(clearance: dict[str, Any]) -> dict[str, Any] | None:
        if not all("decision" in said for said in clearance["agencies"]):
            [clearance] = json_lines(ask("show", clearance["number"], "--json"))
        return clearance if all("decision" in said for said in clearance["agencies"]) else None

    return [wait_for(lambda: decided(clearance)) for clearance in json_lines(submitted)]  # noqa: B023


@pytest.fixture(scope="session", name="submit_until_decided")
def submit_until_decided_fixture() -> Callable[..., list[dict[str, Any]]]:
    """Submits, and waits for all agencies' decisions."""
    return submit_until_decided


@pytest.fixture(scope="session", name="tongguan")
def tongguan_fixture() -> Callable[..., Result]:
    """The command line, as a function."""
    return tongguan


@pytest.fixture(scope="session", name="inside")
def inside_fixture() -> Callable[..., Done]:
    """The command line within this process, as a function."""
    return inside


@pytest.fixture(scope="session", name="json_lines")
def json_lines_fixture() -> Callable[[Done | Result], list[dict[str, Any]]]:
    """What `--json` printed."""
    return json_lines


@pytest.fixture(scope="session", name="wait_for")
def wait_for_fixture() -> Callable[..., Any]:
    """Waits until something is true."""
    return wait_for


@pytest.fixture(scope="session")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    """One for all tests of this folder; whoever stops a service starts it again."""
    folder = tmp_path_factory.mktemp("district")
    with Running(folder / "state", folder / "up.log") as made:
        yield made


class Running:
    """Starts a district with these options of `up`, and ends it as Ctrl-C would."""

    def __init__(self, state: Path, words: Path, *options: str) -> None:
        self.state, self.words, self.options = state, words, options

    def __enter__(self) -> District:
        with self.words.open("wb") as words:
            command = [sys.executable, "-m", "tongguan", "up", "--state", str(self.state), *self.options]
            quiet = os.environ | {
                "TONGGUAN_CUSTOMS__RISK_PROFILE_FILE": str(files("customs") / "data/risk_nothing.toml")
            }
            self.up = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words, stderr=words, env=quiet)
        district = District(self.state, self.up, self.words)
        try:
            wait_for(lambda: (self.state / "endpoints.json").exists() or self.up.poll() is not None, UP_SECONDS)
            assert self.up.poll() is None, self.words.read_text()
        except BaseException:
            self.up.terminate()
            self.up.wait(DOWN_SECONDS)
            raise
        return district

    def __exit__(self, *_error: object) -> None:
        self.up.send_signal(signal.SIGINT)
        assert self.up.wait(DOWN_SECONDS) == 0, self.words.read_text()


@pytest.fixture(scope="session", name="running")
def running_fixture() -> type[Running]:
    """Starts a district of a test's own."""
    return Running


@pytest.fixture(scope="session")
def sample() -> Callable[[int, int], str]:
    """A sample file by number and seed."""

    def make(count: int, seed: int) -> str:
        made = inside("sample", str(count), "--seed", str(seed))
        assert made.returncode == 0, made.stderr
        return made.stdout

    return make
