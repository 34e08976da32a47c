"""Register entries come in: each function stores rows in the caller's transaction and returns the keys of what came.

Rows are mappings of column names to values. A known key is replaced; of a key twice in one batch the last counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete

from agencykit.storage.bulk import insert_rows
from agencykit.storage.rows import insert, rows_in
from customs.storage.tables import brokers, enterprise_classes, enterprises, licences, mandates

Entry = Mapping[str, Any]
FactKey = tuple[str, str]


def register_enterprises(connection: Connection, entries: Sequence[Entry], now: int) -> set[FactKey]:
    """Stores enterprises, and from `now` (microseconds since 1970) on the class of each that is new or has changed."""
    newest = {entry["identifier"]: entry["enterprise_class"] for entry in entries}
    before: dict[str, int] = dict(
        rows_in(connection, enterprises, ("identifier", "enterprise_class"), ("identifier",), newest)
    )
    changed = [(key, now, newest[key]) for key in sorted(newest) if before.get(key) != newest[key]]
    insert(connection, enterprise_classes, changed, "replace")
    _replace(connection, enterprises, entries)
    return {("enterprise", entry["identifier"]) for entry in entries}


def register_brokers(
    connection: Connection, entries: Sequence[Entry], given: Mapping[str, Sequence[str]]
) -> set[FactKey]:
    """Stores brokers; `given` holds the enterprises that gave each a mandate and replaces the list before it."""
    _replace(connection, brokers, entries)
    licences_held = sorted(given)
    connection.execute(delete(mandates).where(mandates.c.broker_licence.in_(licences_held)))
    rows = [(licence, enterprise) for licence in licences_held for enterprise in sorted(set(given[licence]))]
    insert_rows(connection, mandates, rows)
    return {("broker", entry["licence"]) for entry in entries}


def register_licences(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores licences, in force or revoked."""
    _replace(connection, licences, entries)
    return {("licence", entry["number"]) for entry in entries}


def _replace(connection: Connection, table: Table, entries: Sequence[Entry]) -> None:
    """Writes rows in key order, so that two batches at once cannot wait for each other."""
    (key,) = [column.name for column in table.primary_key.columns]
    newest = {entry[key]: entry for entry in entries}
    insert_rows(connection, table, [newest[each] for each in sorted(newest)], on_conflict="replace")
