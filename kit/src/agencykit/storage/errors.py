"""What a driver's errors become. None leaves the storage as such: its text may carry row values.

StorageFault      the statement or the data is wrong (a broken constraint, a value out of range): a fault of ours
Unavailable       the database cannot be reached, is locked, full, damaged, takes no writes or restarts: the caller may
                  try again, and `cause_of` tells the log why
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from agencykit.refusals import Unavailable

# Serialization failure and deadlock: PostgreSQL asks for the whole transaction again.
RETRY_STATES = frozenset({"40001", "40P01"})
# It is a standby, or was told to take no writes.
READ_ONLY = "25006"
# That, or what lies on its disk is damaged.
AWAY_STATES = frozenset({READ_ONLY, "XX001", "XX002", "SQLITE_CORRUPT", "SQLITE_NOTADB"})
DUPLICATE_STATES = frozenset({"23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"})


class StorageFault(Exception):
    """A statement the database refused to carry out. Names the driver's error class, never a value.

    `duplicate`: a unique key exists already, for instance because another replica was faster.
    """

    def __init__(self, kind: str, *, duplicate: bool = False) -> None:
        super().__init__(kind)
        self.duplicate = duplicate


class DatabaseGone(Unavailable):
    """The file of a database was deleted or replaced under the process that has it open."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file


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
    if state in AWAY_STATES or state.startswith("SQLITE_CORRUPT_"):
        return Unavailable()
    return StorageFault(f"{type(error.orig).__name__} {state}".strip(), duplicate=state in DUPLICATE_STATES)


def sql_state(error: exc.DBAPIError) -> str:
    """The SQLSTATE of a PostgreSQL error, or SQLite's name of its error."""
    found = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
    return str(found or "")


# PostgreSQL gives no SQLSTATE to who cannot even connect; its text names roles and databases, so only these are told.
_REFUSED = {
    "too many connections": "too_many_connections",
    "too many clients": "too_many_connections",
    "connection slots": "too_many_connections",
    "starting up": "starting_up",
    "shutting down": "shutting_down",
    "Connection refused": "connection_refused",
    "No such file": "connection_refused",
    "timeout expired": "timeout",
    "authentication failed": "authentication_failed",
    "does not exist": "no_such_database_or_role",
}


def cause_of(error: Unavailable) -> str:
    """Why the database did not do it, in one word of the driver's; empty where it was not the database."""
    origin = error.__cause__
    if isinstance(error, DatabaseGone):
        return "database_gone"
    if isinstance(origin, exc.DBAPIError):
        text = str(origin.orig)
        named = sql_state(origin) or next((name for said, name in _REFUSED.items() if said in text), "")
        return named or type(origin.orig).__name__
    return "no_free_connection" if isinstance(origin, exc.TimeoutError) else ""
