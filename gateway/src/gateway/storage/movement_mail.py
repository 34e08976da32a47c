"""What is said to other districts about movements, and how far what they said was heard.

A stream is all that one district says to one side of another about one movement: numbered from 1 without gaps, each
taken once the one before it was. Its position stays for ever.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in, run, run_many
from gateway.domain.identifiers import Micros
from gateway.domain.transit.content import Content
from gateway.domain.transit.states import Side
from gateway.storage.movement_text import content_of, to_text
from gateway.storage.tables import movement_letters, movement_refusals, movement_streams

_LETTER = ("district", "side", "mrn", "sequence", "kind", "content", "trace", "create_time", "attempts", "reason")
_NAMES = ", ".join(_LETTER)
# `before` is how much those due earlier hold together.
_DUE = f"""
SELECT {_NAMES}, set_aside FROM (
    SELECT *, SUM(LENGTH(content)) OVER (ORDER BY due_time, side, mrn) - LENGTH(content) AS before FROM (
        SELECT * FROM movement_letters
        WHERE due_time IS NOT NULL AND district = ? AND due_time <= ? ORDER BY due_time, side, mrn LIMIT ?
    ) AS first
) AS counted WHERE before < ? ORDER BY due_time, side, mrn
"""
_WAITING = f"SELECT {_NAMES}, set_aside FROM movement_letters WHERE mrn = ? ORDER BY district, side, sequence"
_GONE = "DELETE FROM movement_letters WHERE district = ? AND side = ? AND mrn = ? AND sequence = ?"
# The next of a stream whose first is gone.
_NEXT = """
UPDATE movement_letters SET due_time = ? WHERE district = ? AND side = ? AND mrn = ? AND sequence = ?
"""
_PUT_OFF = """
UPDATE movement_letters SET attempts = ?, reason = ?, set_aside = ?, due_time = ?
WHERE district = ? AND side = ? AND mrn = ? AND sequence = ?
"""
_REQUEUE = """
UPDATE movement_letters SET attempts = 0, set_aside = 0, due_time = ? WHERE mrn = ? AND set_aside = 1
"""
_TRY_AGAIN = """
UPDATE movement_letters SET attempts = 0, set_aside = 0, due_time = ?
WHERE district = ? AND side = ? AND mrn = ? AND sequence = ? AND set_aside = 1
"""


class Direction(IntEnum):
    """Of a stream."""

    SAID = 1
    HEARD = 2


class Stream(NamedTuple):
    """`district` is the other one; `side` the one that is spoken to."""

    district: str
    side: Side
    mrn: str


@dataclass(frozen=True, slots=True)
class Posted:
    """One letter of a stream."""

    stream: Stream
    sequence: int
    # None: what is stored, by another version of the gateway, cannot be read.
    content: Content | None
    trace: str
    create_time: Micros
    attempts: int = 0
    reason: str = ""
    set_aside: bool = False
    # Name of its kind, and its content as it is stored.
    kind: str = ""
    text: str = ""


def positions(connection: Connection, direction: Direction, streams: Iterable[Stream]) -> dict[Stream, int]:
    """How far each has come; 0 where nothing was said."""
    keys = sorted(dict.fromkeys((int(direction), *_key(each)) for each in streams))
    columns = ("district", "side", "mrn", "sequence")
    rows = rows_in(connection, movement_streams, columns, ("direction", "district", "side", "mrn"), keys, lock="wait")
    found = {Stream(district, Side(side), mrn): int(sequence) for district, side, mrn, sequence in rows}
    return {Stream(district, Side(side), mrn): 0 for _, district, side, mrn in keys} | found


def store_positions(connection: Connection, direction: Direction, reached: dict[Stream, int]) -> None:
    """Moves streams on."""
    rows = [(int(direction), *_key(stream), place) for stream, place in sorted(reached.items())]
    insert(connection, movement_streams, rows, on_conflict="replace")


def post(connection: Connection, letters: Sequence[tuple[Stream, Content, str]], now: Micros) -> None:
    """Says something, each with the trace of its movement: due at once where nothing of its stream waits."""
    reached = positions(connection, Direction.SAID, [stream for stream, _, _ in letters])
    waiting = _waiting_streams(connection, reached)
    rows = []
    for stream, content, trace in letters:
        reached[stream] += 1
        due = None if stream in waiting else now
        waiting.add(stream)
        rows.append(
            (*_key(stream), reached[stream], type(content).__name__, to_text(content), trace, now, 0, "", 0, due)
        )
    insert(connection, movement_letters, rows)
    store_positions(connection, Direction.SAID, reached)


def _waiting_streams(connection: Connection, streams: Collection[Stream]) -> set[Stream]:
    keys = [_key(each) for each in streams]
    columns = ("district", "side", "mrn")
    rows = rows_in(connection, movement_letters, columns, columns, keys)
    return {Stream(district, Side(side), mrn) for district, side, mrn in rows}


def due_letters(connection: Connection, district: str, now: Micros, most: int, characters: int) -> list[Posted]:
    """To one district: of each stream the first, the longest due before others, until they hold so much."""
    return [_posted(row) for row in run(connection, _DUE, (district, now, most, characters))]


def waiting_letters(connection: Connection, mrn: str) -> list[Posted]:
    """About one movement, to whomever."""
    return [_posted(row) for row in run(connection, _WAITING, (mrn,))]


def receipted(connection: Connection, letters: Sequence[Posted], now: Micros) -> None:
    """They are gone, and the next of their streams are due."""
    keys = [(*_key(each.stream), each.sequence) for each in letters]
    run_many(connection, _GONE, keys)
    run_many(connection, _NEXT, [(now, *key[:3], key[3] + 1) for key in keys])


def put_off(connection: Connection, letters: Sequence[tuple[Posted, str, Micros | None]]) -> None:
    """(letter, why, when it is tried again): None sets it aside, and its stream stops."""
    rows = [
        (each.attempts + 1, reason, int(due is None), due, *_key(each.stream), each.sequence)
        for each, reason, due in letters
    ]
    run_many(connection, _PUT_OFF, rows)


def requeue(connection: Connection, mrn: str, now: Micros) -> None:
    """What was set aside of a movement is tried again."""
    run_many(connection, _REQUEUE, [(now, mrn)])


def requeue_letters(connection: Connection, aside: Iterable[tuple[Stream, int]], now: Micros) -> None:
    """These letters of streams, by sequence, are tried again."""
    run_many(connection, _TRY_AGAIN, [(now, *_key(stream), sequence) for stream, sequence in aside])


def refused_before(connection: Connection, heard: Collection[tuple[Stream, int]]) -> dict[tuple[Stream, int], str]:
    """(stream, sequence) -> state that it met; of those that were refused."""
    keys = [(*_key(stream), sequence) for stream, sequence in heard]
    columns = ("district", "side", "mrn", "sequence")
    rows = rows_in(connection, movement_refusals, (*columns, "state_met"), columns, keys)
    return {(Stream(row[0], Side(row[1]), row[2]), int(row[3])): row[4] for row in rows}


def store_refusals(connection: Connection, refused: Sequence[tuple[Stream, int, str]]) -> None:
    """What was refused, with the state that it met."""
    rows = [(*_key(stream), sequence, state) for stream, sequence, state in refused]
    insert(connection, movement_refusals, rows, on_conflict="ignore")


def _key(stream: Stream) -> tuple[str, int, str]:
    return stream.district, int(stream.side), stream.mrn


def _posted(row: Fields) -> Posted:
    district, side, mrn, sequence, kind, content, trace, create_time, attempts, reason, set_aside = row
    stream = Stream(district, Side(side), mrn)
    said: Content | None = None
    with suppress(ValueError, KeyError):
        said = content_of(kind, content)
    return Posted(stream, sequence, said, trace, create_time, attempts, reason, bool(set_aside), kind, content)
