"""Facts come in: each function stores rows in the caller's transaction and returns the keys of the facts that came.

Rows are mappings of column names to values. A known key is replaced; of a key twice in one batch the last counts.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table

from agencykit.decisions.due import claim_facts
from agencykit.storage.bulk import insert_rows, select_in
from port.domain.interests import FactKey, about_goods
from port.storage.beside import list_containers
from port.storage.notices import orders_of, renew_notices
from port.storage.places import departed
from port.storage.releases import terminals_of
from port.storage.tables import arrivals, delivery_orders, holds, manifests, places, tallies

Entry = Mapping[str, Any]


def lodge_manifests(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores manifest entries. A correction is news also for goods that were decided on the entry before."""
    _replace(connection, manifests, entries)
    list_containers(connection, {entry["document"]: entry["containers"].split() for entry in entries})
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
    """Stores places in yard or warehouse; what has left takes up no room, whatever is said of it afterwards."""
    claim_facts(connection)  # the gate frees places after it has shared the facts
    gone = departed(connection, {entry["document"] for entry in entries})
    there = [
        entry if (entry["document"], entry["container"]) not in gone else {**entry, "yard": ""} for entry in entries
    ]
    _replace(connection, places, there)
    return _documents("place", entries)


def lodge_delivery_orders(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores delivery orders. No decision waits for one; an order told before is news for who may fetch the goods now.

    Who no longer may is remembered, and hears of it.
    """
    claim_facts(connection)  # of two at once the second must see whom the first has put out
    known = orders_of(connection, {entry["document"] for entry in entries})
    _replace(connection, delivery_orders, [{**entry, "former": _former(known, entry)} for entry in entries])
    renew_notices(connection, {entry["document"] for entry in entries})
    return set()


def _former(known: Mapping[str, Any], entry: Entry) -> str:
    before = known.get(entry["document"])
    names = {before.haulier, *before.former.split()} - {entry["haulier"]} if before else set()
    return " ".join(sorted(names))


def place_holds(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores holds, in force or lifted. A hold that changed its subject is news for the old one too."""
    known = select_in(connection, [holds.c.subject], holds.c.id, [entry["id"] for entry in entries])
    before = {row.subject for row in known}
    _replace(connection, holds, entries)
    lifted = {("hold_lifted", entry["id"]) for entry in entries if entry["lifted"]}
    return lifted | {about_goods(subject) for subject in before | {entry["subject"] for entry in entries}}


def _replace(connection: Connection, table: Table, entries: Sequence[Entry]) -> None:
    """Writes rows in key order, so that two batches at once cannot wait for each other."""
    key = [column.name for column in table.primary_key.columns]
    newest = {tuple(entry[name] for name in key): entry for entry in entries}
    insert_rows(connection, table, [newest[each] for each in sorted(newest)], on_conflict="replace")


def _documents(kind: str, entries: Sequence[Entry]) -> set[FactKey]:
    return {(kind, entry["document"]) for entry in entries}
