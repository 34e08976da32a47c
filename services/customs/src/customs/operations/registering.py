"""Register entries come in: each function stores rows in the caller's transaction and returns the keys of what came.

Rows are mappings of column names to values. A known key is replaced; of a key twice in one batch the last counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete

from agencykit.storage.bulk import insert_rows
from agencykit.storage.rows import insert, rows_in
from customs.storage.tables import (
    brokers,
    carrier_vehicles,
    carriers,
    enterprise_classes,
    enterprises,
    licences,
    mandates,
)

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
    _replace_lists(connection, mandates, given)
    return {("broker", entry["licence"]) for entry in entries}


def register_licences(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores licences, in force or revoked."""
    _replace(connection, licences, entries)
    return {("licence", entry["number"]) for entry in entries}


def register_carriers(
    connection: Connection, entries: Sequence[Entry], vehicles: Mapping[str, Sequence[str]]
) -> set[FactKey]:
    """Stores carriers; `vehicles` holds those of each and replaces the list before it. No consignment waits for one."""
    _replace(connection, carriers, entries)
    _replace_lists(connection, carrier_vehicles, vehicles)
    return set()


def _replace_lists(connection: Connection, table: Table, lists: Mapping[str, Sequence[str]]) -> None:
    """Writes (key, value) rows in place of those that the keys had."""
    keys = sorted(lists)
    key, _value = table.primary_key.columns
    connection.execute(delete(table).where(key.in_(keys)))
    insert_rows(connection, table, [(each, value) for each in keys for value in sorted(set(lists[each]))])


def _replace(connection: Connection, table: Table, entries: Sequence[Entry]) -> None:
    """Writes rows in key order, so that two batches at once cannot wait for each other."""
    (key,) = [column.name for column in table.primary_key.columns]
    newest = {entry[key]: entry for entry in entries}
    insert_rows(connection, table, [newest[each] for each in sorted(newest)], on_conflict="replace")
