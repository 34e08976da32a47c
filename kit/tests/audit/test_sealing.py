"""Rows come into the chain once and in their order, also beside writers who are not done yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from agencykit.audit.sealing import MOST_ROWS, audit_head, seal_audit
from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from agencykit.testing.postgres import own_database, postgres_server


def act(number: int) -> AuditEntry:
    return AuditEntry(number, "operator/officer-customs", "examine", f"31002004{number:04d}")


def sealed(connection: Connection) -> int:
    return seal_audit(connection, tables.audit, tables.audit_pages, 1).sequence


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(own_database(tmp_path / "customs.db"), connections=0)
    with made.begin() as connection:
        tables.metadata.create_all(connection)
    yield made
    made.dispose()


def test_rows_are_chained_once_and_a_long_silence_is_made_up_for_in_pages(engine: Engine) -> None:
    with engine.begin() as connection:
        assert sealed(connection) == 0
        write_audit(connection, [act(number) for number in range(MOST_ROWS + 17)])
        assert sealed(connection) == MOST_ROWS + 17
        head = audit_head(connection)
        assert sealed(connection) == MOST_ROWS + 17
        assert audit_head(connection) == head
        pages = run(connection, "SELECT first_sequence, count FROM audit_pages ORDER BY first_sequence")
        assert pages == [(1, MOST_ROWS), (MOST_ROWS + 1, 17)]


@pytest.fixture(scope="module")
def server() -> Iterator[Engine]:
    """On PostgreSQL, where many write at the same time."""
    running = postgres_server()
    url = running.database()
    made = make_engine(url, connections=3)
    with made.begin() as connection:
        tables.metadata.create_all(connection)
    yield made
    made.dispose()
    running.drop(url)


@contextmanager
def given_up() -> Iterator[None]:
    """Long before the five seconds that other statements wait."""
    began = monotonic()
    with pytest.raises(OperationalError, match="lock timeout"):
        yield
    assert monotonic() - began < 3


def test_a_row_that_was_given_its_number_early_and_is_committed_late_is_not_passed_over(server: Engine) -> None:
    """The first of two writers is not done when the second is: sealing gives up, and begins with the first's row."""
    with server.connect() as slow:
        not_done = slow.begin()
        write_audit(slow, [act(1)])
        with server.begin() as quick:
            write_audit(quick, [act(2)])
        with given_up(), server.begin() as connection:
            sealed(connection)
        not_done.commit()
    with server.begin() as connection:
        assert sealed(connection) == audit_head(connection).sequence == 2


def test_sealing_holds_no_writer_up_while_the_table_is_vacuumed(server: Engine) -> None:
    """Writers queue behind whoever waits for a table, and a vacuum of a large one takes minutes."""
    with server.begin() as vacuum:
        run(vacuum, "LOCK TABLE audit IN SHARE UPDATE EXCLUSIVE MODE")
        with given_up(), server.begin() as connection:
            sealed(connection)
        with server.begin() as writer:
            write_audit(writer, [act(3)])
