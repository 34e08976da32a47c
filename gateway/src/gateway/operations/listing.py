"""Reads that find cases: by reference, in pages, and as they change. Each sees one state of the database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway.domain.clock import OVER
from gateway.domain.identifiers import Micros
from gateway.domain.states import LEFT, State
from gateway.operations.views import View, load_views
from gateway.storage.changes import last_change
from gateway.storage.listing import Filter, changed_numbers, number_by_reference, page_of_numbers
from gateway.storage.snapshot import begin_snapshot

# States in which a commitment clock goes on.
GOING_ON = tuple(sorted(set(State) - LEFT - OVER))
# Where a page begins: (create time, number) of the last case before it.
Key = tuple[Micros, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Cases, newest first, and where the next page begins; None on the last."""

    views: list[View]
    next_key: Key | None


# Candidates read at once where a page must be sifted.
SIFTED = 256


def find(connection: Connection, number: str, broker: str, reference: str, now: Micros) -> View | None:
    """One case by its number, or by a broker's reference where the number is empty, with its clock at `now`."""
    begin_snapshot(connection)
    found = number or number_by_reference(connection, broker, reference)
    views = load_views(connection, [found], consignments=True, clocks_at=now) if found else []
    return views[0] if views else None


def several(connection: Connection, numbers: Sequence[str]) -> list[View]:
    """Cases by their numbers, whole; a number that is not known is left out."""
    begin_snapshot(connection)
    return load_views(connection, numbers, consignments=True)


def page(connection: Connection, wanted: Filter, after: Key | None, size: int, clocks_at: Micros | None) -> Page:
    """The next page; one more is looked for, to know whether there is another."""
    begin_snapshot(connection)
    keys = page_of_numbers(connection, wanted, after, size + 1)
    views = load_views(connection, [number for _, number in keys[:size]], consignments=False, clocks_at=clocks_at)
    return Page(views, keys[size - 1] if len(keys) > size else None)


def overdue_page(connection: Connection, wanted: Filter, after: Key | None, size: int, now: Micros) -> Page:
    """The next page of those whose promise has run out at `now` although they go on.

    The query finds who was accepted long enough ago; their clocks, which it cannot read, tell who is late.
    """
    begin_snapshot(connection)
    late = replace(wanted, states=tuple(set(wanted.states or GOING_ON) & set(GOING_ON)), promised_before=now)
    found: list[View] = []
    more = bool(late.states)
    while more and len(found) <= size:
        keys = page_of_numbers(connection, late, after, SIFTED)
        views = load_views(connection, [number for _, number in keys], consignments=False, clocks_at=now)
        found += [view for view in views if view.clock is not None and view.clock.late]
        more = len(keys) == SIFTED
        after = keys[-1] if keys else after
    last = found[size - 1].case if len(found) > size else None
    return Page(found[:size], (last.create_time, last.number) if last is not None else None)


@dataclass(frozen=True, slots=True)
class Changes:
    """Cases that changed, as they stand, and the change up to which they are told."""

    views: list[View]
    reached: int


def changes(connection: Connection, wanted: Filter, after: int | None, size: int) -> Changes:
    """What changed after `after`, oldest first; from now on where it is None."""
    begin_snapshot(connection)
    if after is None:
        return Changes([], last_change(connection))
    newest = last_change(connection)
    found = changed_numbers(connection, wanted, after, size)
    views = load_views(connection, [number for _, number in found], consignments=False)
    # Fewer than asked for: nothing up to the newest change is left out, so the next look begins there.
    return Changes(views, found[-1][0] if len(found) == size else max(newest, after))
