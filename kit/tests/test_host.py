"""A service as a process: what it prints, how it ends, what it refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agencykit.identity import Identity
from agencykit.pki import create_authority, issue_tls

APP = '''
import asyncio
from pathlib import Path
from agencykit.rpc.service import Service
from agencykit.settings import ServiceSettings
from clearance.agency.v1 import work_service_pb2 as work

class HarbourSettings(ServiceSettings):
    """A harbour."""
    diary: Path
    stumbles: bool = False

class Officers:
    async def ListWork(self, request, call):
        return work.ListWorkResponse()
    TakeWork = ReturnWork = RecordWork = ListWork

class App:
    def __init__(self, settings):
        self.settings = settings
        self.services = [Service(Officers(), work.DESCRIPTOR.services_by_name["WorkService"], ["operator/*"])]
    def note(self, deed):
        with self.settings.diary.open("a") as diary:
            print(deed, file=diary)
    def migrate(self):
        self.note("migrate")
    async def start(self):
        self.note("start")
        if self.settings.stumbles:
            raise OSError("no such shelf: E12345678")
    async def drain(self):
        self.note("drain")
    async def stop(self):
        self.note("stop")

def build(settings: HarbourSettings, runtime, telemetry):
    return App(settings)
'''
MAIN = "from agencykit.host import run_service\nfrom harbour.app import build\nrun_service(build, 'harbour')\n"


class Harbour:
    """A service installed in a folder of its own, and its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary = folder / "diary"
        self.log = folder / "harbour.log"
        (folder / "harbour").mkdir()
        (folder / "harbour" / "app.py").write_text(APP)
        (folder / "harbour" / "__main__.py").write_text(MAIN)
        authority = create_authority("ningbo")
        authority.write(folder / "ca.pem", folder / "ca.key")
        issued = issue_tls(authority, [Identity.of_district("ningbo", "port")])
        issued.write(folder / "tls.pem", folder / "tls.key")
        self.processes: list[subprocess.Popen[str]] = []

    def begin(self, *arguments: str, **settings: Any) -> subprocess.Popen[str]:
        """Starts `python -m harbour` in the folder."""
        given = {"diary": self.diary, "log_file": self.log} | settings
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("TONGGUAN_", "OTEL_"))}
        environment |= {f"TONGGUAN_HARBOUR__{name.upper()}": str(value) for name, value in given.items()}
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "harbour", *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process

    def run(self, *arguments: str, **settings: Any) -> tuple[int, str, str]:
        """Exit code, output and errors of a process that ends by itself."""
        process = self.begin(*arguments, **settings)
        output, errors = process.communicate(timeout=30)
        return process.returncode, output, errors

    def lines(self) -> list[dict[str, Any]]:
        """The log."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def listening(self, process: subprocess.Popen[str]) -> int:
        """Waits for the line that says where the service listens; returns the port."""
        for _ in range(600):
            found = [line for line in self.lines() if line["event"] == "listening" and line["pid"] == process.pid]
            if found:
                return int(found[0]["address"].rpartition(":")[2])
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        raise AssertionError("never listened")


@pytest.fixture
def harbour(tmp_path: Path) -> Iterator[Harbour]:
    made = Harbour(tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.communicate()


def test_help_lists_what_can_be_told(harbour: Harbour) -> None:
    code, output, _ = harbour.run("--help")
    assert code == 0
    assert all(option in output for option in ("--config", "--print-settings", "--migrate", "--check-health"))


def test_settings_are_printed_with_their_sources(harbour: Harbour) -> None:
    code, output, _ = harbour.run("--print-settings", port=7777)
    assert code == 0
    assert "port = 7777  # environment" in output
    assert 'district = "ningbo"  # default' in output


def test_bad_settings_are_named_in_one_line_and_nothing_starts(harbour: Harbour) -> None:
    code, _, errors = harbour.run(port="many", districts="ningbo", fault_error_rate="0.5")
    assert code == 2
    [line] = errors.splitlines()
    assert line.startswith("harbour: cannot start: ")
    for name in ("PORT", "DISTRICTS", "FAULT_ERROR_RATE"):
        assert f"TONGGUAN_HARBOUR__{name}: " in line
    assert not harbour.diary.exists()


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_ends_with_0(harbour: Harbour, name: signal.Signals) -> None:
    process = harbour.begin()
    harbour.listening(process)
    process.send_signal(name)
    output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "", "")
    assert harbour.diary.read_text().split() == ["start", "drain", "stop"]
    assert [line["event"] for line in harbour.lines()] == ["listening", "draining", "stopped"]


def test_health_is_asked_by_command(harbour: Harbour) -> None:
    process = harbour.begin()
    port = harbour.listening(process)
    code, output, _ = harbour.run("--check-health", port=port)
    assert (code, output) == (0, f"127.0.0.1:{port}: SERVING\n")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    code, output, _ = harbour.run("--check-health", port=port)
    assert code == 3
    assert "unreachable" in output


def test_a_second_copy_is_refused_before_it_touches_anything(harbour: Harbour) -> None:
    process = harbour.begin()
    port = harbour.listening(process)
    code, _, errors = harbour.run(port=port, diary=harbour.folder / "second diary")
    assert code == 2
    assert errors == (
        f"harbour: cannot start: port: 127.0.0.1:{port} is taken by another process, or is not an address here\n"
    )
    assert not (harbour.folder / "second diary").exists()


def test_a_second_copy_on_the_same_database_is_refused_and_one_that_was_deleted_is_not_made_anew(
    harbour: Harbour,
) -> None:
    file = harbour.folder / "harbour.db"
    file.touch()
    url = f"sqlite+pysqlite:///{file}"
    process = harbour.begin(database_url=url)
    harbour.listening(process)
    other = {"database_url": url, "diary": harbour.folder / "second diary"}
    in_use = f"harbour: cannot start: database_url: {file} is in use by another process of this service\n"
    assert harbour.run(**other) == (2, "", in_use)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    file.unlink()
    code, _, errors = harbour.run(**other)
    assert (code, file.exists(), (harbour.folder / "second diary").exists()) == (2, False, False)
    assert f"{file} was deleted; put its last copy back (docs/backup.md), or remove harbour.db.lock" in errors


def test_migrating_does_only_that(harbour: Harbour) -> None:
    code, _, _ = harbour.run("--migrate")
    assert code == 0
    assert harbour.diary.read_text().split() == ["migrate"]


def test_an_error_at_start_ends_with_1_and_the_log_tells_where_without_quoting_values(harbour: Harbour) -> None:
    code, _, errors = harbour.run(stumbles="true")
    assert code == 1
    assert errors == "harbour: ended by OSError; the log tells where\n"
    assert harbour.diary.read_text().split() == ["start", "stop"]
    [line] = [line for line in harbour.lines() if line["level"] == "error"]
    assert "app.py" in line["frames"]
    assert "E12345678" not in harbour.log.read_text()


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"cert_file": "lost.pem"}, "cert_file: lost.pem cannot be read"),
        ({"span_store": "/proc/spans.db"}, "span_store: /proc/spans.db cannot be written"),
        ({"log_file": "/proc/harbour.log"}, "log_file: /proc/harbour.log cannot be written"),
        ({"callers": '{"a.B": ["gateway"]}'}, "callers: a.B is not served here"),
    ],
)
def test_what_the_settings_name_must_be_there(harbour: Harbour, settings: dict[str, str], fault: str) -> None:
    code, _, errors = harbour.run(**settings)
    assert (code, errors) == (2, f"harbour: cannot start: {fault}\n")


def test_without_a_log_file_lines_go_to_standard_error(harbour: Harbour) -> None:
    process = harbour.begin(log_file="")
    assert process.stderr
    line = json.loads(process.stderr.readline())
    assert line["event"] == "listening"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)


@pytest.mark.alone
def test_a_service_serves_soon(harbour: Harbour) -> None:
    """Five of them start on two cores. Without a database; measured 0.6-0.8 s of processor time on an idle machine."""
    best = min(_processor_seconds(harbour) for _ in range(2))
    assert best < 2.0


def _processor_seconds(harbour: Harbour) -> float:
    import psutil

    process = harbour.begin()
    harbour.listening(process)
    times = psutil.Process(process.pid).cpu_times()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    return float(times.user + times.system)
