"""What holds for every test of every distribution: counts, and tests that need the machine for themselves."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

# reduced: `make test`; full: `make verify`; few: where the same tests run in full beside
COUNTS = os.environ.get("TONGGUAN_TEST_COUNTS") or "reduced"

hypothesis.settings.register_profile("few", max_examples=3, deadline=None, derandomize=True)
hypothesis.settings.register_profile("reduced", max_examples=25, deadline=None, derandomize=True)
hypothesis.settings.register_profile("full", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(COUNTS)


LOCKS = "TONGGUAN_TEST_LOCKS"


def pytest_configure(config: pytest.Config) -> None:
    """Who starts workers gives them a folder to lock each other out with."""
    if config.getoption("numprocesses", None) and LOCKS not in os.environ:
        os.environ[LOCKS] = tempfile.mkdtemp(prefix="tongguan-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput") and LOCKS in os.environ:
        shutil.rmtree(os.environ.pop(LOCKS), ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test marked `alone` waits until the other workers are between tests, and they wait for it."""
    alone = item.get_closest_marker("alone") is not None
    with machine(fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
        return (yield)


@contextmanager
def machine(way: int) -> Iterator[None]:
    """Two locks: who waits for the machine holds the door, so that others cannot pass it again and again."""
    if LOCKS not in os.environ:
        yield
        return
    folder = Path(os.environ[LOCKS])
    with (folder / "door").open("w") as door, (folder / "room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, way)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield
