"""Clock, randomness, ids and the blocking executor are handed in: only composition roots touch the real ones.

So one test can run the gateway and four agencies under a virtual clock, and a fault can be replayed from its seed.
"""

from pathlib import Path

import pytest
from source_law import SOURCES, modules, uses, within

BANNED = (
    *("time", "random", "uuid", "secrets", "os.urandom", "asyncio.to_thread"),
    *("asyncio.get_event_loop", "threading.Timer", "concurrent.futures.ThreadPoolExecutor"),
    *("*.run_in_executor", "*.utcnow"),
    *(f"datetime.{kind}.{call}" for kind in ("datetime", "date") for call in ("now", "utcnow", "today")),
)
PERMITTED = ("uuid.UUID", "time.struct_time")
ROOTS = ("app.py", "__main__.py")
FREE = ("tongguan",)
KIT_ROOTS = ("runtime/", "pki.py", "backup/", "postgres/", "testing/")


def real_world(source: str) -> list[str]:
    """Uses of the real clock, randomness, ids or threads in a source, as `line: name`."""
    found = {
        (use.line, use.name)
        for use in uses(source)
        if within(use.name, *BANNED) and not within(use.name, *PERMITTED) and use.name not in ("time", "uuid")
    }
    return [f"{line}: {name}" for line, name in sorted(found)]


def lawful(package: str, name: str) -> bool:
    """Whether this module may touch the real world: a composition root, or the kit's own real clock and fellows."""
    return package in FREE or name in ROOTS or (package == "agencykit" and name.startswith(KIT_ROOTS))


MODULES = [(package, name, path) for package in SOURCES for name, path in modules(package)]


@pytest.mark.parametrize("package", SOURCES)
def test_only_composition_roots_touch_the_real_world(package: str) -> None:
    found = {
        f"{package}/{name}": calls
        for owner, name, path in MODULES
        if owner == package and not lawful(package, name) and (calls := real_world(path.read_text()))
    }
    assert found == {}


@pytest.mark.parametrize(
    "snippet",
    [
        "import time\ntime.monotonic()",
        "from time import sleep",
        "import time as clock\nclock.time()",
        "import random\nrandom.random()",
        "from uuid import uuid4",
        "import uuid\nuuid.uuid4()",
        "import secrets\nsecrets.token_bytes(8)",
        "import os\nos.urandom(8)",
        "from os import urandom",
        "import asyncio\nasync def f():\n    await asyncio.to_thread(print)",
        "import asyncio\nasyncio.get_running_loop().run_in_executor(None, print)",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import datetime\ndatetime.now(tz=None)",
        "from datetime import datetime as moment\nmoment.utcnow()",
        "from datetime import date\ndate.today()",
        "def f():\n    from time import time",
    ],
)
def test_each_way_around_is_noticed(snippet: str) -> None:
    assert real_world(snippet)


@pytest.mark.parametrize(
    "snippet",
    [
        "from datetime import datetime, timedelta\ndatetime.fromtimestamp(0)",
        "from uuid import UUID\nUUID(int=0)",
        "import uuid\nuuid.UUID(int=0)",
        "def f(clock):\n    return clock.now()",
    ],
)
def test_values_are_not_the_real_world(snippet: str) -> None:
    assert real_world(snippet) == []


def test_the_law_is_read_from_real_files() -> None:
    assert all(isinstance(path, Path) and path.is_file() for _, _, path in MODULES)
    assert {package for package, _, _ in MODULES} == set(SOURCES)
