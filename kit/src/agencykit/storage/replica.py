"""One process for each replica's name on a PostgreSQL database.

Two under one name would hold the same duties and take each other's cases and log; epochs keep them from doing harm, and
nothing keeps them from going on so for ever. So the name is a lock of the server, held by a connection of its own. Who
stands still does not speak on it, and the server ends it after SILENT_SECONDS: then a successor may have the name, and
who finds it taken when he wakes ends himself. A server that is away takes the name from nobody.
"""

import asyncio
import zlib
from collections.abc import Callable

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from agencykit.runtime import Clock, Executor, Runtime
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.storage.engines import dialect_of, make_engine

SILENT_SECONDS = 10
SPEAK_SECONDS = 3.0
# A predecessor that was killed is known to be gone at once, one whose machine was lost after the silence.
PATIENCE_SECONDS = SILENT_SECONDS + 2.0
_AGAIN_SECONDS = 0.5
# Of the server's locks by two numbers, the first of ours.
_LOCK = 7401


class ReplicaHold:
    """The name of one replica. `take` before storage is touched, `until_lost` as long as it serves, then `release`."""

    def __init__(self, url: str, replica: str, executor: Executor, clock: Clock) -> None:
        self._engine = make_engine(url, connections=0)
        self.replica, self._key = replica, zlib.crc32(replica.encode()) >> 1
        self._lane, self._clock = executor.dedicated("replica", 1), clock
        self._connection: Connection | None = None

    @classmethod
    def of(cls, settings: ServiceSettings, runtime: Runtime) -> "ReplicaHold | None":
        """The one of these settings; SQLite has none."""
        if not settings.database_url or dialect_of(settings.database_url) != "postgresql":
            return None
        return cls(settings.database_url, settings.replica, runtime.executor, runtime.clock)

    async def take(self) -> None:
        """SettingsError where another process goes by the name; where the server is away, storage will tell."""
        if not await self._within(PATIENCE_SECONDS, self._renew):
            raise SettingsError([f"replica: another process goes by {self.replica} on this database; take another"])

    async def until_lost(self) -> None:
        """Returns once another process has the name."""
        while True:
            await asyncio.sleep(SPEAK_SECONDS)
            # It may be the own former connection that still has it.
            if not await self._within(PATIENCE_SECONDS, self._renew):
                return

    async def release(self) -> None:
        """Leaves the name to others."""
        await self._lane.run(self._close)
        self._lane.close()

    async def _within(self, seconds: float, held: Callable[[], bool]) -> bool:
        end = self._clock.monotonic() + seconds
        while not await self._lane.run(held):
            if self._clock.monotonic() > end:
                return False
            await asyncio.sleep(_AGAIN_SECONDS)
        return True

    def _renew(self) -> bool:
        """False only where the server says that another has the name."""
        try:
            if self._connection is not None:
                self._connection.exec_driver_sql("SELECT 1")
                return True
            self._connection = self._connect()
            taken = self._connection.exec_driver_sql("SELECT pg_try_advisory_lock(%s, %s)", (_LOCK, self._key)).scalar()
        except DBAPIError:
            self._close()
            return True
        if not taken:
            self._close()
        return bool(taken)

    def _connect(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(f"SET idle_session_timeout = '{SILENT_SECONDS}s'")
        return connection

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()
