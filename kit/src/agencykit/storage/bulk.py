"""Many rows in one statement, by the names of their columns; `rows` does the work.

For registers and whatever else is written or read as records. Values are what the driver takes: int, float, str, bytes,
bool, None. Times: `to_micros`.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import Boolean, Column, Connection, Table

from agencykit.storage.rows import Fields, insert, rows_in, update

OnConflict = Literal["error", "ignore", "replace"]


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]] | Sequence[Fields],
    *,
    columns: Sequence[str] = (),
    on_conflict: OnConflict = "error",
) -> None:
    """Inserts rows; no rows is no statement.

    Mappings must all have the same keys (column names). Tuples hold `columns` in order, by default all of the table's.
    A row whose primary key exists is an error, or is ignored, or replaces what is stored.
    """
    if not rows:
        return
    names = tuple(rows[0]) if isinstance(rows[0], Mapping) else tuple(columns)
    conflict = "" if on_conflict == "error" else on_conflict
    insert(connection, table, [_in_order(row, names) for row in rows], conflict, names)


def update_rows(connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Updates one row for each mapping: the columns in `keys` say which, all others are set."""
    if not rows:
        return
    changed = tuple(name for name in rows[0] if name not in keys)
    update(connection, table, changed, tuple(keys), [_in_order(row, (*changed, *keys)) for row in rows])


def select_in(
    connection: Connection,
    columns: Table | Sequence[Column[Any]],
    key: Column[Any] | Sequence[Column[Any]],
    keys: Iterable[Any],
) -> list[Any]:
    """Rows whose key is among `keys` (tuples where `key` is several columns), in no order; one query, or none.

    A row is a tuple that knows its columns' names: `row.document`.
    """
    wanted = tuple(columns.columns) if isinstance(columns, Table) else tuple(columns)
    by = (key,) if isinstance(key, Column) else tuple(key)
    names, record = _record(wanted, connection.dialect.name)
    found = rows_in(connection, by[0].table, names, [column.name for column in by], sorted(set(keys)))
    return list(map(record, found))


def _in_order(row: Mapping[str, Any] | Fields, names: tuple[str, ...]) -> Fields:
    return tuple([row[name] for name in names]) if isinstance(row, Mapping) else row


@lru_cache(maxsize=512)
def _record(columns: tuple[Column[Any], ...], dialect: str) -> tuple[tuple[str, ...], Callable[[Fields], Any]]:
    """The columns' names, and what makes a record of a row. SQLite keeps truth as 0 and 1."""
    names = tuple(column.name for column in columns)
    kind: Any = namedtuple("Record", names)  # type: ignore[misc]  # the names are the table's
    make: Callable[[Fields], Any] = kind._make
    truths = [place for place, column in enumerate(columns) if isinstance(column.type, Boolean)]
    if dialect != "sqlite" or not truths:
        return names, make

    def make_with_truths(row: Fields) -> Any:
        values = list(row)
        for place in truths:
            values[place] = None if values[place] is None else bool(values[place])
        return make(tuple(values))

    return names, make_with_truths
