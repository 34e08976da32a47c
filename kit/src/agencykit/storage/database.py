"""Runs functions in transactions, off the event loop."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, event, make_url

from agencykit.refusals import Unavailable
from agencykit.runtime import Runtime
from agencykit.storage.engines import dialect_of, make_engine
from agencykit.storage.errors import READ_ONLY, Conflict, DatabaseGone, cause_of, translated
from agencykit.storage.files import OpenFiles, rescue
from agencykit.storage.standing import Standing

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TRIES = 5
BACK_OFF_SECONDS = 0.02


class Database:
    """One party's database. `write` and `read` take a function whose first parameter is a SQLAlchemy Connection.

    The function runs in one transaction on a thread of the database: committed when it returns, rolled back when it
    raises. On PostgreSQL it may run again after a serialization failure or deadlock, so it must touch nothing but its
    connection. Driver errors arrive as Unavailable or StorageFault; the function's own exceptions pass unchanged.

    SQLite: one writer thread, and reader threads with connections that cannot write. PostgreSQL: one thread for each
    pooled connection, shared by reads and writes. `writer` is the engine beneath, for instruments and tests.

    `standing` says what transactions met last, `files` whether SQLite's are still there (agencykit.storage.watch).
    """

    def __init__(self, url: str, runtime: Runtime, *, readers: int = 2, connections: int = 8) -> None:
        self.url = url
        self.dialect = dialect_of(url)
        self._randomness = runtime.randomness
        self.standing = Standing(runtime.clock, alike=self.dialect == "sqlite")
        self.files: OpenFiles | None = None
        if self.dialect == "sqlite":
            self.writer = make_engine(url, connections=1)
            self._reader = make_engine(url, connections=readers, begin="BEGIN", read_only=True)
            self._write_lane = runtime.executor.dedicated("sqlite-writer", 1)
            self._read_lane = runtime.executor.dedicated("sqlite-reader", readers)
            self.files = self._followed(str(make_url(url).database))
        else:
            self.writer = self._reader = make_engine(url, connections=connections)
            self._write_lane = self._read_lane = runtime.executor.dedicated("postgresql", connections)

    async def write(
        self,
        function: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Runs `function(connection, …)` in one writing transaction and returns its result once that is durable."""
        for left in reversed(range(TRIES)):
            self.standing.admit()
            try:
                return await self._write_lane.run(self._write, function, args, kwargs)
            except Conflict:
                if not left:
                    raise Unavailable from None
                await asyncio.sleep(self._randomness.uniform(0, BACK_OFF_SECONDS * (TRIES - left)))
        raise AssertionError("unreachable")

    async def read(
        self,
        function: Callable[Concatenate[Connection, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Runs `function(connection, …)`, which only reads, and returns its result."""
        try:
            return await self._read_lane.run(self._read, function, args, kwargs)
        except Conflict:
            raise Unavailable from None

    async def rescue(self) -> Path | None:
        """Saves what an SQLite database holds whose file is gone; None where that cannot be done."""
        if self.files is None:
            return None
        return await self._write_lane.run(rescue, self.writer, self.files.file)

    async def close(self) -> None:
        """Lets transactions that have begun finish, then closes every connection. May be called twice."""
        self._write_lane.close()
        self._read_lane.close()
        self.writer.dispose()
        self._reader.dispose()

    def _followed(self, file: str) -> OpenFiles:
        """What the engines have open; a connection that replaces a broken one never makes a file anew."""
        files = OpenFiles(file)
        for engine in (self.writer, self._reader):
            event.listen(engine, "do_connect", lambda *_: files.opening())
        event.listen(self.writer, "connect", lambda *_: files.reopened())
        return files

    def _write(self, function: Callable[..., Result], args: tuple[object, ...], kwargs: dict[str, object]) -> Result:
        if self.files is not None and self.files.gone:
            raise DatabaseGone(str(self.files.file))
        self.standing.begin()
        try:
            result = _transact(self.writer, function, args, kwargs)
            if self.files is not None:
                # What went into a file that is no longer there is not durable, and nobody is told that it were.
                self.files.check()
        except Unavailable as error:
            self.standing.failed(error, writing=True)
            if cause_of(error) == READ_ONLY:
                # A connection stays what it was; a new one finds the server that writes, or that this one does again.
                self.writer.dispose()
            raise
        except BaseException:
            self.standing.undecided()
            raise
        self.standing.worked()
        return result

    def _read(self, function: Callable[..., Result], args: tuple[object, ...], kwargs: dict[str, object]) -> Result:
        try:
            return _transact(self._reader, function, args, kwargs)
        except Unavailable as error:
            self.standing.failed(error, writing=False)
            raise


def _transact(
    engine: Engine, function: Callable[..., Result], args: tuple[object, ...], kwargs: dict[str, object]
) -> Result:
    with translated(), engine.begin() as connection:
        return function(connection, *args, **kwargs)
