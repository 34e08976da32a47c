"""Rows as plain tuples."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from sqlalchemy import Column, Connection, Select, Table

from agencykit.storage import select_in

Fields = tuple[Any, ...]


def rows_in(
    connection: Connection,
    columns: Table | Sequence[Column[Any]],
    key: Column[Any] | Sequence[Column[Any]],
    keys: Iterable[Any],
) -> Iterator[Fields]:
    """Rows whose key is among `keys`; no keys is no query."""
    return cast(Iterator[Fields], select_in(connection, columns, key, keys))


def rows_of(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[Fields]:
    """All rows of a query."""
    return cast(list[Fields], connection.execute(query).all())
