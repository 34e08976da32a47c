"""Two transactions at once on PostgreSQL, in an order that does not hang on chance. SQLite has one writer at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from sqlalchemy import Connection, Engine

from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run

Result = TypeVar("Result")


def overtaking(url: str, first: Callable[[Connection], object], second: Callable[[Connection], Result]) -> Result:
    """Runs `first`, and commits it only when `second`, in a transaction beside it, has ended or waits for a lock.

    Returns what `second` returned, committed.
    """
    engine = make_engine(url, connections=3)
    try:
        with ThreadPoolExecutor(1) as pool, engine.connect() as watching, engine.begin() as connection:
            first(connection)
            done = pool.submit(_transact, engine, second)
            while not done.done() and not _somebody_waits(watching):
                wait([done], timeout=0.005)
            connection.commit()
            return done.result()
    finally:
        engine.dispose()


def _transact(engine: Engine, function: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection:
        return function(connection)


def _somebody_waits(connection: Connection) -> bool:
    return bool(run(connection, "SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1"))
