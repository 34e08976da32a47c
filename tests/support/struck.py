"""Striking processes of a real district dead or still, and bringing them back."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from district import AGENCIES, District, eventually

from tongguan.stack import certificates, records
from tongguan.stack.health import wait_until_healthy
from tongguan.stack.launch import launch, wait_for_all
from tongguan.stack.layout import Layout

SERVICES = (*AGENCIES, "gateway")
DYING_AT = Path(__file__).with_name("dying_at.py")
GONE_SECONDS = 10.0
RESUMED_SECONDS = 10.0


def pid_of(ningbo: District, service: str) -> int:
    """Of the process that last ran as it."""
    record = records.read(Layout(ningbo.state), service)
    assert record is not None
    return record.process.pid


def strike(ningbo: District, services: Sequence[str]) -> None:
    """kill -9 of these, as near to each other as can be; they are gone afterwards."""
    known = [records.read(Layout(ningbo.state), service) for service in services]
    struck = [record.process for record in known if record is not None]
    for process in struck:
        process.signal(signal.SIGKILL)
    assert all(process.gone_within(GONE_SECONDS) for process in struck)


@contextmanager
def frozen(ningbo: District, services: Sequence[str]) -> Iterator[None]:
    """They stand still, amid whatever they do, as long as the block."""
    pids = [pid_of(ningbo, service) for service in services]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def resume(ningbo: District, services: Sequence[str]) -> float:
    """Starts these anew, all at once; after how many seconds all of them served."""
    layout, began = Layout(ningbo.state), time.monotonic()
    for service in services:
        record = records.read(layout, service)
        assert record is not None
        # Nobody asks for its end: who stops the district looks whether it runs.
        launch(layout, service, record.port, record.environment).returncode = 0
    wait_for_all(layout, services, lambda _service, _seconds: None)
    return time.monotonic() - began


def resumed_in_time(seconds: float, services: Sequence[str]) -> None:
    """What is promised of a service that has its machine for itself; here so many start on so few processors."""
    assert seconds <= RESUMED_SECONDS * max(1.0, len(services) / (os.cpu_count() or 1))


@contextmanager
def doomed(ningbo: District, service: str, call: str, nth: int, when: str) -> Iterator["subprocess.Popen[bytes]"]:
    """In place of a service that was struck, one that dies at its `nth` call of that kind from now on.

    The block must bring that about, and find it dead.
    """
    layout = Layout(ningbo.state)
    record = records.read(layout, service)
    assert record is not None
    own = [sys.executable, "-m", service, "--config", str(layout.configuration(service))]
    command = [sys.executable, str(DYING_AT), "--call", call, "--nth", str(nth), "--when", when, "--", *own]
    with layout.log(service).open("ab") as words:
        process = subprocess.Popen(
            command, stdout=words, stderr=words, env=records.environment(record.environment), start_new_session=True
        )
    try:
        operator = certificates.credentials(layout, certificates.IDENTITIES["operator"])
        running = wait_until_healthy(f"127.0.0.1:{record.port}", operator, 60, lambda: process.poll() is None)
        assert running, ningbo.log(service)[-2000:]
        process.send_signal(signal.SIGUSR1)
        yield process
    finally:
        process.kill()
        process.wait(10)


def dead(process: "subprocess.Popen[bytes]", within_s: float) -> None:
    """Waits until a doomed one has died, by what it was doomed to."""
    eventually(lambda: process.poll() is not None, within_s, lambda: "it never came to that call")
    assert process.returncode == 128 + signal.SIGKILL
