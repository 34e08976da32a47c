"""A purge says that nothing is left in the file only where nothing is, whoever uses the file meanwhile."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from agencykit.retention.purging import erase
from agencykit.storage import engines
from agencykit.storage.rows import run

NAME = b"CHEN HAIMING 19710704"
LARGE = 2**30


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "border.db"


@pytest.fixture
def engine(file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Of a database that held one name, and waits for nobody for long."""
    monkeypatch.setattr(engines, "PRAGMAS", (("busy_timeout=20", 20), *engines.PRAGMAS[1:]))
    engine = engines.make_engine(f"sqlite:///{file}", connections=1)
    with engine.begin() as connection:
        run(connection, "CREATE TABLE persons (name TEXT)")
        run(connection, "INSERT INTO persons VALUES (?)", (NAME.decode(),))
    yield engine
    engine.dispose()


def forget(engine: Engine) -> None:
    with engine.begin() as connection:
        run(connection, "DELETE FROM persons")


def left(file: Path) -> bool:
    """In the file or in the log ahead of it."""
    return any(NAME in each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


def test_where_nobody_is_in_the_way_nothing_is_left(engine: Engine, file: Path) -> None:
    forget(engine)
    assert left(file)
    assert erase(engine, str(file), LARGE) is not None
    assert not left(file)


@pytest.mark.parametrize("begin", ["BEGIN", "BEGIN IMMEDIATE"], ids=["a reader", "a writer"])
def test_who_uses_the_file_meanwhile_is_told_of_and_the_next_purge_makes_up_for_it(
    engine: Engine, file: Path, begin: str
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(begin)
        if begin == "BEGIN":
            other.execute("SELECT name FROM persons").fetchall()
            forget(engine)
        assert erase(engine, str(file), LARGE) is None
        assert left(file)
    if begin != "BEGIN":
        forget(engine)
    assert erase(engine, str(file), LARGE) is not None
    assert not left(file)
