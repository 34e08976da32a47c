"""Saves a service's database, or puts a copy back, or says that it may go on: `python -m agencykit.backup DEED …`."""

import argparse
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError

from agencykit.backup import old_copies, postgresql, sqlite
from agencykit.backup.faults import BackupFault
from agencykit.decisions.restoring import RESTORED, hold, resume
from agencykit.storage import to_micros
from agencykit.storage.engines import dialect_of, make_engine


def main() -> int:
    """The command. Exit code 0, or 1 with a line that says why not."""
    parser = argparse.ArgumentParser("python -m agencykit.backup", description=(__doc__ or "").partition(":")[0])
    deeds = parser.add_subparsers(dest="deed", required=True)
    saving = deeds.add_parser("save", help="a whole copy of the database, which may be in use")
    restoring = deeds.add_parser(
        "restore", help="put a copy back; the service must be stopped, and then decides nothing"
    )
    resuming = deeds.add_parser("resume", help="what others hold is lost here, and the agency goes on; then restart it")
    for each in (saving, restoring, resuming):
        each.add_argument("--database-url", required=True, help="the service's own")
    for each in (saving, restoring):
        each.add_argument("--file", type=Path, required=True)
    resuming.add_argument("--by", required=True, metavar="WHO", help="who says so; it is kept")
    given = parser.parse_args()
    try:
        print({"save": _save, "restore": _restore, "resume": _resume}[given.deed](given))
    except (BackupFault, OSError, ValueError, SQLAlchemyError, sqlite3.Error) as error:
        print(f"{type(error).__name__}: {error}" if not isinstance(error, BackupFault) else error, file=sys.stderr)
        return 1
    return 0


def _save(given: argparse.Namespace) -> str:
    url = given.database_url
    if dialect_of(url) == "sqlite":
        sqlite.save(_file(url), given.file)
    else:
        postgresql.save(url, given.file)
    return f"saved: {given.file}"


def _restore(given: argparse.Namespace) -> str:
    url = given.database_url
    held: list[bool] = []
    if dialect_of(url) == "sqlite":
        sqlite.restore(_file(url), given.file, lambda made: held.append(_hold(f"sqlite+pysqlite:///{made}")))
    else:
        postgresql.restore(url, given.file)
        held.append(_hold(url))
    return "restored; it decides nothing until it is resumed" if any(held) else "restored"


def _hold(url: str) -> bool:
    """Whether it is one that may be held: an agency's, or a gateway's, which two persons resume."""
    if _has(url, "old_copies"):
        return bool(_within(url, lambda connection: old_copies.hold(connection, RESTORED, _now())))
    if not _has(url, "restorations"):
        return False
    _within(url, lambda connection: hold(connection, RESTORED, _now()))
    return True


def _resume(given: argparse.Namespace) -> str:
    if _has(given.database_url, "old_copies"):
        return str(_within(given.database_url, lambda connection: old_copies.resume(connection, given.by, _now())))
    generation = _within(given.database_url, lambda connection: resume(connection, given.by, _now()))
    if not generation:
        return "it is not held; nothing was done"
    return f"it goes on in logs of generation {generation} once it is restarted"


def _has(url: str, table: str) -> bool:
    return bool(_within(url, lambda connection: inspect(connection).has_table(table)))


def _within(url: str, act: Callable[[Connection], Any]) -> Any:
    engine = make_engine(url, connections=0)
    try:
        with engine.begin() as connection:
            return act(connection)
    finally:
        engine.dispose()


def _file(url: str) -> Path:
    return Path(make_url(url).database or "")


def _now() -> int:
    return to_micros(datetime.now(UTC))


if __name__ == "__main__":
    sys.exit(main())
