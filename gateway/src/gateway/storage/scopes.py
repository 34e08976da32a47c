"""Parts of consignments as text, and what may go of cases that are released in part."""

import json
from collections.abc import Iterable

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in
from gateway.domain.case import Case
from gateway.domain.scope import Scope
from gateway.storage.tables import parts

WHOLE = ""


def to_text(scope: Scope | None) -> str:
    """`[[1, 2], ["CSQU3054383"]]`, items and containers; empty for the whole."""
    return WHOLE if scope is None else json.dumps([sorted(scope.items), sorted(scope.containers)])


def from_text(text: str) -> Scope | None:
    """The inverse of `to_text`."""
    if text == WHOLE:
        return None
    items, containers = json.loads(text)
    return Scope(frozenset(items), frozenset(containers))


def load_parts(connection: Connection, numbers: Iterable[str]) -> dict[str, Scope | None]:
    """By number what the newest order lets go of these cases; no query for none."""
    rows = rows_in(connection, parts, ("number", "scope"), ("number",), dict.fromkeys(numbers))
    return {number: from_text(text) for number, text in rows}


def store_parts(connection: Connection, changed: Iterable[tuple[Case, Case]]) -> None:
    """Of cases (before, after) those whose part has changed and that have one."""
    rows = [
        (after.number, to_text(after.part))
        for before, after in changed
        if after.part is not before.part and after.part is not None
    ]
    insert(connection, parts, rows, "replace")
