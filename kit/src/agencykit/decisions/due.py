"""Which consignments must be decided again: marked in the database, so that a restart forgets none.

On PostgreSQL a decision reads facts and writes waits while another transaction stores facts and reads waits. Neither
would see the other. So every decision holds this lock shared, and `wake` holds it alone until its commit: either the
decision sees the facts, or `wake` sees the wait. SQLite has one writer at a time and needs none.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, update

from agencykit.decisions import tables
from agencykit.storage.bulk import select_in

# Any number that nobody else uses in this database.
_LOCK = 7_401_118_003
AT_ONCE = 0


def share_facts(connection: Connection) -> None:
    """Taken by every transaction that decides, before it reads facts."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_LOCK})")


def wake(connection: Connection, keys: Iterable[tuple[str, str]]) -> int:
    """Marks the consignments that wait for any of these facts (kind, key) as due at once; returns how many.

    Call it in the transaction that stores the facts; after its commit, `parts.reassess.notify()`.
    """
    wanted = set(keys)
    if not wanted:
        return 0
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
    waits = tables.waits.c
    found = select_in(connection, [waits.clearance_number], [waits.fact_kind, waits.fact_key], wanted)
    return mark_due(connection, {row.clearance_number for row in found})


def mark_due(connection: Connection, clearance_numbers: Iterable[str]) -> int:
    """Marks these clearances as due at once, in key order; returns how many."""
    numbers = sorted(clearance_numbers)
    cases = tables.cases.c
    for start in range(0, len(numbers), 4096):
        chunk = numbers[start : start + 4096]
        connection.execute(
            update(tables.cases)
            .where(cases.clearance_number.in_(chunk), cases.withdrawn_version.is_(None))
            .values(due_time=AT_ONCE, attempts=0)
        )
    return len(numbers)
