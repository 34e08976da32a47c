"""Who is doomed to die at a system call dies there: right before it is carried out, or right after."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from struck import DYING_AT

WRITER = """
import os, pathlib, sys, threading, time
folder = pathlib.Path(sys.argv[1])
register = os.open(folder / "register", os.O_CREAT | os.O_WRONLY)
(folder / "open").touch()
while not (folder / "begin").exists():
    time.sleep(0.01)
def enter():
    for line in range(9):
        os.pwrite(register, b"%d" % line, line)
        os.fdatasync(register)
clerk = threading.Thread(target=enter)
clerk.start()
clerk.join()
"""


@pytest.mark.parametrize(("when", "entered"), [("before", "0123"), ("after", "01234")])
def test_a_doomed_process_dies_at_the_call_that_was_named(tmp_path: Path, when: str, entered: str) -> None:
    own = [sys.executable, "-c", WRITER, str(tmp_path)]
    doom = subprocess.Popen([sys.executable, DYING_AT, "--call", "page", "--nth", "5", "--when", when, "--", *own])
    while not (tmp_path / "open").exists():
        assert doom.poll() is None
        time.sleep(0.01)
    doom.send_signal(signal.SIGUSR1)
    (tmp_path / "begin").touch()
    assert doom.wait(30) == 128 + signal.SIGKILL
    assert (tmp_path / "register").read_text() == entered


def test_one_that_never_comes_to_the_call_ends_as_ever(tmp_path: Path) -> None:
    own = [sys.executable, "-c", "raise SystemExit(3)"]
    command = [sys.executable, DYING_AT, "--call", "send", "--nth", "1", "--when", "before", "--", *own]
    assert subprocess.run(command, timeout=30).returncode == 3
