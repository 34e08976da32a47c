"""Many rows in one statement: the hot path never runs SQL per item.

Statements are compiled once for each (table, columns, dialect) and handed to the driver's executemany, which halves the
cost of a row. Values therefore must be what the driver takes: int, float, str, bytes, bool, None. Times: `to_micros`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from sqlalchemy import Column, Connection, Row, Select, Table, bindparam, select, tuple_

OnConflict = Literal["error", "ignore", "replace"]

# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
KEYS_PER_QUERY = 4096


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]] | Sequence[tuple[Any, ...]],
    *,
    columns: Sequence[str] | None = None,
    on_conflict: OnConflict = "error",
) -> None:
    """Inserts rows; no rows is no statement.

    Mappings must all have the same keys (column names). Tuples hold `columns` in order, by default all of the table's.
    A row whose primary key exists is an error, or is ignored, or replaces what is stored.
    """
    if not rows:
        return
    names = tuple(columns or _names(table, rows[0]))
    values = [_in_order(row, names) for row in rows]
    connection.exec_driver_sql(_insert_sql(table, names, connection.dialect.name, on_conflict), values)


def update_rows(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Updates one row for each mapping: the columns in `keys` say which, all others are set."""
    if not rows:
        return
    changed = tuple(name for name in rows[0] if name not in keys)
    sql = _update_sql(table, tuple(keys), changed, connection.dialect.name)
    connection.exec_driver_sql(sql, [_in_order(row, (*changed, *keys)) for row in rows])


def select_in(
    connection: Connection,
    columns: Table | Sequence[Column[Any]],
    key: Column[Any] | Sequence[Column[Any]],
    keys: Iterable[Any],
) -> Iterator[Row[Any]]:
    """Rows whose key is among `keys` (tuples where `key` is several columns), in no order; one query for 4,096 keys."""
    wanted = (columns,) if isinstance(columns, Table) else tuple(columns)
    statement = _select_in(wanted, key if isinstance(key, Column) else tuple(key))
    remaining = iter(sorted(set(keys)))
    while chunk := list(islice(remaining, KEYS_PER_QUERY)):
        yield from connection.execute(statement, {"keys": chunk})


@lru_cache(maxsize=512)
def _select_in(
    columns: tuple[Table | Column[Any], ...], key: Column[Any] | tuple[Column[Any], ...]
) -> Select[*tuple[Any, ...]]:
    """Built once for each use: putting the statement together costs as much as running it."""
    where = key if isinstance(key, Column) else tuple_(*key)
    return select(*columns).where(where.in_(bindparam("keys", expanding=True)))


def _names(table: Table, row: Mapping[str, Any] | tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(row) if isinstance(row, Mapping) else tuple(column.name for column in table.columns)


def _in_order(row: Mapping[str, Any] | tuple[Any, ...], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple([row[name] for name in names]) if isinstance(row, Mapping) else row


def _mark(dialect: str) -> str:
    return "?" if dialect == "sqlite" else "%s"


@lru_cache(maxsize=512)
def _insert_sql(table: Table, names: tuple[str, ...], dialect: str, on_conflict: OnConflict) -> str:
    marks = ", ".join([_mark(dialect)] * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"
    if on_conflict == "error":
        return statement
    key = [column.name for column in table.primary_key.columns]
    changed = [f"{name} = excluded.{name}" for name in names if name not in key]
    if on_conflict == "ignore" or not changed:
        return f"{statement} ON CONFLICT DO NOTHING"
    return f"{statement} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {', '.join(changed)}"


@lru_cache(maxsize=512)
def _update_sql(table: Table, keys: tuple[str, ...], changed: tuple[str, ...], dialect: str) -> str:
    mark = _mark(dialect)
    settings = ", ".join(f"{name} = {mark}" for name in changed)
    return f"UPDATE {table.name} SET {settings} WHERE {' AND '.join(f'{name} = {mark}' for name in keys)}"
