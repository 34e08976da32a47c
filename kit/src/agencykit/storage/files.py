"""The files of an open SQLite database: whether they are still those that were opened.

SQLite writes on into a file that was deleted or replaced, and whatever it then calls durable is lost with the process;
who opens the database next creates an empty one without a word. Looking costs a few microseconds.
"""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agencykit.storage.errors import DatabaseGone

Identity = tuple[int, int]
# The log of what is not yet in the file, and its index: without them the file is an old state, or none.
BESIDE = ("-wal", "-shm")


class OpenFiles:
    """Of one database. `check` after each write, `opening` before each connection."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._names = (file, *(f"{file}{suffix}" for suffix in BESIDE))
        self._opened: tuple[Identity, ...] | None = None
        self._database: Identity | None = None
        self.gone = False

    @property
    def file(self) -> Path:
        """The database."""
        return Path(self._file)

    def opening(self) -> None:
        """Refuses to open what is not the database that was opened first: that would make a new one of it."""
        if self._database is not None and _identity(self._file) != self._database:
            self._lost()

    def reopened(self) -> None:
        """The writer has a new connection: what lies beside the database may be new too."""
        self._opened = None

    def check(self) -> None:
        """DatabaseGone if one of them is not where it was."""
        if self._opened is None:
            self.opening()
            self._database = _identity(self._file)
            self._opened = self._now()
        elif self._now() != self._opened:
            self._lost()

    def _now(self) -> tuple[Identity, ...]:
        return tuple([_identity(name) for name in self._names])

    def _lost(self) -> None:
        self.gone = True
        raise DatabaseGone(self._file)


def _identity(name: str) -> Any:
    """(0, 0) for what is not there."""
    try:
        found = os.stat(name)
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def rescue(engine: Engine, file: Path) -> Path | None:
    """A copy of an open database whose file is gone, beside where it was; None where it cannot be had."""
    copy = file.with_name(f"{file.name}.rescued")
    if copy.exists():
        return None
    with suppress(OSError, sqlite3.Error, DatabaseGone), engine.connect() as connection:
        source: Any = connection.connection.driver_connection
        with closing(sqlite3.connect(copy)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")
        copy.chmod(0o600)
        return copy
    copy.unlink(missing_ok=True)
    return None
