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


class StorageFault(Exception):
    """A statement the database refused to carry out. Names the driver's error class, never a value."""


class Conflict(Exception):
    """PostgreSQL gave up this transaction in favour of another; nothing of it is stored."""


@contextmanager
def translated() -> Iterator[None]:
    """Turns SQLAlchemy's and the driver's errors into this module's; all else passes unchanged."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _translate(error) from None
    except exc.TimeoutError:
        raise Unavailable from None
    except OverflowError:
        raise StorageFault("a whole number does not fit 64 bits") from None
    except exc.SQLAlchemyError as error:
        raise StorageFault(type(error).__name__) from error


def _translate(error: exc.DBAPIError) -> Exception:
    state = sql_state(error)
    if state in RETRY_STATES:
        return Conflict(state)
    if error.connection_invalidated or isinstance(error, (exc.OperationalError, exc.InterfaceError)):
        return Unavailable()
    return StorageFault(" ".join(filter(None, (type(error.orig).__name__, state))))


def sql_state(error: exc.DBAPIError) -> str:
    """The SQLSTATE of a PostgreSQL error; empty for SQLite."""
    return getattr(error.orig, "sqlstate", None) or ""
