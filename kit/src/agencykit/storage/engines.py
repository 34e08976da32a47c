"""Engines with the settings that safety rests on, asserted at every new connection.

SQLite: WAL, synchronous=FULL, foreign keys on, secure deletes, transactions begun by hand. Its own deferred BEGIN fails
at once whatever the busy timeout. PostgreSQL: every timeout is infinite unless it is set.
"""

from collections.abc import Callable
from typing import Any, Literal

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool

from agencykit.storage.rows import run

Begin = Literal["BEGIN IMMEDIATE", "BEGIN"]

BUSY_TIMEOUT_MS = 10_000
# Settings of every SQLite connection: how to set each, and the value it must then report.
PRAGMAS = (
    (f"busy_timeout={BUSY_TIMEOUT_MS}", BUSY_TIMEOUT_MS),
    ("journal_mode=WAL", "wal"),
    ("synchronous=FULL", 2),
    ("foreign_keys=ON", 1),
    # What is deleted is overwritten with zeros, not merely unlinked.
    ("secure_delete=ON", 1),
)
POSTGRESQL_OPTIONS = {
    "lock_timeout": "5s",
    "statement_timeout": "20s",
    # Nothing waits inside a transaction: who does not go on is frozen, and what he has locked stops all others.
    "idle_in_transaction_session_timeout": "3s",
    "timezone": "UTC",
}


class UnsafeStorage(Exception):
    """The database does not hold a setting that durability rests on. Carries the setting's name."""


def dialect_of(url: str) -> str:
    """`sqlite` or `postgresql`; ValueError for anything else, and for a URL whose driver is not ours."""
    name = make_url(url).drivername
    known = {"sqlite": "sqlite", "sqlite+pysqlite": "sqlite", "postgresql+psycopg": "postgresql"}
    if name not in known:
        raise ValueError("the database URL must begin with sqlite:/// or postgresql+psycopg://")
    return known[name]


def make_engine(url: str, *, connections: int, begin: Begin = "BEGIN IMMEDIATE", read_only: bool = False) -> Engine:
    """An engine with `connections` pooled connections (0: none is kept). `begin` and `read_only` concern SQLite."""
    pool: dict[str, Any] = (
        {"pool_size": connections, "max_overflow": 0, "pool_timeout": 5} if connections else {"poolclass": NullPool}
    )
    if dialect_of(url) == "postgresql":
        options = " ".join(f"-c {name}={value}" for name, value in POSTGRESQL_OPTIONS.items())
        arguments: dict[str, Any] = {"options": options, "connect_timeout": 5, "application_name": "tongguan"}
        return create_engine(url, connect_args=arguments, hide_parameters=True, **pool)
    if not make_url(url).database:
        raise ValueError("SQLite needs a file: a database in memory is lost with its process")
    arguments = {"isolation_level": None, "check_same_thread": False}
    # The pool's own reset costs as much as a small transaction; `_roll_back` does the same where there is any need.
    engine = create_engine(url, connect_args=arguments, hide_parameters=True, pool_reset_on_return=None, **pool)
    event.listen(engine, "connect", _prepare_sqlite(read_only))
    event.listen(engine, "begin", lambda connection: run(connection, begin))
    event.listen(engine, "reset", _roll_back)
    return engine


def _roll_back(connection: Any, _record: Any, _state: Any) -> None:
    """A transaction that could not even be rolled back must not meet the next one: what fails here is closed."""
    if connection.in_transaction:
        connection.rollback()


def _prepare_sqlite(read_only: bool) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for setting, expected in (*PRAGMAS, *((("query_only=ON", 1),) if read_only else ())):
            cursor.execute(f"PRAGMA {setting}")
            name = setting.partition("=")[0]
            if cursor.execute(f"PRAGMA {name}").fetchone()[0] != expected:
                raise UnsafeStorage(name)
        cursor.close()

    return prepare
