"""Putting back a copy of an SQLite file: over a damaged one, over none, and never leaving nothing in between."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agencykit.backup import sqlite
from agencykit.backup.faults import BackupFault


def write(file: Path, word: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE IF NOT EXISTS said (word TEXT)")
        database.execute("INSERT INTO said VALUES (?)", (word,))
        database.commit()


def said(file: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return [word for (word,) in database.execute("SELECT word FROM said ORDER BY rowid")]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Path]:
    """A service's database, and `copy` beside it, which is older."""
    file = tmp_path / "port.db"
    write(file, "saved")
    sqlite.save(file, tmp_path / "copy")
    write(file, "since")
    yield file
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")], "something was left behind"


def hold(made: Path) -> None:
    write(made, "held")


@pytest.mark.parametrize("torn", [b"", b"SQLite format 3\0" + bytes(4080), b"no database at all" * 300])
def test_a_copy_is_put_in_place_of_a_file_that_can_no_longer_be_read(database: Path, torn: bytes) -> None:
    """That is when one restores. What was there is kept for whoever can still read something in it."""
    database.write_bytes(torn)
    log = database.with_name("port.db-wal")
    log.write_bytes(b"of the torn one")
    sqlite.restore(database, database.with_name("copy"), hold)
    assert said(database) == ["saved", "held"]
    assert database.with_name("port.db.before-restore").read_bytes() == torn
    assert not log.exists()


def test_a_copy_is_put_where_no_file_is_and_reads_no_log_of_another(database: Path) -> None:
    database.unlink()
    database.with_name("port.db-wal").write_bytes(b"of the one that is gone")
    sqlite.restore(database, database.with_name("copy"), hold)
    assert said(database) == ["saved", "held"]
    assert not database.with_name("port.db-wal").exists()


def test_at_no_moment_is_there_no_file_or_an_old_one_that_is_not_held(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever dies anywhere leaves something that may be started."""
    seen: list[list[str]] = []
    real = Path.replace

    def replace(self: Path, target: Any) -> Any:
        seen.append(said(database))
        result = real(self, target)
        seen.append(said(database))
        return result

    monkeypatch.setattr(Path, "replace", replace)
    sqlite.restore(database, database.with_name("copy"), hold)
    assert [each for place, each in enumerate(seen) if each not in seen[:place]] == [
        ["saved", "since"],
        ["saved", "held"],
    ]
    assert said(database.with_name("port.db.before-restore")) == ["saved", "since"]


def test_what_is_in_use_stays_as_it_is_and_the_reason_is_told(database: Path) -> None:
    with closing(sqlite3.connect(database)) as user:
        user.execute("PRAGMA journal_mode=WAL")
        user.execute("INSERT INTO said VALUES ('now')")
        user.commit()
        with pytest.raises(BackupFault, match="locked"):
            sqlite.restore(database, database.with_name("copy"), hold)
    assert said(database) == ["saved", "since", "now"]


def test_a_service_that_still_runs_on_a_damaged_file_is_seen_by_its_lock(database: Path) -> None:
    lock = database.with_name("port.db.lock")
    with lock.open("wb") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        with pytest.raises(BackupFault, match="in use"):
            sqlite.restore(database, database.with_name("copy"), hold)
    os.remove(lock)
    assert said(database) == ["saved", "since"]
