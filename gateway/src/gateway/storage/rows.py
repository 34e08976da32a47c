"""Many rows at a time, as plain tuples. Statements are texts made once; keys travel as one parameter.

A list of keys as single parameters would make a text of its own for each length, which neither driver nor database
remembers. SQLite takes the keys as JSON, PostgreSQL as arrays.
"""

import json
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Literal, cast

from sqlalchemy import Connection, Integer, Select, Table

Fields = tuple[Any, ...]
OnConflict = Literal["", "ON CONFLICT DO NOTHING"]


def rows_in(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    key: Sequence[str],
    keys: Collection[Any],
    *,
    lock: bool = False,
) -> list[Fields]:
    """Rows whose key is among `keys`: tuples, or plain values where the key is one column. No keys is no query.

    Each key must be there once. `lock` keeps the rows until the end of the transaction, taken in the order of the key's
    first column.
    """
    if not keys:
        return []
    dialect = connection.dialect.name
    text = _select_text(table, tuple(columns), tuple(key), dialect, lock)
    return cast(list[Fields], connection.exec_driver_sql(text, _parameters(keys, len(key), dialect)).all())


def _parameters(keys: Collection[Any], width: int, dialect: str) -> tuple[Any, ...]:
    if dialect == "sqlite":
        return (json.dumps(list(keys)),)
    return (list(keys),) if width == 1 else tuple(list(column) for column in zip(*keys, strict=True))


@lru_cache(maxsize=256)
def _select_text(table: Table, columns: tuple[str, ...], key: tuple[str, ...], dialect: str, lock: bool) -> str:
    names = ", ".join(f"t.{name}" for name in columns)
    if dialect == "sqlite":
        parts = ["k.value"] if len(key) == 1 else [f"k.value ->> {place}" for place in range(len(key))]
        # CROSS JOIN makes SQLite walk the keys and look each up, never the table.
        source = f"json_each(?) AS k CROSS JOIN {table.name} AS t"
    else:
        arrays = ", ".join(f"%s::{_array_type(table, name)}" for name in key)
        parts = [f"k.k{place}" for place in range(len(key))]
        listed = ", ".join(f"k{place}" for place in range(len(key)))
        source = f"unnest({arrays}) AS k({listed}) CROSS JOIN {table.name} AS t"
    where = " AND ".join(f"t.{name} = {part}" for name, part in zip(key, parts, strict=True))
    locked = f" ORDER BY t.{key[0]} FOR UPDATE OF t" if lock and dialect != "sqlite" else ""
    return f"SELECT {names} FROM {source} WHERE {where}{locked}"


def _array_type(table: Table, name: str) -> str:
    return "bigint[]" if isinstance(table.columns[name].type, Integer) else "text[]"


def rows_of(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Fields]:
    """All rows of a query."""
    return cast(list[Fields], connection.execute(query).all())


def insert(connection: Connection, table: Table, rows: Sequence[Fields], on_conflict: OnConflict = "") -> None:
    """Inserts rows that hold all of the table's columns in their order; no rows is no statement."""
    if rows:
        names = tuple(column.name for column in table.columns)
        insert_columns(connection, table, names, rows, on_conflict)


def insert_columns(
    connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Fields], on_conflict: OnConflict = ""
) -> None:
    """Inserts rows of some columns."""
    if rows:
        text = _insert_text(table, names, connection.dialect.name, on_conflict)
        connection.exec_driver_sql(text, list(rows))


@lru_cache(maxsize=256)
def _insert_text(table: Table, names: tuple[str, ...], dialect: str, on_conflict: str) -> str:
    marks = ", ".join([mark(dialect)] * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) {on_conflict}"


def update(
    connection: Connection, table: Table, names: tuple[str, ...], key: tuple[str, ...], rows: Sequence[Fields]
) -> int:
    """Updates one row for each tuple: the columns `names`, then the columns `key` that say which. Returns how many."""
    if not rows:
        return 0
    text = _update_text(table, names, key, connection.dialect.name)
    return int(connection.exec_driver_sql(text, list(rows)).rowcount)


@lru_cache(maxsize=256)
def _update_text(table: Table, names: tuple[str, ...], key: tuple[str, ...], dialect: str) -> str:
    sign = mark(dialect)
    settings = ", ".join(f"{name} = {sign}" for name in names)
    return f"UPDATE {table.name} SET {settings} WHERE {' AND '.join(f'{name} = {sign}' for name in key)}"


def delete_in(connection: Connection, table: Table, key: tuple[str, ...], keys: Sequence[Fields]) -> None:
    """Deletes the rows with these keys."""
    if keys:
        sign = mark(connection.dialect.name)
        where = " AND ".join(f"{name} = {sign}" for name in key)
        connection.exec_driver_sql(f"DELETE FROM {table.name} WHERE {where}", list(keys))


def mark(dialect: str) -> str:
    """How a driver marks a parameter."""
    return "?" if dialect == "sqlite" else "%s"
