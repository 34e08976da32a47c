"""What border's database knows about a batch of consignments: one query for each table, never one for each item."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row

from agencykit.storage.bulk import select_in
from agencykit.storage.times import from_micros
from border.domain.consignment import ConsignmentView, Direction
from border.domain.facts import Announcement, EntryFormalities, Facts, Formalities, Hit, Permit
from border.domain.identifiers import look_alike
from border.storage.reference import Lists
from border.storage.tables import (
    announcements,
    crew_lists,
    departures,
    entry_formalities,
    inspections,
    permits,
    watch_cases,
    watch_entries,
)

CONVEYANCE, PARTY = 1, 2
"""Kinds of watch-list entries; numbers are the contract's, as below."""
CREW, PASSENGER = 1, 2
CLEARED, CONFIRMED = 2, 3
ARRIVAL = 1

ENTRIES_KEPT = 4096

Hits = Mapping[str, Sequence[tuple[str, str]]]
"""Look-alike form -> (entry, folded subject) of the entries that bear it."""


@dataclass(frozen=True)
class FactsReader:
    """`load_facts` of border: the lists it goes by, and the database at the moment of deciding."""

    lists: Lists

    def __call__(self, connection: Connection, views: Sequence[ConsignmentView], now: datetime) -> list[Facts]:
        """Facts for each view, in the views' order."""
        calls = {view.call for view in views if view.conveyance}
        announced = _announcements(connection, calls)
        listed = {row.call for row in select_in(connection, [crew_lists.c.call], crew_lists.c.call, calls)}
        sailed = _sailed(connection, calls - {view.call for view in views if view.direction == Direction.IMPORT})
        permitted = _permits(connection, calls, sailed)
        crew_hits, passenger_hits = _person_hits(connection, calls)
        arriving = {view.call for view in views if view.conveyance and view.direction == Direction.IMPORT}
        inspected = _inspected(connection, arriving)
        entered = _entered(connection, arriving, inspected)
        watched = _watched(connection, views)
        nothing = Formalities()
        return [
            Facts(
                formalities=self.lists.formalities.get(view.mode, nothing),
                nationality_known=not view.nationality_code or view.nationality_code in self.lists.countries,
                announcement=announced.get((view.call, view.direction)),
                crew_listed=view.call in listed,
                permit=permitted.get((view.call, view.direction)),
                conveyance_hits=_hits(watched, CONVEYANCE, (view.conveyance,)) if watched else (),
                party_hits=_hits(watched, PARTY, view.parties) if watched else (),
                crew_hits=crew_hits.get(view.call, ()) if crew_hits else (),
                passenger_hits=passenger_hits.get(view.call, ()) if passenger_hits else (),
                inspected=row.passed if (row := inspected.get((view.call, view.direction))) else None,
                entry=entered.get((view.call, view.direction)),
            )
            for view in views
        ]


def _announcements(connection: Connection, calls: Iterable[str]) -> dict[tuple[str, int], Announcement]:
    """By call and movement; a movement's number is that of the direction it serves."""
    rows = select_in(connection, announcements, announcements.c.call, calls)
    return {(row.call, row.movement): _announcement(row) for row in rows}


# What reads as it did before is the object it was before: hundreds of consignments lie on one ship.
@lru_cache(maxsize=ENTRIES_KEPT)
def _announcement(row: Row[tuple[object, ...]]) -> Announcement:
    dangerous_goods = frozenset(row.dangerous_goods.split())
    return Announcement(from_micros(row.announce_time), from_micros(row.expected_time), dangerous_goods)


def _permits(connection: Connection, calls: Iterable[str], sailed: Mapping[str, int]) -> dict[tuple[str, int], Permit]:
    """By call and movement: who may come may not leave for that. Only what leaves sails."""
    rows = select_in(connection, permits, permits.c.call, calls)
    return {
        (row.call, row.movement): _permit(row, sailed.get(row.call) if row.movement != ARRIVAL else None)
        for row in rows
    }


@lru_cache(maxsize=ENTRIES_KEPT)
def _permit(row: Row[tuple[object, ...]], departed: int | None) -> Permit:
    """The harbour's record of sailing prevails over what was said with the permit."""
    moment = row.sail_time if departed is None else departed
    sailed = None if moment is None else from_micros(moment)
    return Permit(from_micros(row.grant_time), bool(row.revoked), sailed)


def _watched(connection: Connection, views: Sequence[ConsignmentView]) -> dict[int, Hits]:
    """Entries that conveyances and parties of the batch meet, by kind; empty when none is met."""
    looks = {look_alike(folded) for view in views for folded in (view.conveyance, *view.parties) if folded}
    watched: dict[int, dict[str, list[tuple[str, str]]]] = {}
    for row in select_in(connection, watch_entries, watch_entries.c.look_alike, looks):
        if not row.lifted:
            of_kind = watched.setdefault(row.kind, defaultdict(list))
            of_kind[row.look_alike].append((row.id, row.folded))
    return dict(watched)


def _hits(watched: Mapping[int, Hits], kind: int, subjects: Iterable[str]) -> tuple[Hit, ...]:
    of_kind = watched.get(kind, {})
    hits = {
        Hit(entry, folded == subject) for subject in subjects for entry, folded in of_kind.get(look_alike(subject), ())
    }
    return _in_order(hits)


def _person_hits(connection: Connection, calls: Iterable[str]) -> tuple[dict[str, tuple[Hit, ...]], ...]:
    """Cases that are not cleared, of crews and of passengers, by call. One who was confirmed is met exactly."""
    hits: dict[int, dict[str, set[Hit]]] = {CREW: defaultdict(set), PASSENGER: defaultdict(set)}
    columns = [watch_cases.c[name] for name in ("call", "role", "entry_id", "exact", "state")]
    for row in select_in(connection, columns, watch_cases.c.call, calls):
        if row.state != CLEARED:
            hits[row.role][row.call].add(Hit(row.entry_id, row.exact or row.state == CONFIRMED))
    return tuple({call: _in_order(met) for call, met in of_role.items()} for of_role in hits.values())


def _inspected(connection: Connection, calls: Iterable[str]) -> dict[tuple[str, int], Any]:
    """Rows of inspections on arrival, by call and movement."""
    rows = select_in(connection, inspections, inspections.c.call, calls)
    return {(row.call, ARRIVAL): row for row in rows if row.movement == ARRIVAL}


def _entered(
    connection: Connection, calls: Iterable[str], inspected: Mapping[tuple[str, int], Any]
) -> dict[tuple[str, int], EntryFormalities]:
    """Conveyances that have come, by call and movement: by the harbour's record, else because border was aboard."""
    rows = select_in(connection, entry_formalities, entry_formalities.c.call, calls)
    boarded = {key: _entry(row.inspect_time, None) for key, row in inspected.items()}
    return boarded | {(row.call, ARRIVAL): _entry(row.arrive_time, row.complete_time) for row in rows}


@lru_cache(maxsize=ENTRIES_KEPT)
def _entry(arrived: int, completed: int | None) -> EntryFormalities:
    return EntryFormalities(from_micros(arrived), None if completed is None else from_micros(completed))


def _sailed(connection: Connection, calls: Iterable[str]) -> dict[str, int]:
    """When conveyances sailed, by the harbour's record."""
    return {row.call: row.sail_time for row in select_in(connection, departures, departures.c.call, calls)}


def _in_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """By entry and exact ones first, so that the same facts always give the same decision."""
    return tuple(sorted(hits, key=lambda hit: (hit.entry_id, not hit.exact)))
