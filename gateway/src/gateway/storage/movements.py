"""Movements in transit, one row for each side's view. Every change is on condition of the etag that it had."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.refusals import Unavailable
from agencykit.storage.rows import Fields, insert, rows_in, run, update
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind
from gateway.domain.transit.content import ArrivalAdvice, DepartureRecord, Passages, UnloadingRemarks
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, Side, State
from gateway.storage.movement_text import from_text, to_text
from gateway.storage.tables import movement_events, movements

_COLUMNS = tuple(movements.columns.keys())
_KEY = ("side", "mrn")
_CHANGING = tuple(name for name in _COLUMNS if name not in (*_KEY, "lrn", "reference", "declarant", "create_time"))
# What an event leaves as it is, but for the one that brings the declaration: it may be two megabytes.
_STAYING = tuple(name for name in _CHANGING if name not in ("declaration", "digest"))
# What is set aside waits for somebody (domain.quarantine).
_DUE = f"""
SELECT side, mrn FROM movements AS m WHERE due_time IS NOT NULL AND due_time <= ? AND NOT EXISTS (
  SELECT 1 FROM quarantine AS q WHERE q.number = m.mrn AND q.kind = {int(Kind.MOVEMENT)} AND q.state = 1
) ORDER BY due_time LIMIT ?
"""
# In lists: without the declaration.
_LISTED = tuple(name for name in _COLUMNS if name != "declaration")
_EVENTS = """
SELECT sequence, time, event, state_before, state_after, actor, refused FROM movement_events
WHERE side = ? AND mrn = ? ORDER BY sequence
"""


class Key(NamedTuple):
    """One side's view of a movement."""

    side: Side
    mrn: str


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of a movement's history."""

    sequence: int
    time: Micros
    event: Event
    before: State
    after: State
    by: str
    refused: bool = False


def load_movements(connection: Connection, keys: Iterable[Key], *, lock: bool = False) -> dict[Key, Movement]:
    """Those that are there; their rows locked in key order where that is asked."""
    found: dict[Key, Movement] = {}
    wanted = sorted(dict.fromkeys((int(side), mrn) for side, mrn in keys))
    for row in rows_in(connection, movements, _COLUMNS, _KEY, wanted, lock="wait" if lock else ""):
        movement = _movement(row)
        found[Key(movement.side, movement.mrn)] = movement
    return found


def keys_by_reference(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Key]:
    """(declarant, LRN) -> the departure that it names."""
    rows = rows_in(
        connection, movements, ("declarant", "reference", *_KEY), ("declarant", "reference"), dict.fromkeys(wanted)
    )
    return {(declarant, reference): Key(Side(side), mrn) for declarant, reference, side, mrn in rows}


def due_movements(connection: Connection, now: Micros, most: int) -> list[Key]:
    """Those to which something happens by itself now, the longest due first."""
    return [Key(Side(side), mrn) for side, mrn in run(connection, _DUE, (now, most))]


def insert_movements(connection: Connection, made: Sequence[Movement]) -> None:
    """New ones, with etag 1 or more."""
    insert(connection, movements, [_named(each, _COLUMNS) for each in made])


def update_movements(connection: Connection, changed: Sequence[tuple[Movement, Movement]]) -> None:
    """Writes (before, after). Raises Unavailable, and nothing is written, where another was faster."""
    brought = [pair for pair in changed if pair[0].declaration is not pair[1].declaration]
    others = [pair for pair in changed if pair[0].declaration is pair[1].declaration]
    for names, pairs in ((_STAYING, others), (_CHANGING, brought)):
        rows = [(*_named(after, names), int(after.side), after.mrn, before.etag) for before, after in pairs]
        if update(connection, movements, names, (*_KEY, "etag"), rows) != len(rows):
            raise Unavailable


def append_events(connection: Connection, happened: Sequence[tuple[Key, Happened]]) -> None:
    """Rows of histories."""
    rows = [
        (*(int(key.side), key.mrn, each.sequence, each.time, each.event.name), *_moved(each)) for key, each in happened
    ]
    insert(connection, movement_events, rows)


def _moved(each: Happened) -> Fields:
    return int(each.before), int(each.after), each.by, int(each.refused)


def history(connection: Connection, key: Key) -> list[Happened]:
    """All that happened, in its order."""
    return [
        Happened(sequence, time, Event[event], State(before), State(after), by, bool(refused))
        for sequence, time, event, before, after, by, refused in run(connection, _EVENTS, (int(key.side), key.mrn))
    ]


