"""Many rows at a time, as plain tuples, by the driver's own cursor inside SQLAlchemy's transaction.

Measured on SQLite: a statement costs 57 µs through SQLAlchemy and 5 µs so, and a lone assessment takes some twenty.
Texts are made once. A list of keys travels as one parameter, as JSON on SQLite and as arrays on PostgreSQL: as single
parameters it would make a text of its own for each length, which neither driver nor database remembers.

Values are what the driver takes and gives: int, float, str, bytes, bool (on SQLite 0 and 1), None. Times: `to_micros`.
"""

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Literal, cast

from sqlalchemy import Connection, Integer, Table
from sqlalchemy.exc import DBAPIError

Fields = tuple[Any, ...]
OnConflict = Literal["", "ignore", "replace"]
Lock = Literal["", "wait", "skip"]

# Rows in one statement, where one statement for all is not to be had.
CHUNKS = (32, 8)


def run(connection: Connection, text: str, parameters: Fields = ()) -> list[Fields]:
    """Runs a statement in which `?` marks a parameter; its rows, if it has any."""
    cursor = execute(connection, text, parameters)
    return cast(list[Fields], cursor.fetchall()) if cursor.description else []


def change(connection: Connection, text: str, parameters: Fields = ()) -> int:
    """Runs a statement without rows; returns how many rows it changed."""
    return int(execute(connection, text, parameters).rowcount)


def run_many(connection: Connection, text: str, rows: Sequence[Fields]) -> int:
    """Runs a statement once for each row of parameters; returns how many rows it changed. No rows is no statement."""
    return int(execute(connection, text, rows, many=True).rowcount) if rows else 0


def execute(connection: Connection, text: str, parameters: Sequence[Any], *, many: bool = False) -> Any:
    """The driver's cursor after the statement. Every statement of this module passes here."""
    dialect = connection.dialect
    if dialect.name != "sqlite":
        text = _marked(text)
    cursor = connection.connection.cursor()
    try:
        (cursor.executemany if many else cursor.execute)(text, parameters)
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(None, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error
    return cursor


@lru_cache(maxsize=512)
def _marked(text: str) -> str:
    return text.replace("?", "%s")


def for_update(connection: Connection, how: str = " FOR UPDATE") -> str:
    """Locks what is read until the end of the transaction; on SQLite the writer is alone anyway."""
    return "" if connection.dialect.name == "sqlite" else how


def rows_in(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    key: Sequence[str],
    keys: Collection[Any],
    *,
    lock: Lock = "",
) -> list[Fields]:
    """Rows whose key is among `keys`: tuples, or plain values where the key is one column. No keys is no query.

    Each key must be there once. `lock` keeps the rows until the end of the transaction, taken in the order of the key's
    first column; `skip` passes over those that another holds.
    """
    if not keys:
        return []
    dialect = connection.dialect.name
    text = _select_text(table, tuple(columns), tuple(key), dialect, lock)
    return run(connection, text, _parameters(keys, len(key), dialect))


def _parameters(keys: Collection[Any], width: int, dialect: str) -> Fields:
    if dialect == "sqlite":
        return (json.dumps(list(keys)),)
    return (list(keys),) if width == 1 else tuple(list(column) for column in zip(*keys, strict=True))


@lru_cache(maxsize=512)
def _select_text(table: Table, columns: tuple[str, ...], key: tuple[str, ...], dialect: str, lock: Lock) -> str:
    names = ", ".join(f"t.{name}" for name in columns)
    if dialect == "sqlite":
        parts = ["k.value"] if len(key) == 1 else [f"k.value ->> {place}" for place in range(len(key))]
        # CROSS JOIN makes SQLite walk the keys and look each up, never the table.
        source = f"json_each(?) AS k CROSS JOIN {table.name} AS t"
    else:
        arrays = ", ".join(f"?::{_array_type(table, name)}" for name in key)
        parts = [f"k.k{place}" for place in range(len(key))]
        listed = ", ".join(f"k{place}" for place in range(len(key)))
        source = f"unnest({arrays}) AS k({listed}) CROSS JOIN {table.name} AS t"
    where = " AND ".join(f"t.{name} = {part}" for name, part in zip(key, parts, strict=True))
    locked = ""
    if lock and dialect != "sqlite":
        locked = f" ORDER BY t.{key[0]} FOR UPDATE OF t{' SKIP LOCKED' if lock == 'skip' else ''}"
    return f"SELECT {names} FROM {source} WHERE {where}{locked}"


def _array_type(table: Table, name: str) -> str:
    return "bigint[]" if isinstance(table.columns[name].type, Integer) else "text[]"


def insert(
    connection: Connection,
    table: Table,
    rows: Sequence[Fields],
    on_conflict: OnConflict = "",
    columns: tuple[str, ...] = (),
) -> None:
    """Inserts rows that hold `columns`, by default all of the table's, in their order; no rows is no statement.

    A row whose primary key exists is an error, or is ignored, or replaces what is stored in these columns.
    """
    if connection.dialect.name == "sqlite":
        rows = _insert_in_chunks(connection, table, rows, on_conflict, columns)
    run_many(connection, _insert_text(table, columns, on_conflict), rows)


def _insert_in_chunks(
    connection: Connection, table: Table, rows: Sequence[Fields], on_conflict: OnConflict, columns: tuple[str, ...]
) -> Sequence[Fields]:
    """Inserts as many as fill chunks; returns the rest.

    SQLite's driver lets other threads in at each row of `executemany`. Beside a busy one a row took 34 µs so, and 12 µs
    in chunks of 32; alone 5 and 4.
    """
    place = 0
    for size in CHUNKS:
        text = _insert_text(table, columns, on_conflict, size)
        while len(rows) - place >= size:
            execute(connection, text, list(chain.from_iterable(rows[place : place + size])))
            place += size
    return rows[place:] if place else rows


@lru_cache(maxsize=512)
def _insert_text(table: Table, columns: tuple[str, ...], on_conflict: OnConflict, count: int = 1) -> str:
    names = columns or tuple(column.name for column in table.columns)
    row = f"({', '.join('?' * len(names))})"
    text = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * count)}"
    if not on_conflict:
        return text
    key = [column.name for column in table.primary_key.columns]
    changed = [f"{name} = excluded.{name}" for name in names if name not in key]
    if on_conflict == "ignore" or not changed:
        return f"{text} ON CONFLICT DO NOTHING"
    return f"{text} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(changed)}"


