"""Facts come in: each function stores rows in the caller's transaction and returns the keys of the facts that came.

Rows are mappings of column names to values. A known key is replaced; of a key twice in one batch the last counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from agencykit.storage.bulk import insert_rows, select_in
from port.domain.interests import FactKey, about_goods
from port.storage.notices import renew_notices
from port.storage.releases import terminals_of
from port.storage.tables import arrivals, delivery_orders, holds, manifests, places, tallies

Entry = Mapping[str, Any]


def lodge_manifests(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores manifest entries. A correction is news also for goods that were decided on the entry before."""
    _replace(connection, manifests, entries)
    return _documents("manifest", entries) | {about_goods(entry["document"]) for entry in entries}


def report_arrivals(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores arrival reports. An order told before is news for the terminal at which the goods are now."""
    documents = {entry["document"]: entry["terminal_code"] for entry in entries}
    known = terminals_of(connection, documents)
    _replace(connection, arrivals, entries)
    renew_notices(connection, {each for each, terminal in documents.items() if known.get(each) != terminal})
    return _documents("arrival", entries)


def report_tallies(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores what was counted and weighed; news for goods that were decided by the manifest."""
    _replace(connection, tallies, entries)
    return {about_goods(entry["document"]) for entry in entries}


def assign_places(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores places in yard or warehouse."""
    _replace(connection, places, entries)
    return _documents("place", entries)


def lodge_delivery_orders(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores delivery orders. No decision waits for one; an order told before is news for a new haulier."""
    _replace(connection, delivery_orders, entries)
    renew_notices(connection, {entry["document"] for entry in entries if not entry["withdrawn"]})
    return set()


def place_holds(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores holds, in force or lifted. A hold that changed its subject is news for the old one too."""
    known = select_in(connection, [holds.c.subject], holds.c.id, [entry["id"] for entry in entries])
    before = {row.subject for row in known}
    _replace(connection, holds, entries)
    lifted = {("hold_lifted", entry["id"]) for entry in entries if entry["lifted"]}
    return lifted | {about_goods(subject) for subject in before | {entry["subject"] for entry in entries}}


def _replace(connection: Connection, table: Table, entries: Sequence[Entry]) -> None:
    """Writes rows in key order, so that two batches at once cannot wait for each other."""
    (key,) = (column.name for column in table.primary_key.columns)
    newest = {entry[key]: entry for entry in entries}
    insert_rows(connection, table, [newest[each] for each in sorted(newest)], on_conflict="replace")


def _documents(kind: str, entries: Sequence[Entry]) -> set[FactKey]:
    return {(kind, entry["document"]) for entry in entries}
