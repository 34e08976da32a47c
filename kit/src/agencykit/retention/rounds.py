"""Finding what is past its period, counting and removing it. Keys travel as one parameter, as in `storage.rows`."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from agencykit.retention.declared import Key, Removed, Subject, Tally
from agencykit.storage.rows import Fields, change, for_update, run


def due(connection: Connection, subject: Subject, before: int, after: Key | None, most: int) -> list[Key]:
    """The next keys past their period, in their order; `after` is the last one known."""
    names = ", ".join(subject.key)
    parameters: Fields = (before,) * subject.over.count("?")
    where = f"({subject.over})"
    if after is not None:
        marks = ", ".join("?" * len(after))
        where, parameters = f"{where} AND ({names}) > ({marks})", (*parameters, *after)
    text = f"SELECT {names} FROM {subject.source} WHERE {where} ORDER BY {names} LIMIT ?"
    return run(connection, text, (*parameters, most))


def still_due(connection: Connection, subject: Subject, before: int, keys: Sequence[Key]) -> list[Key]:
    """Those of the keys that still are, locked: something may have happened to one since it was found."""
    if subject.lock is not None:
        subject.lock(connection, keys)
    alias = subject.source.rpartition(" ")[2]
    among, given = _among(connection, subject.key, keys)
    text = f"SELECT {', '.join(subject.key)} FROM {subject.source} WHERE {among} AND ({subject.over})"
    parameters = (*given, *(before,) * subject.over.count("?"))
    return sorted(run(connection, text + for_update(connection, f" FOR UPDATE OF {alias}"), parameters))


def counted(connection: Connection, subject: Subject, keys: Sequence[Key], tally: Tally) -> None:
    """What would go with them."""
    for each in subject.removed:
        if found := each.keys(keys):
            among, given = _among(connection, each.columns, found)
            text = f"SELECT count(*) FROM {each.table} WHERE {among}{_not_empty(each)}"
            [(count,)] = run(connection, text, (*given, *each.emptied.values()))
            tally.add(each.table, int(count))


def removed(connection: Connection, subject: Subject, keys: Sequence[Key], tally: Tally) -> None:
    """Removes all that goes with them."""
    if subject.before is not None:
        subject.before(connection, keys, tally)
    for each in subject.removed:
        if found := each.keys(keys):
            tally.add(each.table, _remove(connection, each, found))


def _remove(connection: Connection, each: Removed, keys: Sequence[Key]) -> int:
    among, given = _among(connection, each.columns, keys)
    if not each.emptied:
        return change(connection, f"DELETE FROM {each.table} WHERE {among}", given)
    settings, values = ", ".join(f"{name} = ?" for name in each.emptied), tuple(each.emptied.values())
    text = f"UPDATE {each.table} SET {settings} WHERE {among}{_not_empty(each)}"
    return change(connection, text, (*values, *given, *values))


def _not_empty(each: Removed) -> str:
    """What was emptied before is not counted again."""
    return f" AND ({' OR '.join(f'{name} <> ?' for name in each.emptied)})" if each.emptied else ""


def _among(connection: Connection, columns: Sequence[str], keys: Sequence[Key]) -> tuple[str, Fields]:
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        parts = ", ".join(f"value ->> {place}" for place in range(len(columns)))
        return f"({names}) IN (SELECT {parts} FROM json_each(?))", (json.dumps(list(keys)),)
    lists: list[list[Any]] = [list(column) for column in zip(*keys, strict=True)]
    types = ", ".join(f"?::{'bigint' if isinstance(column[0], int) else 'text'}[]" for column in lists)
    return f"({names}) IN (SELECT * FROM unnest({types}))", tuple(lists)