def update(
    connection: Connection, table: Table, names: tuple[str, ...], key: tuple[str, ...], rows: Sequence[Fields]
) -> int:
    """Updates one row for each tuple: the columns `names`, then the columns `key` that say which. Returns how many.

    On SQLite in chunks, for the reason that inserts are. Each row is named once.
    """
    changed = place = 0
    if connection.dialect.name == "sqlite":
        for size in CHUNKS:
            while len(rows) - place >= size:
                together = list(chain.from_iterable(rows[place : place + size]))
                changed += execute(connection, _update_text(table, names, key, size), together).rowcount
                place += size
    return changed + run_many(connection, _update_text(table, names, key), rows[place:] if place else rows)


@lru_cache(maxsize=512)
def _update_text(table: Table, names: tuple[str, ...], key: tuple[str, ...], count: int = 1) -> str:
    if count > 1:
        return _updates_text(table, names, key, count)
    settings = ", ".join(f"{name} = ?" for name in names)
    return f"UPDATE {table.name} SET {settings} WHERE {' AND '.join(f'{name} = ?' for name in key)}"


def _updates_text(table: Table, names: tuple[str, ...], key: tuple[str, ...], count: int) -> str:
    """SQLite alone: walks the rows given and looks each up by its key."""
    row = f"({', '.join('?' * (len(names) + len(key)))})"
    settings = ", ".join(f"{name} = given.column{place}" for place, name in enumerate(names, start=1))
    found = [f"{table.name}.{name} = given.column{place}" for place, name in enumerate(key, start=len(names) + 1)]
    values = ", ".join([row] * count)
    return f"UPDATE {table.name} SET {settings} FROM (VALUES {values}) AS given WHERE {' AND '.join(found)}"


def delete_in(connection: Connection, table: Table, key: tuple[str, ...], keys: Sequence[Fields]) -> None:
    """Deletes the rows with these keys, which are text or numbers."""
    if len(keys) >= CHUNKS[-1] and connection.dialect.name == "sqlite":
        names, parts = ", ".join(key), ", ".join(f"value ->> {place}" for place in range(len(key)))
        text = f"DELETE FROM {table.name} WHERE ({names}) IN (SELECT {parts} FROM json_each(?))"
        execute(connection, text, (json.dumps(keys),))
        return
    run_many(connection, f"DELETE FROM {table.name} WHERE {' AND '.join(f'{name} = ?' for name in key)}", keys)
