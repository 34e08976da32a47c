"""Persons aboard are compared with the watch list when either comes, so that no decision has to compare anything.

What meets an entry becomes a case. A case that an officer decided stays decided as long as the same was compared; what
no longer meets loses its case. Once the names of a list were purged (border.storage.retention) nobody can say whether
they still meet: its cases stay as they were decided until their entry is lifted.

Whoever compares has claimed the facts first (agencykit.decisions.due): of a list and an entry that come at the same
time, neither would see the other.
"""

import json
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection

from agencykit.storage.bulk import insert_rows, select_in
from agencykit.storage.rows import run_many
from border.domain.persons import Match, Person, meets
from border.storage.tables import persons, watch_cases, watch_entries

CREW, PASSENGER = 1, 2
PERSON = 3
OPEN, CLEARED, CONFIRMED = 1, 2, 3
"""Roles, the kind of a watch-list entry on a person, and states of a case, as in the contract."""

Pair = tuple[Any, Any]


def compare_lists(connection: Connection, role: int, calls: Sequence[str], now: int) -> None:
    """Compares everybody on these lists with the watch list."""
    aboard = [row for row in select_in(connection, persons, persons.c.call, calls) if row.role == role]
    found = _meeting(connection, watch_entries, aboard)
    entries = {row.id: row for row in found if row.kind == PERSON and not row.lifted}
    known = [row for row in select_in(connection, watch_cases, watch_cases.c.call, calls) if row.role == role]
    _renew(connection, pairs(aboard, list(entries.values())), known, now)


def compare_entries(connection: Connection, ids: Sequence[str], now: int) -> set[str]:
    """Compares these entries with everybody aboard anything; returns the calls concerned before or after."""
    if not ids:
        return set()
    found = select_in(connection, watch_entries, watch_entries.c.id, ids)
    entries = [row for row in found if row.kind == PERSON and not row.lifted]
    aboard = _meeting(connection, persons, entries)
    known = select_in(connection, watch_cases, watch_cases.c.entry_id, ids)
    in_force, purged = {row.id for row in entries}, _purged(connection, known, aboard)
    compared = [row for row in known if row.entry_id not in in_force or (row.call, row.role) not in purged]
    return _renew(connection, pairs(aboard, entries), compared, now)


def _purged(connection: Connection, known: Sequence[Any], aboard: Sequence[Any]) -> set[tuple[str, int]]:
    """Lists of the known cases, by call and role, whose names are gone. A list that came empty has no cases."""
    lists = {(row.call, row.role) for row in known} - {(row.call, row.role) for row in aboard}
    calls = {call for call, _ in lists}
    there = select_in(connection, [persons.c.call, persons.c.role], persons.c.call, calls)
    return lists - {(row.call, row.role) for row in there}


def pairs(aboard: Iterable[Any], entries: Iterable[Any]) -> Iterator[Pair]:
    """Persons and entries that share document, name or birth date, each pair once.

    Never everybody with every entry: a ship of 5,000 shares a birthday with a fifth of any list.
    """
    sharing: dict[Hashable, list[Any]] = defaultdict(list)
    for entry in entries:
        for trait in _traits(entry):
            sharing[trait].append(entry)
    for person in aboard:
        found = {entry.id: entry for trait in _traits(person) for entry in sharing.get(trait, ())}
        yield from ((person, found[entry_id]) for entry_id in sorted(found))


def _traits(row: Any) -> Iterator[Hashable]:
    """By what two can meet; what is not known is no trait."""
    return ((name, value) for name in ("look_alike", "name_key", "birth_date") if (value := getattr(row, name)))


def _meeting(connection: Connection, table: Any, others: Sequence[Any]) -> list[Any]:
    """Rows that share document, name or birth date with any of the others: the only ones that can meet."""
    columns = table.c
    looks = {row.look_alike for row in others if row.look_alike}
    names = {row.name_key for row in others if row.name_key}
    births = {row.birth_date for row in others if row.birth_date}
    rows = [
        *select_in(connection, table, columns.look_alike, looks),
        *select_in(connection, table, columns.name_key, names),
        *select_in(connection, table, columns.birth_date, births),
    ]
    return list(dict.fromkeys(rows))


def _renew(connection: Connection, met: Iterable[Pair], known: Sequence[Any], now: int) -> set[str]:
    """Writes the cases that these pairs make in place of the known ones; returns the calls whose cases changed."""
    standing = {row.id: row._asdict() for row in known}
    made = {case["id"]: case for case in _cases(met, now)}
    changed = [
        case
        for case in made.values()
        if case["id"] not in standing or case["compared"] != standing[case["id"]]["compared"]
    ]
    gone = [case for case in standing.values() if case["id"] not in made]
    run_many(connection, "DELETE FROM watch_cases WHERE id = ?", [(case["id"],) for case in gone])
    insert_rows(connection, watch_cases, sorted(changed, key=lambda case: case["id"]), on_conflict="replace")
    return {case["call"] for case in (*changed, *gone)}


def _cases(sharing: Iterable[Pair], now: int) -> list[dict[str, Any]]:
    """One case for each entry and list; exact if anybody on the list meets it exactly."""
    met: dict[tuple[str, int, str], list[tuple[Any, Any, Match]]] = {}
    for person, entry in sharing:
        match = meets(_person(person), _person(entry))
        if match is not None:
            met.setdefault((person.call, person.role, entry.id), []).append((person, entry, match))
    return [_case(*key, sorted(found, key=lambda one: one[0].number), now) for key, found in met.items()]


def _case(call: str, role: int, entry_id: str, found: Sequence[tuple[Any, Any, Match]], now: int) -> dict[str, Any]:
    aboard = [[person.folded, person.name_key, person.birth_date, person.nationality_code] for person, _, _ in found]
    entry = found[0][1]
    watched = [entry.folded, entry.name_key, entry.birth_date, entry.nationality_code]
    return {
        "id": f"{entry_id}/{'C' if role == CREW else 'P'}/{call}",
        "entry_id": entry_id,
        "call": call,
        "role": role,
        "numbers": " ".join([str(person.number) for person, _, _ in found]),
        "exact": any(match is Match.EXACT for _, _, match in found),
        "state": OPEN,
        "compared": json.dumps([aboard, watched], ensure_ascii=False),
        "officer": "",
        "reason": "",
        "create_time": now,
        "decide_time": None,
    }


def _person(row: Any) -> Person:
    return Person(row.folded, row.name_key, row.birth_date, row.nationality_code)
