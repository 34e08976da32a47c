"""Items that were set aside: noted in the transaction that gives them up, and again in the one that takes them up."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.storage.rows import Fields, insert, rows_in, run, run_many
from gateway.domain.case import AskState, Case
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import MOST_BYTES, Item, Kind, Poison, Standing
from gateway.storage.tables import quarantine

_COLUMNS = tuple(quarantine.columns.keys())
_NAMES = ", ".join(_COLUMNS)
_SETTLE = "UPDATE quarantine SET state = 3 WHERE id = ? AND state < 3"
_OVERTAKEN = "UPDATE quarantine SET state = 3 WHERE id = ? AND state = 1"
_REQUEUE = """
UPDATE quarantine SET state = 2, requeues = requeues + 1, requeuer = ?, requeue_reason = ?, request_id = ?,
  requeue_time = ?
WHERE id = ? AND state = 1
"""


class Filter(NamedTuple):
    """What is asked for; 0 and empty mean any. `every`: also what is no longer set aside."""

    kind: int = 0
    party: str = ""
    number: str = ""
    every: bool = False


def note_poison(connection: Connection, poison: Sequence[Poison], now: Micros) -> list[Item]:
    """Sets items aside; of one that was before, tries are counted on. Returns them as they stand."""
    found = load_items(connection, [each.id for each in poison], lock=True)
    items = [_again(found[each.id], each, now) if each.id in found else _item(each, now) for each in poison]
    insert(connection, quarantine, [_row(each) for each in items], on_conflict="replace")
    return items


def note_questions(connection: Connection, changed: Iterable[tuple[Case, Case]]) -> None:
    """Keeps what stands here of questions to agencies as the cases (before, after) have it."""
    gone: list[str] = []
    for before, after in changed:
        if before.asks is after.asks:
            continue
        were, are = _questions(before), _questions(after)
        if were.keys() != are.keys():
            gone += were.keys() - are.keys()
            note_poison(connection, [are[key] for key in sorted(are.keys() - were.keys())], after.update_time)
    # What somebody has asked again stays so.
    run_many(connection, _OVERTAKEN, [(each,) for each in sorted(gone)])


def _questions(case: Case) -> dict[str, Poison]:
    """By id."""
    asks = [ask for ask in case.asks if ask.state is AskState.SET_ASIDE]
    found = [
        Poison(
            *(Kind.QUESTION, ask.agency, case.number, f"{ask.purpose} {ask.version}", ask.park_reason),
            *(max(ask.refusals, 1), case.trace),
        )
        for ask in asks
    ]
    return {each.id: each for each in found}


def settle(connection: Connection, ids: Sequence[str]) -> None:
    """They are no longer to be worked on, or have gone through."""
    run_many(connection, _SETTLE, [(each,) for each in ids])


def take_up(connection: Connection, number: str, kinds: Sequence[Kind], by: str, reason: str, now: Micros) -> list[str]:
    """What is set aside of these kinds of one case or movement is tried again; returns which that were."""
    rows = rows_in(connection, quarantine, ("id", "state"), ("number", "kind"), [(number, int(kind)) for kind in kinds])
    ids = sorted(id for id, state in rows if state == Standing.SET_ASIDE)
    requeue_items(connection, ids, by, reason, "", now)
    return ids


def requeue_items(
    connection: Connection, ids: Sequence[str], by: str, reason: str, request_id: str, now: Micros
) -> None:
    """They are to be tried again."""
    run_many(connection, _REQUEUE, [(by, reason, request_id, now, each) for each in ids])


def load_items(connection: Connection, ids: Iterable[str], *, lock: bool = False) -> dict[str, Item]:
    """By id. `lock` keeps them until the end of the transaction."""
    keys = dict.fromkeys(ids)
    rows = rows_in(connection, quarantine, _COLUMNS, ("id",), keys, lock="wait" if lock else "")
    return {row[0]: _read(row) for row in rows}


def set_aside_of(connection: Connection, kind: Kind, numbers: Iterable[str]) -> set[str]:
    """Those of which something of this kind is set aside."""
    keys = [(number, int(kind)) for number in dict.fromkeys(numbers)]
    rows = rows_in(connection, quarantine, ("number", "state"), ("number", "kind"), keys)
    return {number for number, state in rows if state == Standing.SET_ASIDE}


def requeued(connection: Connection, kind: Kind, party: str, most: int) -> list[Item]:
    """What is to be tried again of one party, with its content: the earliest first."""
    text = f"""
