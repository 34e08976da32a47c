"""One transaction for each operation, on both databases, with the settings that safety rests on."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, CheckConstraint, Column, Connection, MetaData, Table, Text, select, text

from agencykit.refusals import Unavailable
from agencykit.runtime import Runtime, real_runtime
from agencykit.storage import Database, StorageFault, insert_rows
from agencykit.storage.engines import dialect_of
from agencykit.testing.virtual import virtual_time

metadata = MetaData()
berths = Table(
    "berths",
    metadata,
    Column("name", Text, primary_key=True),
    Column("free_metres", BigInteger, nullable=False),
    CheckConstraint("free_metres >= 0", name="berths_never_overcommitted"),
)


@pytest.fixture
def runtime() -> Any:
    made = real_runtime()
    yield made
    made.executor.close()


@pytest.fixture
async def database(database_url: str, runtime: Runtime) -> AsyncIterator[Database]:
    opened = Database(database_url, runtime)
    await opened.write(metadata.create_all)
    await opened.write(insert_rows, berths, [("北仑4号", 100)])
    yield opened
    await opened.close()


def free_metres(connection: Connection, name: str = "北仑4号") -> int | None:
    return connection.scalar(select(berths.c.free_metres).where(berths.c.name == name))


def reserve(connection: Connection, metres: int) -> bool:
    statement = text("UPDATE berths SET free_metres = free_metres - :metres WHERE free_metres >= :metres")
    return connection.execute(statement, {"metres": metres}).rowcount == 1


async def test_what_a_function_writes_is_there_after_it_returns(database: Database) -> None:
    assert await database.write(reserve, 80)
    assert await database.read(free_metres) == 20


async def test_a_function_that_raises_leaves_nothing_and_its_exception_passes(database: Database) -> None:
    class TooLong(Exception):
        pass

    def moor(connection: Connection) -> None:
        reserve(connection, 80)
        raise TooLong

    with pytest.raises(TooLong):
        await database.write(moor)
    assert await database.read(free_metres) == 100


async def test_many_at_once_never_overcommit(database: Database) -> None:
    granted = await asyncio.gather(*(database.write(reserve, 80) for _ in range(16)))
    assert sum(granted) == 1
    assert await database.read(free_metres) == 20


async def test_a_cancelled_caller_does_not_stop_a_transaction_that_has_begun(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(connection: Connection) -> None:
        begun.set()
        assert go_on.wait(10)
        reserve(connection, 80)

    task = asyncio.get_running_loop().create_task(database.write(slowly))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    await asyncio.wait([task])
    go_on.set()
    await database.write(lambda connection: None)
    for _ in range(100):
        if await database.read(free_metres) == 20:
            break
        await asyncio.sleep(0.02)
    assert await database.read(free_metres) == 20


async def test_a_number_beyond_64_bits_is_a_fault_of_ours(database: Database) -> None:
    with pytest.raises(StorageFault):
        await database.write(insert_rows, berths, [("大榭", 2**63)])


async def test_a_broken_constraint_names_no_value(database: Database) -> None:
    with pytest.raises(StorageFault) as twice:
        await database.write(insert_rows, berths, [("北仑4号", 5)])
    assert twice.value.duplicate
    with pytest.raises(StorageFault) as negative:
        await database.write(insert_rows, berths, [("大榭", -1)])
    assert not negative.value.duplicate
    assert "北仑4号" not in str(twice.value)


async def test_two_that_lock_crosswise_both_end(database: Database) -> None:
    """PostgreSQL gives one of them up with 40P01 and it is tried again whole; SQLite has one writer anyway."""
    await database.write(insert_rows, berths, [("大榭", 100)])
    meeting, tried = threading.Barrier(2), set[str]()

    def lengthen(connection: Connection, first: str, second: str) -> None:
        statement = text("UPDATE berths SET free_metres = free_metres + 1 WHERE name = :name")
        connection.execute(statement, {"name": first})
        if database.dialect == "postgresql" and first not in tried:
            tried.add(first)
            meeting.wait(5)
        connection.execute(statement, {"name": second})

    await asyncio.gather(database.write(lengthen, "北仑4号", "大榭"), database.write(lengthen, "大榭", "北仑4号"))
    assert await database.read(free_metres) == 102
    assert await database.read(free_metres, "大榭") == 102


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path, runtime: Runtime) -> None:
    for url in (
        f"sqlite+pysqlite:///{tmp_path / 'missing' / 'no.db'}",
        f"postgresql+psycopg://tongguan@/none?host={tmp_path}",
    ):
        database = Database(url, runtime)
        with pytest.raises(Unavailable):
            await database.read(free_metres)
        with pytest.raises(Unavailable):
            await database.write(free_metres)
        await database.close()


async def test_sqlite_keeps_the_settings_that_durability_rests_on(tmp_path: Path, runtime: Runtime) -> None:
    database = Database(f"sqlite+pysqlite:///{tmp_path / 'agency.db'}", runtime)

    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "query_only")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert await database.write(settings) == ["wal", 2, 1, 0]
    assert await database.read(settings) == ["wal", 2, 1, 1]
    await database.write(metadata.create_all)
    with pytest.raises(Unavailable):
        await database.read(insert_rows, berths, [("北仑4号", 100)])
    await database.close()


async def test_postgresql_has_no_endless_timeout(database: Database) -> None:
    if database.dialect != "postgresql":
        return

    def settings(connection: Connection) -> list[object]:
        names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone")
        return [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]

    assert await database.read(settings) == ["5s", "20s", "3s", "UTC"]


@pytest.mark.parametrize("url", ["mysql://x", "postgresql://x/y", "sqlite+aiosqlite:///x", "postgresql+psycopg2://x"])
def test_a_url_of_another_driver_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        dialect_of(url)


def test_a_database_in_memory_is_refused(runtime: Runtime) -> None:
    with pytest.raises(ValueError, match="lost with its process"):
        Database("sqlite+pysqlite://", runtime)


def test_in_simulation_everything_runs_on_the_loops_own_thread(tmp_path: Path) -> None:
    with virtual_time(seed=2004) as world:
        database = Database(f"sqlite+pysqlite:///{tmp_path / 'world.db'}", world.runtime)

        async def where() -> set[int]:
            reading = await database.read(lambda connection: threading.get_ident())
            return {reading, await database.write(lambda connection: threading.get_ident())}

        assert world.loop.run_until_complete(where()) == {threading.get_ident()}
        world.loop.run_until_complete(database.close())
