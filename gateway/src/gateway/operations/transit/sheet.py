"""Events on movements, worked out in memory and written together: one statement for each table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from gateway.domain.identifiers import Micros
from gateway.domain.transit.change import Change, Happening, Letter, OutOfSequence, Wish
from gateway.domain.transit.content import spoken_to
from gateway.domain.transit.departure import at_departure
from gateway.domain.transit.destination import at_destination
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.passing import at_transit
from gateway.domain.transit.states import Side, State
from gateway.operations.context import Context
from gateway.operations.transit.uses import wish_uses
from gateway.storage.audit import Entry, write_audit
from gateway.storage.movement_mail import Stream, post
from gateway.storage.movements import (
    Happened,
    Key,
    append_events,
    insert_movements,
    load_movements,
    update_movements,
)

DECIDE = {Side.DEPARTURE: at_departure, Side.DESTINATION: at_destination, Side.TRANSIT: at_transit}


@dataclass(slots=True)
class Sheet:
    """`now` holds movements as they stand after what has happened so far."""

    stored: Mapping[Key, Movement]
    now: dict[Key, Movement] = field(init=False)
    _events: list[tuple[Key, Happened]] = field(default_factory=list)
    _letters: list[tuple[Letter, Movement]] = field(default_factory=list)
    _wishes: dict[str, Wish] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.now = dict(self.stored)

    def enter(self, movement: Movement) -> None:
        """One that this side does not have yet."""
        self.now[Key(movement.side, movement.mrn)] = movement

    def happen(self, key: Key, said: Happening) -> State | None:
        """Works an event out; the state that it met where that forbids it."""
        before = self.now[key]
        found = DECIDE[key.side](before, said)
        if isinstance(found, OutOfSequence):
            self._refused(key, before, found, said)
            return before.state
        self.turn(key, found, said)
        return None

    def turn(self, key: Key, change: Change, said: Happening) -> None:
        """Takes a change over."""
        before = self.now[key]
        self._note(key, before, change.after, said, refused=False)
        self._letters += [(letter, change.after) for letter in change.letters]
        if change.wish is not Wish.STAYS:
            self._wishes[key.mrn] = change.wish

    def _refused(self, key: Key, before: Movement, found: OutOfSequence, said: Happening) -> None:
        if before.state is State.UNKNOWN:
            del self.now[key]
        else:
            self._note(key, before, found.marked or before, said, refused=True)

    def _note(self, key: Key, before: Movement, after: Movement, said: Happening, *, refused: bool) -> None:
        self.now[key] = after = after.changed(etag=before.etag + 1)
        told = Happened(after.etag, said.time, said.event, before.state, after.state, said.by, refused)
        self._events.append((key, told))

    @property
    def changed(self) -> list[Movement]:
        """Those to which something happened."""
        return [each for key, each in self.now.items() if self.stored.get(key) is not each]

    def write(self, connection: Connection, context: Context) -> None:
        """Stores it all. Raises Unavailable where another was faster."""
        made = [each for each in self.changed if Key(each.side, each.mrn) not in self.stored]
        pairs = [(self.stored[key], each) for key, each in self.now.items() if key in self.stored]
        insert_movements(connection, made)
        update_movements(connection, sorted(_different(pairs), key=lambda pair: (pair[0].side, pair[0].mrn)))
        append_events(connection, self._events)
        letters = [(_stream(letter, each.mrn), letter.content, each.trace) for letter, each in self._letters]
        post(connection, letters, context.lease_now(connection))
        wish_uses(connection, self._wishes, context)
        write_audit(connection, context.replica, context.now, [_entry(*each) for each in self._events])


def load_sheet(connection: Connection, keys: Iterable[Key]) -> Sheet:
    """Of these movements, their rows locked."""
    return Sheet(load_movements(connection, keys, lock=True))


def new_movement(key: Key, other: str, now: Micros, trace: str) -> Movement:
    """One of which this side knows nothing yet."""
    return Movement(key.side, key.mrn, State.UNKNOWN, other, "", "", "", b"", b"", trace, now, now)


def _different(pairs: Iterable[tuple[Movement, Movement]]) -> Sequence[tuple[Movement, Movement]]:
    return [(before, after) for before, after in pairs if before is not after]


def _stream(letter: Letter, mrn: str) -> Stream:
    return Stream(letter.district, spoken_to(letter.content), mrn)


def _entry(key: Key, happened: Happened) -> Entry:
    details = {"side": key.side.name, "state": happened.after.name, "by": happened.by, "refused": happened.refused}
    return Entry(key.mrn, f"transit {happened.event.name.lower()}", details=details)