SELECT {_NAMES} FROM quarantine WHERE state = 2 AND kind = ? AND party = ? ORDER BY first_time, id LIMIT ?
"""
    return [_read(row) for row in run(connection, text, (int(kind), party, most))]


def requeued_parties(connection: Connection, kinds: Sequence[Kind]) -> list[tuple[Kind, str]]:
    """(kind, party) of all that is to be tried again, of these kinds."""
    marks = ", ".join("?" for _ in kinds)
    text = f"SELECT DISTINCT kind, party FROM quarantine WHERE state = 2 AND kind IN ({marks}) ORDER BY kind, party"
    return [(Kind(kind), party) for kind, party in run(connection, text, tuple(map(int, kinds)))]


def page_of_items(connection: Connection, wanted: Filter, after: tuple[Micros, str], size: int) -> list[Item]:
    """The next ones, the oldest first, without their content."""
    where, parameters = _where(wanted)
    text = f"""
SELECT {_NAMES} FROM quarantine WHERE {where} AND (first_time > ? OR (first_time = ? AND id > ?))
ORDER BY first_time, id LIMIT ?
"""
    rows = run(connection, text, (*parameters, after[0], after[0], after[1], size))
    return [replace(_read(row), content=b"") for row in rows]


def requeued_by(connection: Connection, request_id: str) -> list[Item]:
    """Those that this request had tried again, without their content."""
    text = f"SELECT {_NAMES} FROM quarantine WHERE request_id = ? ORDER BY first_time, id"
    return [replace(_read(row), content=b"") for row in run(connection, text, (request_id,))]


def count_set_aside(connection: Connection) -> int:
    """How many are, of any kind and party."""
    [(count,)] = run(connection, "SELECT count(*) FROM quarantine WHERE state = 1")
    return int(count)


def _where(wanted: Filter) -> tuple[str, Fields]:
    parts, parameters = ["1 = 1" if wanted.every else "state = 1"], []
    for name, value in (("kind", wanted.kind), ("party", wanted.party), ("number", wanted.number)):
        if value:
            parts.append(f"{name} = ?")
            parameters.append(value)
    return " AND ".join(parts), tuple(parameters)


def _item(poison: Poison, now: Micros) -> Item:
    content = poison.content
    return Item(
        id=poison.id,
        kind=poison.kind,
        party=poison.party,
        number=poison.number,
        subject=poison.subject,
        state=Standing.SET_ASIDE,
        reason=poison.reason,
        tries=poison.tries,
        first_time=now,
        last_time=now,
        trace=poison.trace,
        digest=hashlib.sha256(content).digest() if content else b"",
        size=len(content),
        content=content[:MOST_BYTES],
    )


def _again(item: Item, poison: Poison, now: Micros) -> Item:
    tries = item.tries + poison.tries
    return replace(item, state=Standing.SET_ASIDE, reason=poison.reason, tries=tries, last_time=now)


def _row(item: Item) -> Fields:
    return (
        *(item.id, int(item.kind), item.party, item.number, item.subject, int(item.state), item.reason, item.tries),
        *(item.first_time, item.last_time, item.trace, item.digest, item.size, item.content),
        *(item.requeues, item.requeuer, item.requeue_reason, item.request_id, item.requeue_time),
    )


def _read(row: Fields) -> Item:
    id, kind, party, number, subject, state, reason, tries, first, last, trace, digest, size, content, *rest = row
    said = (id, Kind(kind), party, number, subject, Standing(state), reason, tries, first, last, trace)
    return Item(*said, bytes(digest), size, bytes(content), *rest)
