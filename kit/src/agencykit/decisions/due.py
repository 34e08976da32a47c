"""Which consignments must be decided again: marked in the database, so that a restart forgets none.

On PostgreSQL a decision reads facts and writes waits while another transaction stores facts and reads waits. Neither
would see the other. So every decision holds this lock shared, and `wake` holds it alone until its commit: either the
decision sees the facts, or `wake` sees the wait. SQLite has one writer at a time and needs none.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.storage.rows import rows_in, run, run_many

# Any number that nobody else uses in this database.
_LOCK = 7_401_118_003
AT_ONCE = 0


def share_facts(connection: Connection) -> None:
    """Taken by every transaction that decides, before it reads facts."""
    if connection.dialect.name == "postgresql":
        run(connection, f"SELECT pg_advisory_xact_lock_shared({_LOCK})")


def claim_facts(connection: Connection) -> None:
    """Taken first by a transaction that will `wake` after it has locked what deciding transactions lock too."""
    if connection.dialect.name == "postgresql":
        run(connection, f"SELECT pg_advisory_xact_lock({_LOCK})")


def wake(connection: Connection, keys: Iterable[tuple[str, str]]) -> int:
    """Marks the consignments that wait for any of these facts (kind, key) as due at once; returns how many.

    Call it in the transaction that stores the facts; after its commit, `parts.reassess.notify()`.
    """
    wanted = set(keys)
    if not wanted:
        return 0
    claim_facts(connection)
    found = rows_in(connection, tables.waits, ("clearance_number",), ("fact_kind", "fact_key"), wanted)
    return mark_due(connection, {number for (number,) in found})


def wake_others(connection: Connection, keys: Iterable[tuple[str, str]], own: Iterable[str]) -> None:
    """As `wake`, inside a transaction that decides and has locked what became free; `own` clearances stay asleep.

    Who is being decided elsewhere is passed over: what became free is locked, so he has yet to read it.
    """
    found = rows_in(connection, tables.waits, ("clearance_number",), ("fact_kind", "fact_key"), set(keys))
    others = {number for (number,) in found} - set(own)
    free = rows_in(connection, tables.cases, ("clearance_number",), ("clearance_number",), sorted(others), lock="skip")
    mark_due(connection, {number for (number,) in free})


def mark_due(connection: Connection, clearance_numbers: Iterable[str]) -> int:
    """Marks these clearances as due at once, in key order; returns how many."""
    numbers = sorted(clearance_numbers)
    live = "withdrawn_version IS NULL AND purge_time IS NULL"
    text = f"UPDATE cases SET due_time = ?, attempts = 0 WHERE clearance_number = ? AND {live}"
    run_many(connection, text, [(AT_ONCE, number) for number in numbers])
    return len(numbers)
