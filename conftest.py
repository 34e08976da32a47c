"""What holds for every test of every distribution: counts, and tests that need the machine for themselves."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import hypothesis
import pytest

from agencykit.testing.counts import COUNTS

hypothesis.settings.register_profile("few", max_examples=3, deadline=None, derandomize=True)
hypothesis.settings.register_profile("reduced", max_examples=25, deadline=None, derandomize=True)
hypothesis.settings.register_profile("full", max_examples=1000, deadline=None)
hypothesis.settings.load_profile(COUNTS)

LOCKS = "TONGGUAN_TEST_LOCKS"
ROOM = pytest.StashKey[IO[str]]()
# Whose tests share a district that takes seconds to start.
SHARING = ("cli/tests/stack/", "tests/faults/processes/")


def pytest_configure(config: pytest.Config) -> None:
    """Who starts workers gives them a folder to lock each other out with."""
    if config.getoption("numprocesses", None) and LOCKS not in os.environ:
        os.environ[LOCKS] = tempfile.mkdtemp(prefix="tongguan-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput") and LOCKS in os.environ:
        shutil.rmtree(os.environ.pop(LOCKS), ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Those that need the machine for themselves first, while no other has begun anything long.

    What takes minutes is for full counts alone.
    """
    if COUNTS != "full":
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("full")])
        items[:] = [item for item in items if not item.get_closest_marker("full")]
    items.sort(key=lambda item: item.get_closest_marker("alone") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Whole files to workers, in the order of `testpaths`; those that share a district to one worker."""
    from xdist.scheduler import LoadFileScheduling

    class InOrder(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((folder for folder in SHARING if nodeid.startswith(folder)), super()._split_scope(nodeid))

    config.option.loadscopereorder = False
    return InOrder(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tests run beside each other."""
    if LOCKS not in os.environ:
        return (yield)
    with (Path(os.environ[LOCKS]) / "room").open("w") as item.stash[ROOM]:
        enter(item.stash[ROOM], fcntl.LOCK_SH)
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """One marked `alone` waits, its fixtures made, until the other workers are between tests; they wait for it."""
    if ROOM not in item.stash or item.get_closest_marker("alone") is None:
        return (yield)
    enter(item.stash[ROOM], fcntl.LOCK_EX)
    try:
        return (yield)
    finally:
        enter(item.stash[ROOM], fcntl.LOCK_SH)


def enter(room: IO[str], way: int) -> None:
    """Who waits holds the door, so that others cannot pass him again and again, and no room that others wait for."""
    fcntl.flock(room, fcntl.LOCK_UN)
    with (Path(os.environ[LOCKS]) / "door").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        fcntl.flock(room, way)
