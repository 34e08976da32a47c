"""SQLite: its online backup, which sees one moment however much is written meanwhile."""

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from agencykit.backup.faults import BackupFault
from agencykit.storage.files import BESIDE

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


def restore(database: Path, file: Path, prepare: Callable[[Path], object] = lambda _: None) -> None:
    """Puts the copy in place; what was there stays beside it under `.before-restore`, damaged or not, with its log.

    Nobody may use it. `prepare` is done to the copy before it is in place. At every moment one of the two is there:
    who starts on nothing would begin with an empty database, and on a copy that nobody prepared he would not be held.
    """
    made = database.with_name(f".{database.name}.part")
    with _alone(database):
        try:
            made.unlink(missing_ok=True)
            with closing(_opened(file)) as source, closing(sqlite3.connect(made)) as target:
                _check(source, file)
                source.backup(target)
            prepare(made)
            _finish(made)
            _set_aside(database)
            _put(made, database)
        except sqlite3.Error as error:
            raise BackupFault(f"{database}: {error}") from None
        finally:
            for suffix in ("", *BESIDE):
                made.with_name(f"{made.name}{suffix}").unlink(missing_ok=True)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """While a service runs on it, its lock says so; a damaged database could not."""
    lock = database.with_name(f"{database.name}.lock")
    if not lock.exists():
        yield
        return
    with lock.open("rb") as taken:
        try:
            fcntl.flock(taken, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupFault(f"{database} is in use: stop its service first") from None
        yield


def _finish(made: Path) -> None:
    """All of it in one file."""
    with closing(sqlite3.connect(made)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")


def _set_aside(database: Path) -> None:
    """A second name for what is there; what its log holds goes into it, or with it where it is damaged or gone."""
    whole = database.exists() and _closed(database)
    for suffix in BESIDE:
        database.with_name(f"{database.name}.before-restore{suffix}").unlink(missing_ok=True)
        if not whole:
            with suppress(FileNotFoundError):
                os.replace(f"{database}{suffix}", f"{database}.before-restore{suffix}")
    if database.exists():
        second = database.with_name(f".{database.name}.before")
        second.unlink(missing_ok=True)
        second.hardlink_to(database)
        _put(second, database.with_name(f"{database.name}.before-restore"))


def _closed(database: Path) -> bool:
    """False where it is too damaged for that. OperationalError where somebody still uses it."""
    try:
        with closing(sqlite3.connect(database, timeout=1)) as former:
            former.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return False
    return True


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
