"""Rows come into the chain once and in their order, also beside writers who are not done yet."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from agencykit.audit.sealing import MOST_ROWS, audit_head, seal_audit
from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from agencykit.testing.postgres import postgres_server


def act(number: int) -> AuditEntry:
    return AuditEntry(number, "operator/officer-customs", "examine", f"31002004{number:04d}")


def sealed(connection: Connection) -> int:
    return seal_audit(connection, tables.audit, tables.audit_pages, 1).sequence


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite+pysqlite:///{tmp_path / 'customs.db'}", connections=0)
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


async def test_a_row_that_was_given_its_number_early_and_is_committed_late_is_not_passed_over() -> None:
    """On PostgreSQL the first of two writers is not done when the second is: sealing waits for it."""
    server = postgres_server()
    url = server.database()
    engine = make_engine(url, connections=3)
    with engine.begin() as connection:
        tables.metadata.create_all(connection)
    with engine.connect() as slow:
        not_done = slow.begin()
        write_audit(slow, [act(1)])
        with engine.begin() as quick:
            write_audit(quick, [act(2)])

        def seal() -> int:
            with engine.begin() as connection:
                return sealed(connection)

        sealing = asyncio.create_task(asyncio.to_thread(seal))
        waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'audit'::regclass"
        for _ in range(400):
            with engine.begin() as connection:
                if sealing.done() or run(connection, waiting):
                    break
            await asyncio.sleep(0.01)
        not_done.commit()
    assert await sealing == 2
    engine.dispose()
    server.drop(url)
