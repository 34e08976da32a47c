"""A replica's name on PostgreSQL is one process's: a second copy is refused, and who slept finds it taken and ends."""

import asyncio
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.storage import replica
from agencykit.storage.replica import ReplicaHold
from agencykit.testing.postgres import postgres_server

Name = Callable[[str], ReplicaHold]


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = real_runtime()
    yield made
    made.executor.close()


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database, and less patience than in earnest."""
    monkeypatch.setattr(replica, "SPEAK_SECONDS", 0.1)
    monkeypatch.setattr(replica, "PATIENCE_SECONDS", 0.6)
    server = postgres_server()
    made = server.database()
    yield made
    server.drop(made)


@pytest.fixture
def name(url: str, runtime: Runtime) -> Name:
    return lambda number: ReplicaHold(url, number, runtime.executor, runtime.clock)


END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
HELD = """
SELECT l.pid FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
WHERE d.datname = %s AND l.locktype = 'advisory' AND l.granted
"""


def ask(url: str, query: str) -> list[tuple[object, ...]]:
    """The server itself."""
    with psycopg.connect(host=str(make_url(url).query["host"]), user="tongguan", dbname="postgres") as connection:
        return connection.execute(query, (make_url(url).database,)).fetchall()


async def test_a_second_copy_under_one_name_is_refused_and_one_of_another_name_is_not(name: Name) -> None:
    first, copy, other = name("1"), name("1"), name("2")
    await first.take()
    first_goes_on = asyncio.create_task(first.until_lost())
    with pytest.raises(SettingsError, match="another process goes by 1 on this database"):
        await copy.take()
    await other.take()
    assert not first_goes_on.done()
    first_goes_on.cancel()
    await first.release()
    await copy.take()
    for each in (copy, other):
        await each.release()


@pytest.mark.full
async def test_who_is_silent_loses_the_name_to_a_successor_and_learns_it_when_he_wakes(
    name: Name, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "SILENT_SECONDS", 1)
    monkeypatch.setattr(replica, "PATIENCE_SECONDS", 3.0)
    frozen, successor = name("1"), name("1")
    await frozen.take()
    await successor.take()
    going_on = asyncio.create_task(successor.until_lost())
    async with asyncio.timeout(20):
        await frozen.until_lost()
    assert not going_on.done()
    going_on.cancel()
    for each in (frozen, successor):
        await each.release()


async def test_a_server_that_restarts_takes_the_name_from_nobody(name: Name, url: str) -> None:
    first, copy = name("1"), name("1")
    await first.take()
    going_on = asyncio.create_task(first.until_lost())
    held = ask(url, HELD)
    ask(url, END)
    for _ in range(200):
        if (again := ask(url, HELD)) and again != held:
            break
        await asyncio.sleep(0.05)
    with pytest.raises(SettingsError):
        await copy.take()
    assert not going_on.done()
    going_on.cancel()
    for each in (first, copy):
        await each.release()


async def test_a_server_that_is_away_lets_a_service_begin_for_storage_to_tell(runtime: Runtime) -> None:
    away = ReplicaHold("postgresql+psycopg://tongguan@/none?host=/nowhere", "1", runtime.executor, runtime.clock)
    await away.take()
    await away.release()


def test_on_sqlite_there_is_no_name_to_hold(runtime: Runtime) -> None:
    assert ReplicaHold.of(ServiceSettings(database_url="sqlite+pysqlite:///port.db"), runtime) is None
