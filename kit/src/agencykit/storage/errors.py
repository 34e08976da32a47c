"""What a driver's errors become. None leaves the storage as such: its text may carry row values.

StorageFault      the statement or the data is wrong (a broken constraint, a value out of range): a fault of ours
Unavailable       the database cannot be reached, is locked, full or restarting: the caller may try again
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from agencykit.refusals import Unavailable

# Serialization failure and deadlock: PostgreSQL asks for the whole transaction again.
RETRY_STATES = frozenset({"40001", "40P01"})
DUPLICATE_STATES = frozenset({"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


class StorageFault(Exception):
    """A statement the database refused to carry out. Names the driver's error class, never a value.

    `duplicate`: a unique key exists already, for instance because another replica was faster.
    """

    def __init__(self, kind: str, *, duplicate: bool = False) -> None:
        super().__init__(kind)
        self.duplicate = duplicate


class Conflict(Exception):
    """PostgreSQL gave up this transaction in favour of another; nothing of it is stored."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns SQLAlchemy's and the driver's errors into this module's; all else passes unchanged."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _translate(error) from error
    except exc.TimeoutError as error:
        raise Unavailable from error
    except OverflowError as error:
        raise StorageFault("a whole number does not fit 64 bits") from error
    except exc.SQLAlchemyError as error:
        raise StorageFault(type(error).__name__) from error


def _translate(error: exc.DBAPIError) -> Exception:
    state = sql_state(error)
    if state in RETRY_STATES:
        return Conflict(state)
    if error.connection_invalidated or isinstance(error, (exc.OperationalError, exc.InterfaceError)):
        return Unavailable()
    return StorageFault(f"{type(error.orig).__name__} {state}".strip(), duplicate=state in DUPLICATE_STATES)


def sql_state(error: exc.DBAPIError) -> str:
    """The SQLSTATE of a PostgreSQL error, or SQLite's name of its error."""
    found = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return str(found or "")
