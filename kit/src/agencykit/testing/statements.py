"""Counts what a transaction asks of its database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, event

from agencykit.storage import rows


@contextmanager
def statements_of(connection: Connection) -> Iterator[list[str]]:
    """The statements that this connection runs while the block lasts, by SQLAlchemy or by the driver's cursor."""
    texts: list[str] = []
    execute = rows.execute

    def note(given: Connection, text: str, parameters: Sequence[Any], *, many: bool = False) -> Any:
        if given is connection:
            texts.append(text)
        return execute(given, text, parameters, many=many)

    def listen(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        texts.append(text)

    event.listen(connection, "before_cursor_execute", listen)
    try:
        with patch.object(rows, "execute", note):
            yield texts
    finally:
        event.remove(connection, "before_cursor_execute", listen)
