"""A primary dies, its synchronous standby takes over: nothing that was answered is lost, and the URL stays."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text

from agencykit.postgres.server import SETTINGS, USER, Cluster, cluster_in, prepare
from agencykit.refusals import Unavailable
from agencykit.runtime import real_runtime
from agencykit.storage import Database

READY_SECONDS = 30.0


class Server:
    """A server that runs; `kill` is kill -9."""

    def __init__(self, cluster: Cluster, stack: ExitStack) -> None:
        self.folder = cluster.folder
        words = stack.enter_context((cluster.folder / "words").open("wb"))
        self.process = subprocess.Popen(cluster.command(SETTINGS), stdout=words, stderr=words, user=cluster.user)
        stack.callback(self.kill)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def run(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(host=str(self.folder), user=USER, dbname="postgres", autocommit=True) as connection:
            found = connection.execute(statement)
            return found.fetchall() if found.description else []


async def until(server: Server, statement: str, answer: object) -> None:
    end = asyncio.get_running_loop().time() + READY_SECONDS
    while True:
        try:
            if server.run(statement) == [(answer,)]:
                return
        except psycopg.OperationalError:
            pass
        assert asyncio.get_running_loop().time() < end, f"never {answer}: {statement}"
        await asyncio.sleep(0.05)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the user may go whom root lends PostgreSQL to."""
    made = Path(tempfile.mkdtemp(prefix="tongguan-standby-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
async def pair(folder: Path) -> AsyncIterator[tuple[Server, Server]]:
    """A primary that answers only once its standby has what it answers."""
    with ExitStack() as stack:
        first, second = cluster_in(folder / "a"), cluster_in(folder / "b")
        prepare(first, [])
        primary = Server(first, stack)
        await until(primary, "SELECT 1", 1)
        source = f"host={first.folder} user={USER} application_name=b"
        second.run("pg_basebackup", f"--pgdata={second.data}", f"--dbname={source}", "--write-recovery-conf")
        standby = Server(second, stack)
        primary.run("ALTER SYSTEM SET synchronous_standby_names = 'b'")
        primary.run("SELECT pg_reload_conf()")
        await until(primary, "SELECT sync_state FROM pg_stat_replication", "sync")
        yield primary, standby


async def test_what_was_answered_before_a_primary_died_is_at_its_standby(
    pair: tuple[Server, Server], folder: Path
) -> None:
    primary, standby = pair
    runtime = real_runtime()
    hosts = f"host={folder / 'a'},{folder / 'b'}"
    url = f"postgresql+psycopg://{USER}@/postgres?{hosts}&target_session_attrs=read-write"
    database = Database(url, runtime)
    await database.write(lambda connection: connection.execute(text("CREATE TABLE berths (number bigint PRIMARY KEY)")))
    answered: list[int] = []
    over, progress = asyncio.Event(), asyncio.Event()

    def berth(connection: Connection, number: int) -> None:
        # Whoever is not answered asks again: the outcome of the first time is unknown.
        connection.execute(text("INSERT INTO berths VALUES (:number) ON CONFLICT DO NOTHING"), {"number": number})

    async def client(first: int) -> None:
        number = first
        while not over.is_set():
            try:
                await database.write(berth, number)
            except Unavailable:
                await asyncio.sleep(0.05)
            else:
                answered.append(number)
                progress.set()
                number += 4

    async def several_more() -> None:
        async with asyncio.timeout(READY_SECONDS):
            for _ in range(50):
                progress.clear()
                await progress.wait()

    clients = [asyncio.create_task(client(first)) for first in range(4)]
    await several_more()
    primary.kill()
    standby.run("SELECT pg_promote()")
    await several_more()
    over.set()
    await asyncio.gather(*clients)
    kept = {number for (number,) in standby.run("SELECT number FROM berths")}
    assert set(answered) <= kept
    await database.close()
    runtime.executor.close()
