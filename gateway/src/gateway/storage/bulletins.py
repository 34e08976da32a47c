"""Bulletins as they are kept: inserted once. Positions grow without gaps in the order of commits."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in, run
from gateway.domain.bulletin import Bulletin, Kind, Words
from gateway.domain.identifiers import Micros
from gateway.storage.tables import bulletin_positions, bulletins

_COLUMNS = (
    *("number", "version", "position", "district", "publisher", "kind", "words", "agencies", "commitments"),
    *("effective_time", "until_time", "withdrawal", "publish_time"),
)
_SELECT = f"SELECT {', '.join(f'b.{name}' for name in _COLUMNS)} FROM bulletins AS b"
_TAKE = "UPDATE counters SET value = value + ? WHERE name = ? RETURNING value"
_NEWEST = "SELECT value FROM counters WHERE name = 'bulletins'"
_CURRENT = "NOT EXISTS (SELECT 1 FROM bulletins AS n WHERE n.number = b.number AND n.version > b.version)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which bulletins a list is about; what is empty is all."""

    district: str = ""
    # Its publisher, or one that it concerns.
    agency: str = ""
    kinds: tuple[int, ...] = ()
    # Neither withdrawn nor over by then.
    standing: Micros | None = None


def lock_bulletins(connection: Connection) -> None:
    """Nobody else adds one until this transaction ends."""
    run(connection, _TAKE, (0, "bulletins"))


def take_positions(connection: Connection, count: int) -> int:
    """The first of so many positions. Whoever calls holds the list."""
    [(last,)] = run(connection, _TAKE, (count, "bulletins"))
    return int(last) - count + 1


def take_serial(connection: Connection) -> int:
    """Serial of a new bulletin of this district."""
    [(serial,)] = run(connection, _TAKE, (1, "bulletin numbers"))
    return int(serial)


def newest_position(connection: Connection) -> int:
    """Of all that is known here."""
    [(position,)] = run(connection, _NEWEST)
    return int(position)


def insert_bulletins(connection: Connection, published: Sequence[Bulletin]) -> None:
    """New versions."""
    rows: list[Fields] = []
    for each in published:
        words = json.dumps([[w.title, *w.paragraphs] for w in (each.zh, each.en)], ensure_ascii=False)
        concerned = (_listed(each.agencies), _listed(each.commitments))
        head = (each.number, each.version, each.position, each.district, each.publisher, int(each.kind))
        times = (each.effective_time, each.until_time, int(each.withdrawal), each.publish_time)
        rows.append((*head, words, *concerned, *times))
    insert(connection, bulletins, rows, columns=_COLUMNS)


def versions_of(connection: Connection, numbers: Iterable[str]) -> dict[str, list[Bulletin]]:
    """Number -> all its versions, the newest first; numbers that are not known are left out."""
    found: dict[str, list[Bulletin]] = {}
    for row in rows_in(connection, bulletins, _COLUMNS, ("number",), dict.fromkeys(numbers)):
        found.setdefault(row[0], []).append(_bulletin(row))
    return {number: sorted(each, key=lambda one: -one.version) for number, each in found.items()}


def bulletins_after(connection: Connection, position: int, limit: int, district: str = "") -> list[Bulletin]:
    """The next ones of the list, of one district where it is named."""
    text = f"{_SELECT} WHERE b.position > ? AND (? = '' OR b.district = ?) ORDER BY b.position LIMIT ?"
    return [_bulletin(row) for row in run(connection, text, (position, district, district, limit))]


def current_bulletins(connection: Connection, wanted: Wanted, before: int | None, limit: int) -> list[Bulletin]:
    """Current versions, the newest first, from below a position."""
    text, parameters = f"{_SELECT} WHERE {_CURRENT}", list[Any]()
    if before is not None:
        text, parameters = f"{text} AND b.position < ?", [before]
    if wanted.district:
        text, parameters = f"{text} AND b.district = ?", [*parameters, wanted.district]
    if wanted.agency:
        # Names stand between spaces; one that names nobody concerns all.
        text = f"{text} AND (b.publisher = ? OR b.agencies = '' OR b.agencies LIKE ?)"
        parameters += [wanted.agency, f"% {wanted.agency} %"]
    if wanted.kinds:
        text = f"{text} AND b.kind IN ({', '.join(str(int(kind)) for kind in wanted.kinds)})"
    if wanted.standing is not None:
        text = f"{text} AND b.withdrawal = 0 AND (b.until_time IS NULL OR b.until_time > ?)"
        parameters += [wanted.standing]
    rows = run(connection, f"{text} ORDER BY b.position DESC LIMIT ?", (*parameters, limit))
    return [_bulletin(row) for row in rows]


def read_position(connection: Connection, district: str) -> int:
    """How far a partner's list was read."""
    rows = rows_in(connection, bulletin_positions, ("position",), ("district",), [district])
    return int(rows[0][0]) if rows else 0


def keep_position(connection: Connection, district: str, position: int) -> None:
    """It was read so far."""
    insert(connection, bulletin_positions, [(district, position)], "replace")


def _bulletin(row: Fields) -> Bulletin:
    number, version, position, district, publisher, kind, words, agencies, commitments, *rest = row
    (zh_title, *zh), (en_title, *en) = json.loads(words)
    effective, until, withdrawal, published = rest
    return Bulletin(
        *(number, version, district, publisher, Kind(kind), Words(zh_title, tuple(zh)), Words(en_title, tuple(en))),
        *(effective, until, tuple(agencies.split()), tuple(commitments.split()), bool(withdrawal), published, position),
    )


def _listed(names: Sequence[str]) -> str:
    return f" {' '.join(names)} " if names else ""
