"""The purge of one database, beside the running service or without it.

(1) find       what is past its period, in a transaction that only reads
(2) remove     up to a hundred subjects in a transaction of milliseconds, with the row of the audit that says so; looked
               at once more under lock, for something may have happened
(3) chain      the audit's new row is put into its chain, so that an export vouches for what is gone
(4) again      until nothing is left; the audit's own old rows come last
(5) erase      SQLite: the file is written anew, so that nothing of it is left in free pages, and the log ahead is cut

A crash leaves whole subjects, purged or not: the next purge goes on. Between two transactions whoever waits is let in.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Table

from agencykit.audit import runs
from agencykit.audit.purges import AUDIT as AUDIT_LOG
from agencykit.audit.sealing import seal_audit
from agencykit.refusals import Unavailable
from agencykit.retention.declared import AUDIT, Keeping, Subject, Tally
from agencykit.retention.evidence import due_acts, purge_acts
from agencykit.retention.rounds import counted, due, removed, still_due
from agencykit.storage.errors import Conflict, translated
from agencykit.storage.rows import run

DAY = 86_400_000_000
TRIES = 5
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: by whom, as of when (microseconds since 1970), and the periods in days."""

    by: str
    now: int
    days: Mapping[str, int]

    def before(self, period: str) -> int:
        """What is over before this moment is past the period."""
        return self.now - self.days[period] * DAY


@dataclass(slots=True)
class Purged:
    """What of one kind went, or would go."""

    subject: str
    # What was over before this moment.
    until: int
    subjects: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    # Ids of rows of the audit that are not what was chained, and stay.
    changed: list[int] = field(default_factory=list)

    def take(self, tally: Tally, count: int) -> None:
        """Adds what one transaction did."""
        self.subjects += count
        for table, rows in tally.rows.items():
            self.rows[table] = self.rows.get(table, 0) + rows


@dataclass(slots=True)
class Purge:
    """`rest` is called between transactions with how many seconds the last one took; `told` after each.

    `reader` is an engine that takes no lock on SQLite, where `engine` begins by taking the writer's.
    """

    engine: Engine
    reader: Engine
    keeping: Keeping
    audit: Table
    pages: Table
    order: Order
    seconds: Callable[[], float]
    rest: Callable[[float], None]
    told: Callable[[Purged], None]

    def look(self) -> Iterator[Purged]:
        """What would go; nothing is changed."""
        for subject in self.keeping.subjects:
            yield self._each(subject, self._count)
        yield self._acts(lambda ids: (len(ids), []))

    def carry_out(self) -> Iterator[Purged]:
        """Purges. What it is told of is durable."""
        self._seal()
        for subject in self.keeping.subjects:
            yield self._each(subject, self._remove)
        yield self._acts(self._remove_acts)

    def _each(self, subject: Subject, act: Callable[[Subject, int, list[Any]], tuple[int, Tally]]) -> Purged:
        found = Purged(subject.name, self.order.before(subject.period))
        after = None
        while keys := self._read(due, subject, found.until, after, subject.most):
            after = keys[-1]
            count, tally = act(subject, found.until, keys)
            found.take(tally, count)
            self.told(found)
        return found

    def _count(self, subject: Subject, until: int, keys: list[Any]) -> tuple[int, Tally]:
        tally = Tally(self.order.now)
        self._read(counted, subject, keys, tally)
        return len(keys), tally

    def _remove(self, subject: Subject, until: int, keys: list[Any]) -> tuple[int, Tally]:
        def act(connection: Connection) -> tuple[int, Tally]:
            tally = Tally(self.order.now)
            going = still_due(connection, subject, until, keys)
            if going:
                removed(connection, subject, going, tally)
                self._tell(connection, subject.name, until, len(going), tally)
            return len(going), tally

        return self._write(act)

    def _acts(self, act: Callable[[list[int]], tuple[int, list[int]]]) -> Purged:
        found = Purged(AUDIT_LOG, self.order.before(AUDIT))
        after = 0
        while ids := self._read(due_acts, self.keeping.audit_needed, found.until, after):
            after = ids[-1]
            count, changed = act(ids)
            found.changed += changed
            found.take(Tally(0, {AUDIT_LOG: count}), count)
            self.told(found)
        return found

    def _remove_acts(self, ids: list[int]) -> tuple[int, list[int]]:
        def act(connection: Connection) -> tuple[int, list[int]]:
            tally = Tally(self.order.now)
            changed = purge_acts(connection, self.audit, ids, tally)
            count = tally.rows.get(AUDIT_LOG, 0)
            if count:
                self._tell(connection, AUDIT_LOG, self.order.before(AUDIT), count, tally)
            return count, changed

        return self._write(act)

    def _tell(self, connection: Connection, name: str, until: int, count: int, tally: Tally) -> None:
        """The row of the audit: what, how much, up to when, by whom, and which leaves stand for what is gone."""
        logs = {log: runs.to_text(sequences) for log, sequences in sorted(tally.sequences.items())}
        details = {"subject": name, "count": count, "until": until, "tables": dict(sorted(tally.rows.items()))}
        self.keeping.tell(connection, self.order.now, self.order.by, {**details, "by": self.order.by, "logs": logs})

    def _read(self, act: Callable[..., Any], *given: Any) -> Any:
        with translated(), self.reader.begin() as connection:
            if connection.dialect.name == "postgresql":
                run(connection, "SET LOCAL statement_timeout = '10min'")
            return act(connection, *given)

    def _write(self, act: Callable[[Connection], tuple[int, Found]]) -> tuple[int, Found]:
        """One transaction; where the service was faster, or holds what is wanted, it is tried again."""
        for left in reversed(range(TRIES)):
            begin = self.seconds()
            try:
                with translated(), self.engine.begin() as connection:
                    done = act(connection)
                break
            except (Conflict, Unavailable):
                if not left:
                    raise Unavailable from None
                self.rest(self.seconds() - begin)
        self._seal()
        self.rest(self.seconds() - begin)
        return done

    def _seal(self) -> None:
        """At once, so that an export of this moment vouches for what is gone.

        Where others hold it up it is left to the service, which seals every few seconds.
        """
        with suppress(Conflict, Unavailable), translated(), self.engine.begin() as connection:
            seal_audit(connection, self.audit, self.pages, self.order.now)


def erase(engine: Engine, file: str, most_bytes: int) -> int | None:
    """SQLite: writes the file anew and cuts the log ahead; returns how large it was, None where not all was done.

    None where the file is too large, or somebody reads or writes it for longer than one waits: what was deleted then
    still stands in the file or in the log ahead. Whoever writes meanwhile waits, some 2.5 s for each 100 MB.
    """
    size = os.path.getsize(file)
    small = size <= most_bytes
    raw = engine.raw_connection()
    try:
        if small:
            raw.execute("VACUUM")
        # It does not fail where others hold it up: its first figure says so.
        [(busy, _, _)] = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError:
        return None
    finally:
        raw.close()
    return size if small and not busy else None
