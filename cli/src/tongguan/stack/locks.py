"""File locks: the system frees them when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tongguan.failures import Refused

POLL_SECONDS = 0.05
ONLY_ONE_SECONDS = 0.3  # longer than anybody needs to look whether the lock is held


@contextmanager
def only_one(file: Path) -> Iterator[None]:
    """Held by the one `up` of a state folder; a second is refused."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _taken_within(descriptor, ONLY_ONE_SECONDS):
            raise Refused(
                f"a stack already runs on {file.parent} (process {_number(descriptor)})",
                "use it, end it with Ctrl-C in its terminal or `tongguan down`, or give another --state",
            )
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


@contextmanager
def one_at_a_time(file: Path, seconds: float = 60.0) -> Iterator[None]:
    """Held by whoever starts or stops services; others wait their turn."""
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _taken_within(descriptor, seconds):
            raise Refused(f"somebody else has been acting on {file.parent} for {seconds:.0f} s", "try again")
        yield
    finally:
        os.close(descriptor)


def held(file: Path) -> bool:
    """Whether somebody holds the lock just now."""
    return holder(file) is not None


def holder(file: Path) -> int | None:
    """Process id of whoever holds the lock of `only_one`; None when nobody does."""
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _number(descriptor)
    finally:
        os.close(descriptor)
    return None


def _number(descriptor: int) -> int:
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isdigit() else 0


def _taken_within(descriptor: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        else:
            return True
