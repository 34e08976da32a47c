"""Locks and processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tongguan.failures import Refused
from tongguan.stack import locks
from tongguan.stack.processes import Process, process_of, spawn


def test_a_second_up_on_the_same_folder_is_refused_with_the_first_ones_process(tmp_path: Path) -> None:
    lock = tmp_path / "up.lock"
    with locks.only_one(lock):
        assert locks.holder(lock) == os.getpid()
        with pytest.raises(Refused, match=str(os.getpid())), locks.only_one(lock):
            pass
    assert locks.holder(lock) is None
    with locks.only_one(lock):
        pass


def test_acts_on_services_wait_their_turn(tmp_path: Path) -> None:
    lock, order = tmp_path / "control.lock", []

    def act() -> None:
        with locks.one_at_a_time(lock):
            order.append("second")

    with locks.one_at_a_time(lock):
        other = threading.Thread(target=act)
        other.start()
        time.sleep(0.2)
        order.append("first")
    other.join()
    assert order == ["first", "second"]


def test_a_process_is_known_by_its_birth_and_not_by_its_number_alone() -> None:
    assert process_of(os.getpid()).alive()
    assert not Process(os.getpid(), "7").alive()
    assert not process_of(2**22 + 1).alive()


def test_a_process_that_heeds_no_request_is_killed_when_the_grace_is_over(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    child = spawn([sys.executable, "-c", stubborn], log, dict(os.environ))
    while not log.read_text():
        time.sleep(0.01)
    process = process_of(child.pid)
    assert process.stop(0.2) is False
    assert child.wait() == -signal.SIGKILL
    assert not process.alive()


def test_a_zombie_counts_as_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    process = process_of(child.pid)
    assert process.gone_within(20)
    assert child.wait() == 0
