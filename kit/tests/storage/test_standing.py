"""What a database meets: a full disk, files that are gone, a server that takes no writes; and who may open it."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError

from agencykit.refusals import Unavailable
from agencykit.runtime import Runtime, real_runtime
from agencykit.settings import SettingsError
from agencykit.storage import Database
from agencykit.storage.errors import DatabaseGone, cause_of
from agencykit.storage.single import Hold
from agencykit.storage.standing import PAUSE_SECONDS, Standing
from agencykit.storage.watch import StorageWatch, probe
from agencykit.telemetry.log import Log, LogWriter
from agencykit.testing.postgres import postgres_server

FULL = "PRAGMA max_page_count = 1"


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    made = real_runtime()
    yield made
    made.executor.close()


@pytest.fixture
async def database(tmp_path: Path, runtime: Runtime) -> AsyncIterator[Database]:
    opened = Database(f"sqlite+pysqlite:///{tmp_path / 'berths.db'}", runtime)
    await opened.write(run, "CREATE TABLE berths (name TEXT)")
    yield opened
    await opened.close()


def run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


def moor(connection: Connection, name: str = "北仑4号") -> None:
    connection.execute(text("INSERT INTO berths VALUES (:name)"), {"name": name * 4000})


def berths(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT count(*) FROM berths")) or 0)


class Clock:
    """One that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


class Disk(Exception):
    """What a driver says."""

    sqlite_errorname = "SQLITE_FULL"


def refused() -> Unavailable:
    error = Unavailable()
    error.__cause__ = OperationalError(None, None, Disk())
    return error


def test_while_writes_fail_one_a_second_tries_and_the_others_are_refused_at_once() -> None:
    clock: Any = Clock()
    standing = Standing(clock, alike=True)
    standing.begin()
    standing.failed(refused(), writing=True)
    with pytest.raises(Unavailable):
        standing.admit()
    clock.seconds += PAUSE_SECONDS
    standing.admit()
    standing.begin()
    with pytest.raises(Unavailable):
        standing.admit()
    standing.worked()
    standing.admit()
    assert (standing.cause, standing.failures) == ("SQLITE_FULL", 1)


@pytest.mark.parametrize("end", ["worked", "undecided"])
def test_one_that_tried_and_met_no_fault_lets_the_next_try(end: str) -> None:
    clock: Any = Clock()
    standing = Standing(clock, alike=True)
    standing.failed(refused(), writing=True)
    clock.seconds += PAUSE_SECONDS
    standing.begin()
    getattr(standing, end)()
    standing.admit()


def test_what_one_connection_to_a_server_meets_stops_no_other() -> None:
    standing = Standing(real_runtime().clock, alike=False)
    standing.failed(refused(), writing=True)
    standing.admit()
    standing.begin()


async def test_a_refusal_of_the_function_itself_says_nothing_of_the_disk(database: Database) -> None:
    def refuse(_connection: Connection) -> None:
        raise Unavailable

    with pytest.raises(Unavailable):
        await database.write(refuse)
    assert (database.standing.failures, await database.write(moor)) == (0, None)


async def test_a_statement_that_cannot_be_carried_out_holds_up_no_other(database: Database) -> None:
    """The one may name a table that another version of the service knows; the disk is as good as before."""
    with pytest.raises(Unavailable):
        await database.write(lambda connection: connection.execute(text("DELETE FROM nowhere")))
    await database.write(lambda connection: connection.execute(text("CREATE TABLE somewhere (number integer)")))


async def test_a_damaged_file_is_unavailable_and_named(tmp_path: Path, runtime: Runtime) -> None:
    file = tmp_path / "wet.db"
    file.write_bytes(b"salt water " * 2000)
    database = Database(f"sqlite+pysqlite:///{file}", runtime)
    with pytest.raises(Unavailable) as error:
        await database.write(berths)
    assert cause_of(error.value) == "SQLITE_NOTADB"
    await database.close()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
async def test_what_goes_into_a_deleted_file_is_not_answered(database: Database, tmp_path: Path, suffix: str) -> None:
    await database.write(moor)
    (tmp_path / f"berths.db{suffix}").unlink()
    with pytest.raises(DatabaseGone):
        await database.write(moor, "大榭")
    with pytest.raises(Unavailable):
        await database.write(moor, "穿山")
    assert not (tmp_path / f"berths.db{suffix}").exists()


async def test_what_goes_into_a_replaced_file_is_not_answered(database: Database, tmp_path: Path) -> None:
    assert database.files is not None
    shutil.copy(database.files.file, tmp_path / "yesterday.db")
    await database.write(moor)
    os.replace(tmp_path / "yesterday.db", database.files.file)
    with pytest.raises(DatabaseGone):
        await database.write(moor, "大榭")


