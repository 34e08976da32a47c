"""Facts come in: each function stores rows in the caller's transaction and returns the keys of the facts that came.

Rows are mappings of column names to values. A known key is replaced; of a key twice in one batch the last counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete

from agencykit.decisions.due import claim_facts
from agencykit.storage.bulk import insert_rows, select_in
from border.domain.interests import FactKey, about_call, about_watched
from border.operations.comparing import CREW, PASSENGER, PERSON, compare_entries, compare_lists
from border.storage.tables import (
    announcements,
    crew_lists,
    departures,
    entry_formalities,
    inspections,
    passenger_lists,
    permits,
    persons,
    watch_entries,
)

Entry = Mapping[str, Any]


def announce_conveyances(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores announcements, one for each call and movement."""
    _replace(connection, announcements, entries)
    return _calls("announcement", entries)


def lodge_crew_lists(
    connection: Connection, lists: Sequence[Entry], members: Mapping[str, Sequence[Entry]], now: int
) -> set[FactKey]:
    """Stores crew lists; `members` holds each call's crew. A list replaces the one before it as a whole."""
    return _lodge_lists(connection, crew_lists, CREW, lists, members, now) | _calls("crew_list", lists)


def lodge_passenger_lists(
    connection: Connection, lists: Sequence[Entry], passengers: Mapping[str, Sequence[Entry]], now: int
) -> set[FactKey]:
    """Stores passenger lists, as crew lists are."""
    return _lodge_lists(connection, passenger_lists, PASSENGER, lists, passengers, now)


def _lodge_lists(
    connection: Connection,
    table: Table,
    role: int,
    lists: Sequence[Entry],
    aboard: Mapping[str, Sequence[Entry]],
    now: int,
) -> set[FactKey]:
    claim_facts(connection)
    _replace(connection, table, lists)
    calls = sorted(aboard)
    connection.execute(delete(persons).where(persons.c.call.in_(calls), persons.c.role == role))
    insert_rows(connection, persons, [person for call in calls for person in aboard[call]])
    compare_lists(connection, role, calls, now)
    return {about_call(call) for call in calls}


def record_inspections(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores inspections of conveyances."""
    _replace(connection, inspections, entries)
    return _calls("inspection", entries)


def record_entry_formalities(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores that conveyances have come, and whether their entry formalities are completed."""
    _replace(connection, entry_formalities, entries)
    return _calls("entry_formalities", entries)


def record_departures(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores that conveyances have sailed."""
    _replace(connection, departures, entries)
    return _calls("departure", entries)


def grant_permits(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores permits, granted or revoked."""
    _replace(connection, permits, entries)
    return _calls("permit", entries)


def enter_watch_list(connection: Connection, entries: Sequence[Entry], now: int) -> set[FactKey]:
    """Stores watch-list entries, in force or lifted. An entry that changed its subject is news for the old one too."""
    claim_facts(connection)
    ids = [entry["id"] for entry in entries]
    before = [row._asdict() for row in select_in(connection, watch_entries, watch_entries.c.id, ids)]
    _replace(connection, watch_entries, entries)
    concerned = [*before, *entries]
    of_persons = {entry["id"] for entry in concerned if entry["kind"] == PERSON}
    calls = compare_entries(connection, sorted(of_persons), now)
    others = {about_watched(entry["look_alike"]) for entry in concerned if entry["kind"] != PERSON}
    return others | {about_call(call) for call in calls}


def _replace(connection: Connection, table: Table, entries: Sequence[Entry]) -> None:
    """Writes rows in key order, so that two batches at once cannot wait for each other."""
    key = [column.name for column in table.primary_key.columns]
    newest = {tuple(entry[name] for name in key): entry for entry in entries}
    insert_rows(connection, table, [newest[each] for each in sorted(newest)], on_conflict="replace")


def _calls(kind: str, entries: Iterable[Entry]) -> set[FactKey]:
    calls = {entry["call"] for entry in entries}
    return {(kind, call) for call in calls} | {about_call(call) for call in calls}
