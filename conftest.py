"""What holds for every test of every distribution: counts, and tests that need the machine for themselves."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

FULL = os.environ.get("TONGGUAN_TEST_COUNTS") == "full"

hypothesis.settings.register_profile("reduced", max_examples=25, deadline=None, derandomize=True)
hypothesis.settings.register_profile("full", max_examples=1000, deadline=None)
hypothesis.settings.load_profile("full" if FULL else "reduced")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """A test marked `alone` waits until the other workers are between tests, and they wait for it."""
    alone = item.get_closest_marker("alone") is not None
    with machine(fcntl.LOCK_EX if alone else fcntl.LOCK_SH):
        return (yield)


@contextmanager
def machine(way: int) -> Iterator[None]:
    """Two locks: who waits for the machine holds the door, so that others cannot pass it again and again."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        yield
        return
    folder = Path(tempfile.gettempdir())
    with (folder / f"tongguan-{run}.door").open("w") as door, (folder / f"tongguan-{run}.room").open("w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, way)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


@pytest.hookimpl
def pytest_sessionfinish(session: pytest.Session) -> None:
    """The controller removes the lock files of its run."""
    run = getattr(session.config, "workerinput", None) is None and os.environ.get("PYTEST_XDIST_TESTRUNUID")
    for name in ("door", "room") if run else ():
        (Path(tempfile.gettempdir()) / f"tongguan-{run}.{name}").unlink(missing_ok=True)