async def test_a_connection_that_is_made_again_makes_no_database_anew(database: Database) -> None:
    assert database.files is not None
    database.writer.dispose()
    database.files.file.unlink()
    with pytest.raises(DatabaseGone):
        await database.write(moor)
    with pytest.raises(DatabaseGone):
        await database.read(berths)
    assert not database.files.file.exists()


async def test_what_a_deleted_database_held_is_saved(database: Database) -> None:
    assert database.files is not None
    await database.write(moor)
    database.files.file.unlink()
    copy = await database.rescue()
    assert copy is not None
    with closing(sqlite3.connect(copy)) as saved:
        assert saved.execute("SELECT count(*) FROM berths").fetchone() == (1,)
    assert await database.rescue() is None, "a copy that was saved before is not written over"


async def test_the_watch_tells_why_and_that_it_is_over(database: Database, tmp_path: Path) -> None:
    told: asyncio.Queue[bool] = asyncio.Queue()
    clock, writer = real_runtime().clock, LogWriter(tmp_path / "log")
    watch = StorageWatch(database, clock, Log(writer, "port", clock), told.put)
    await database.write(run, FULL)
    with pytest.raises(Unavailable):
        await database.write(moor)
    task = asyncio.create_task(watch.until_gone())
    # The probe changes a page that is there, so that it fits; what failed is told all the same.
    for _ in range(400):
        if "storage.stumbled" in (tmp_path / "log").read_text():
            break
        await asyncio.sleep(0.05)
    assert ('"fault": "SQLITE_FULL"' in (tmp_path / "log").read_text(), told.qsize()) == (True, 0)
    assert database.files is not None
    database.files.file.unlink()
    async with asyncio.timeout(20):
        assert await told.get() is False
        assert await task == database.files.file
    writer.close()
    assert '"fault": "database_gone"' in (tmp_path / "log").read_text()


async def test_the_probe_leaves_nothing_behind(database: Database) -> None:
    await database.write(moor)
    for _ in range(3):
        await database.write(probe)
    assert await database.read(berths) == 1


def test_a_second_process_is_refused_and_a_deleted_database_is_not_begun_anew(tmp_path: Path) -> None:
    url = f"sqlite+pysqlite:///{tmp_path / 'port.db'}"
    first = Hold.take(url)
    assert first is not None
    with pytest.raises(SettingsError, match=r"port\.db is in use by another process of this service"):
        Hold.take(url)
    first.made()
    first.release()
    second = Hold.take(url)
    assert second is not None, "what was never made may be made"
    (tmp_path / "port.db").touch()
    second.made()
    second.release()
    (tmp_path / "port.db").unlink()
    with pytest.raises(SettingsError, match=r"port\.db was deleted; put its last copy back"):
        Hold.take(url)
    (tmp_path / "port.db.lock").unlink()
    third = Hold.take(url)
    assert third is not None
    third.release()


def test_replicas_share_a_server() -> None:
    assert Hold.take("postgresql+psycopg://tongguan@/port?host=/run") is None


async def test_a_server_that_takes_no_writes_is_unavailable_and_found_again(runtime: Runtime) -> None:
    """After a fail-over the connections that are open lead to a standby."""
    url = postgres_server().database()
    database = Database(url, runtime)
    await database.write(run, "CREATE TABLE berths (name TEXT)")
    name = make_url(url).database
    with psycopg.connect(
        host=str(make_url(url).query["host"]), user="tongguan", autocommit=True, dbname="postgres"
    ) as by:
        by.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        database.writer.dispose()
        with pytest.raises(Unavailable) as error:
            await database.write(moor)
        assert cause_of(error.value) == "25006"
        by.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    await database.write(moor)
    assert await database.read(berths) == 1
    await database.close()


async def test_a_server_without_a_free_connection_is_unavailable_and_named(runtime: Runtime) -> None:
    url = make_url(postgres_server().database())
    with psycopg.connect(host=str(url.query["host"]), user="tongguan", dbname="postgres") as by:
        by.execute("CREATE ROLE pilot LOGIN CONNECTION LIMIT 1")
    database = Database(url.set(username="pilot").render_as_string(hide_password=False), runtime)
    with psycopg.connect(host=str(url.query["host"]), user="pilot", dbname=url.database):
        with pytest.raises(Unavailable) as error:
            await database.read(look)
        assert cause_of(error.value) == "too_many_connections"
    for _ in range(100):
        try:
            assert await database.read(look) == 1
            break
        except Unavailable:  # the server has yet to notice that the other one is gone
            await asyncio.sleep(0.05)
    else:
        raise AssertionError("no connection became free")
    await database.close()


def look(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT 1")) or 0)
