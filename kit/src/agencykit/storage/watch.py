"""Watches whether a service's database can be written: health and log tell it, and nobody need ask in vain.

Looked at each second. What failed is tried again by a write of the watch's own, which leaves nothing behind; so is a
database that nobody has written to for a while. A file that was deleted or replaced ends the watch: nothing that is
written into it would last.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection

from agencykit.refusals import Unavailable
from agencykit.runtime import Clock
from agencykit.storage.database import Database
from agencykit.storage.errors import DatabaseGone, cause_of
from agencykit.storage.replica import ReplicaHold
from agencykit.storage.rows import run
from agencykit.telemetry.log import Log

LOOK_SECONDS = 1.0
IDLE_SECONDS = 5.0


def probe(connection: Connection) -> None:
    """A write that must reach the disk and changes nothing that anybody reads."""
    if connection.dialect.name == "sqlite":
        [(version,)] = run(connection, "PRAGMA user_version")
        run(connection, f"PRAGMA user_version = {1 - min(version, 1)}")
        return
    # The first is refused where nothing may be written, the second lets a commit wait for the disk.
    run(connection, "DELETE FROM alembic_version WHERE false")
    run(connection, "SELECT pg_logical_emit_message(true, 'tongguan', '')")


class StorageWatch:
    """`tell` hears whether the database can be written, when that changes."""

    def __init__(self, database: Database, clock: Clock, log: Log, tell: Callable[[bool], Awaitable[None]]) -> None:
        self._database, self._clock, self._log, self._tell = database, clock, log, tell
        # Why it cannot be written, and since when; empty while it can.
        self._fault, self._since = "", 0.0
        self._seen = 0

    async def until_gone(self) -> Path:
        """Looks on; returns the file once it is not there any more."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._changed(await self._look())
            except DatabaseGone as gone:
                await self._changed(cause_of(gone))
                return Path(gone.file)
            except Exception as error:  # the watch must outlive any fault
                await self._changed(type(error).__name__)

    async def _look(self) -> str:
        """Why the database cannot be written; empty where it can."""
        database, standing = self._database, self._database.standing
        if database.files is not None:
            database.files.check()
        met, self._seen = standing.failures - self._seen, standing.failures
        idle = self._clock.monotonic() - standing.written > IDLE_SECONDS
        if not (met or self._fault or idle):
            return ""
        try:
            await database.write(probe)
        except DatabaseGone:
            raise
        except Unavailable as error:
            # What was refused without a try tells nothing new.
            return cause_of(error) or self._fault or standing.cause
        if met and not self._fault:
            # It was over before it was looked at, or concerns a part only.
            self._log.warning("storage.stumbled", fault=standing.cause, count=met)
        return ""

    async def _changed(self, fault: str) -> None:
        if fault and fault != self._fault:
            self._log.error("storage.failed", fault=fault)
        if bool(fault) != bool(self._fault):
            now = self._clock.monotonic()
            if fault:
                self._since = now
            else:
                seconds = round((now - self._since) * 1000)
                self._log.warning("storage.restored", fault=self._fault, duration_ms=seconds)
            await self._tell(not fault)
        self._fault = fault


@asynccontextmanager
async def watched(
    database: Database | None,
    hold: ReplicaHold | None,
    clock: Clock,
    log: Log,
    tell: Callable[[bool], Awaitable[None]],
) -> AsyncIterator[asyncio.Future[str]]:
    """Watches as long as the block; what it hands out resolves where the service must not go on, with what to do."""
    tasks = [asyncio.create_task(_unnamed(hold, log), name="replica watch")] if hold else []
    if database is not None:
        watch = StorageWatch(database, clock, log, tell)
        tasks.append(asyncio.create_task(_bereft(database, watch, log), name="storage watch"))
    first: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    for task in tasks:
        task.add_done_callback(lambda done: _pass_on(done, first))
    try:
        yield first
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _pass_on(done: "asyncio.Task[str]", first: "asyncio.Future[str]") -> None:
    if not done.cancelled() and not first.done():
        error = done.exception()
        first.set_exception(error) if error else first.set_result(done.result())


async def _unnamed(hold: ReplicaHold, log: Log) -> str:
    """Once another process goes by the name."""
    await hold.until_lost()
    log.error("replica.superseded", replica=hold.replica)
    return f"another process goes by replica {hold.replica} on this database"


async def _bereft(database: Database, watch: StorageWatch, log: Log) -> str:
    """Once the file is gone; what it held is saved, if there is room."""
    file = await watch.until_gone()
    copy = await database.rescue()
    log.error("storage.gone", source=file.name, target=copy.name if copy else "")
    lost = f"{file} was deleted or replaced while it was in use"
    if copy is None:
        return f"{lost}; put its last copy back (docs/backup.md)"
    return f"{lost}; what it held is saved in {copy.name}: put the right one in its place and start again"
