"""SQLite: its online backup, which sees one moment however much is written meanwhile."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from agencykit.backup.faults import BackupFault

PAGES, PAUSE_SECONDS = 1024, 0.01


def save(database: Path, file: Path) -> None:
    """A whole copy at `file`, checked, or nothing."""
    beside = file.with_name(f".{file.name}.part")
    beside.unlink(missing_ok=True)
    with closing(_opened(database)) as source, closing(sqlite3.connect(beside)) as target:
        source.backup(target, pages=PAGES, sleep=PAUSE_SECONDS)
        target.execute("PRAGMA journal_mode=DELETE")
        _check(target, beside)
    _put(beside, file)


def restore(database: Path, file: Path) -> None:
    """Puts the copy in place; what was there stays beside it under `.before-restore`. Nobody may use it."""
    with closing(_opened(file)) as source, closing(sqlite3.connect(database.with_name(f".{database.name}.part"))) as to:
        _check(source, file)
        source.backup(to)
    if database.exists():
        with closing(sqlite3.connect(database, timeout=1)) as former:
            former.execute("PRAGMA journal_mode=DELETE")  # also says whether anybody still uses it
        _put(database, database.with_name(f"{database.name}.before-restore"))
    _put(database.with_name(f".{database.name}.part"), database)


def _opened(file: Path) -> sqlite3.Connection:
    try:
        return sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    except sqlite3.Error as error:
        raise BackupFault(f"{file}: {error}") from None


def _check(connection: sqlite3.Connection, file: Path) -> None:
    try:
        [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupFault(f"{file} is damaged: {found}")


def _put(made: Path, file: Path) -> None:
    """In place at once, and there after a power cut."""
    made.chmod(0o600)
    with made.open("rb") as whole:
        os.fsync(whole.fileno())
    made.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
