"""Facts come in: each function stores rows in the caller's transaction and returns the keys of the facts that came.

Rows are mappings of column names to values. A known key is replaced; of a key twice in one batch the last counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete

from agencykit.storage.bulk import insert_rows, select_in
from border.domain.interests import FactKey, about_call, about_watched
from border.storage.tables import announcements, crew_lists, crew_members, permits, watch_entries

Entry = Mapping[str, Any]

PERSON = 3
"""Kind of a watch-list entry on a person, as in the contract."""


def announce_conveyances(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores announcements, one for each call and movement."""
    _replace(connection, announcements, entries)
    return _calls("announcement", entries)


def lodge_crew_lists(
    connection: Connection, lists: Sequence[Entry], members: Mapping[str, Sequence[Entry]]
) -> set[FactKey]:
    """Stores crew lists; `members` holds each call's crew. A list replaces the one before it as a whole."""
    _replace(connection, crew_lists, lists)
    calls = sorted(members)
    connection.execute(delete(crew_members).where(crew_members.c.call.in_(calls)))
    insert_rows(connection, crew_members, [member for call in calls for member in members[call]])
    return _calls("crew_list", lists)


def grant_permits(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores permits, granted or revoked."""
    _replace(connection, permits, entries)
    return _calls("permit", entries)


def enter_watch_list(connection: Connection, entries: Sequence[Entry]) -> set[FactKey]:
    """Stores watch-list entries, in force or lifted. An entry that changed its subject is news for the old one too."""
    ids = [entry["id"] for entry in entries]
    before = [row._asdict() for row in select_in(connection, watch_entries, watch_entries.c.id, ids)]
    _replace(connection, watch_entries, entries)
    concerned = [*before, *entries]
    looks = {entry["look_alike"] for entry in concerned if entry["kind"] == PERSON}
    crews = select_in(connection, [crew_members.c.call], crew_members.c.look_alike, looks)
    others = {about_watched(entry["look_alike"]) for entry in concerned if entry["kind"] != PERSON}
    return others | {about_call(row.call) for row in crews}


def _replace(connection: Connection, table: Table, entries: Sequence[Entry]) -> None:
    """Writes rows in key order, so that two batches at once cannot wait for each other."""
    key = [column.name for column in table.primary_key.columns]
    newest = {tuple(entry[name] for name in key): entry for entry in entries}
    insert_rows(connection, table, [newest[each] for each in sorted(newest)], on_conflict="replace")


def _calls(kind: str, entries: Iterable[Entry]) -> set[FactKey]:
    calls = {entry["call"] for entry in entries}
    return {(kind, call) for call in calls} | {about_call(call) for call in calls}