class Filter(NamedTuple):
    """Which movements are listed. `declarant` empty: anybody's; `before`: older than (create_time, mrn, side)."""

    declarant: str
    states: tuple[int, ...]
    side: int
    other: str
    overdue: bool
    before: tuple[Micros, str, int] | None


def list_movements(connection: Connection, wanted: Filter, most: int) -> list[Movement]:
    """The newest first, without their declarations."""
    parts: list[tuple[str, Fields]] = []
    if wanted.declarant:
        parts.append(("declarant = ?", (wanted.declarant,)))
    if wanted.states:
        marks = ", ".join("?" * len(wanted.states))
        parts.append((f"state IN ({marks})", wanted.states))
    if wanted.side:
        parts.append(("side = ?", (wanted.side,)))
    if wanted.other:
        parts.append(("other = ?", (wanted.other,)))
    if wanted.overdue:
        late = (State.OVERDUE, State.STATUS_REQUESTED, State.ENQUIRY, State.RECOVERY)
        parts.append((f"state IN ({', '.join('?' * len(late))})", late))
    if wanted.before:
        parts.append(("(create_time, mrn, side) < (?, ?, ?)", wanted.before))
    where = f" WHERE {' AND '.join(text for text, _ in parts)}" if parts else ""
    text = f"SELECT {', '.join(_LISTED)} FROM movements{where} ORDER BY create_time DESC, mrn DESC, side DESC LIMIT ?"
    values = tuple(value for _, each in parts for value in each)
    return [_movement(row, _LISTED) for row in run(connection, text, (*values, most))]


def _fields(one: Movement) -> dict[str, object]:
    return {
        "side": int(one.side),
        "mrn": one.mrn,
        "state": int(one.state),
        "other": one.other,
        "office_code": one.office_code,
        "lrn": one.lrn,
        "declarant": one.declarant,
        "declaration": one.declaration,
        "digest": one.digest,
        "trace": one.trace,
        "create_time": one.create_time,
        "update_time": one.update_time,
        "departure": to_text(one.departure),
        "arrival": to_text(one.arrival),
        "remarks": to_text(one.remarks),
        "former": json.dumps(one.former),
        "via": json.dumps(one.via),
        "passages": to_text(Passages(one.passages)) if one.passages else "",
        "reason": one.reason,
        "asked": json.dumps(one.asked),
        "found": int(one.found),
        "in_conflict": int(one.conflict),
        "fraud_suspected": int(one.fraud_suspected),
        "wait_time": one.wait_time,
        "due_time": one.due_time,
        "etag": one.etag,
        "reference": _reference(one),
    }


def _reference(one: Movement) -> str:
    """Nobody declares at a destination or at offices of transit: there the number stands for the LRN."""
    if one.side is Side.DEPARTURE:
        return one.lrn
    return one.mrn if one.side is Side.DESTINATION else f"{one.mrn}/{one.side.name}"


def _named(one: Movement, names: tuple[str, ...]) -> Fields:
    fields = _fields(one)
    return tuple(fields[name] for name in names)


def _movement(row: Fields, names: tuple[str, ...] = _COLUMNS) -> Movement:
    has = dict(zip(names, row, strict=True))
    return Movement(
        side=Side(has["side"]),
        mrn=has["mrn"],
        state=State(has["state"]),
        other=has["other"],
        office_code=has["office_code"],
        lrn=has["lrn"],
        declarant=has["declarant"],
        declaration=bytes(has.get("declaration", b"")),
        digest=bytes(has["digest"]),
        trace=has["trace"],
        create_time=has["create_time"],
        update_time=has["update_time"],
        departure=from_text(DepartureRecord, has["departure"]),
        arrival=from_text(ArrivalAdvice, has["arrival"]),
        remarks=from_text(UnloadingRemarks, has["remarks"]),
        former=tuple(json.loads(has["former"])),
        via=tuple((district, office) for district, office in json.loads(has["via"])),
        passages=from_text(Passages, has["passages"]).all if has["passages"] else (),
        reason=has["reason"],
        asked=tuple(json.loads(has["asked"])),
        found=bool(has["found"]),
        conflict=bool(has["in_conflict"]),
        fraud_suspected=bool(has["fraud_suspected"]),
        wait_time=has["wait_time"],
        due_time=has["due_time"],
        etag=has["etag"],
    )
