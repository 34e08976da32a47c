"""`python -m SERVICE --purge`: what is past its period, or its removal; progress on standard error.

With --json one line for each kind of thing on standard output, and a last one: {"service", "done", "erased"}.
"""

import argparse
import asyncio
import getpass
import json
import sys
from datetime import UTC, datetime

from sqlalchemy import Engine, MetaData, Table, make_url

from agencykit.refusals import Unavailable
from agencykit.retention.declared import Keeping
from agencykit.retention.purging import Order, Purge, Purged, erase
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings
from agencykit.storage.engines import make_engine
from agencykit.storage.errors import StorageFault
from agencykit.storage.times import to_micros

MEGABYTE = 2**20
# Of the time that a transaction took, so much again is left to whoever waits, and this at least.
SHARE, LEAST_SECONDS = 1.0, 0.01


def purge(
    settings: ServiceSettings, service: str, keeping: Keeping | None, given: argparse.Namespace, runtime: Runtime
) -> int:
    """Exit code 0; 1 where something could not be done, 2 where the service declares nothing."""
    if keeping is None:
        print(f"{service}: it does not say how long it keeps what", file=sys.stderr)
        return 2
    now = runtime.clock.now()
    engine = make_engine(settings.database_url, connections=1)
    reader = make_engine(settings.database_url, connections=1, begin="BEGIN", read_only=True)
    telling = _Telling(service, given.json)
    try:
        audit, pages = (Table(name, MetaData(), autoload_with=reader) for name in ("audit", "audit_pages"))
        order = Order(given.by or getpass.getuser(), to_micros(now), _days(settings, keeping))
        made = Purge(engine, reader, keeping, audit, pages, order, runtime.clock.monotonic, _rest, telling.progress)
        changed = [row for found in (made.carry_out() if given.yes else made.look()) for row in telling.told(found)]
        reader.dispose()
        telling.end(given.yes, _erased(engine, given) if given.yes else None)
    except StorageFault as fault:
        print(f"{service}: the database refuses: {fault}", file=sys.stderr)
        return 1
    except Unavailable:
        print(f"{service}: the database is too busy; what was purged is, and the next purge goes on", file=sys.stderr)
        return 1
    finally:
        reader.dispose()
        engine.dispose()
    return 1 if changed else 0


def _days(settings: ServiceSettings, keeping: Keeping) -> dict[str, int]:
    names = {each.period for each in keeping.tables if each.period} | {each.period for each in keeping.subjects}
    return {name: getattr(settings, name) for name in names}


def _rest(seconds: float) -> None:
    asyncio.run(asyncio.sleep(max(LEAST_SECONDS, SHARE * seconds)))


def _erased(engine: Engine, given: argparse.Namespace) -> bool | None:
    """Whether nothing is left of it in the file; None where there is no file of ours."""
    if engine.dialect.name != "sqlite":
        return None
    return erase(engine, str(make_url(engine.url).database), given.vacuum_mb * MEGABYTE) is not None


class _Telling:
    """Words or JSON Lines."""

    def __init__(self, service: str, json_lines: bool) -> None:
        self._service, self._json = service, json_lines

    def progress(self, found: Purged) -> None:
        print(f"{self._service}: {found.subject}: {found.subjects}", file=sys.stderr)

    def told(self, found: Purged) -> list[int]:
        """Says what went of one kind; returns ids of rows of the audit that somebody has changed."""
        until = datetime.fromtimestamp(found.until / 1_000_000, UTC)
        tables = ", ".join(f"{table} {count}" for table, count in sorted(found.rows.items()))
        self._line(
            f"{found.subject}: {found.subjects} over before {until:%Y-%m-%d}{f': {tables}' if tables else ''}",
            subject=found.subject,
            until=until.isoformat(),
            count=found.subjects,
            tables=found.rows,
        )
        if found.changed:
            rows = ", ".join(map(str, found.changed))
            print(
                f"{self._service}: rows {rows} of the audit are not what was chained, and stay: verify it",
                file=sys.stderr,
            )
        return found.changed

    def end(self, done: bool, erased: bool | None) -> None:
        words = "purged" if done else "nothing was changed; --yes removes it"
        if erased is False:
            words += "; the file is too large to be written anew, or in use: purge again, by --vacuum-mb, when it rests"
        self._line(words, done=done, erased=erased)

    def _line(self, words: str, **fields: object) -> None:
        if self._json:
            print(json.dumps({"service": self._service, **fields}, ensure_ascii=False), flush=True)
        else:
            print(f"{self._service}: {words}", flush=True)
