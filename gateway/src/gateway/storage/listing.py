"""Pages of cases, and what changed since."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from agencykit.storage.rows import run
from gateway.domain.identifiers import Micros


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases. Empty or None means all; `broker` is a full identity."""

    broker: str = ""
    states: tuple[int, ...] = ()
    waiting_party: str = ""
    key: str = ""
    created_from: Micros | None = None
    numbers: tuple[str, ...] = ()
    # Only those promised something that would have run out by then had their clock begun at their acceptance.
    promised_before: Micros | None = None


def page_of_numbers(
    connection: Connection, wanted: Filter, after: tuple[Micros, str] | None, size: int
) -> list[tuple[Micros, str]]:
    """(create time, number) of the next `size` cases, newest first, after the last of the page before."""
    where, parameters = _conditions(wanted)
    if after is not None:
        where.append("(create_time < ? OR create_time = ? AND number < ?)")
        parameters += [after[0], after[0], after[1]]
    text = f"SELECT create_time, number FROM cases {_where(where)} ORDER BY create_time DESC, number DESC LIMIT ?"
    return [(moment, number) for moment, number in run(connection, text, (*parameters, size))]


def changed_numbers(connection: Connection, wanted: Filter, after: int, size: int) -> list[tuple[int, str]]:
    """(change, number) of cases changed after that change, oldest change first; each case once, at its newest."""
    where, parameters = _conditions(wanted)
    text = f"SELECT change, number FROM cases {_where([*where, 'change > ?'])} ORDER BY change LIMIT ?"
    return [(change, number) for change, number in run(connection, text, (*parameters, after, size))]


def number_by_reference(connection: Connection, broker: str, reference: str) -> str | None:
    """The broker's case of this reference."""
    found = run(connection, "SELECT number FROM cases WHERE broker = ? AND reference = ?", (broker, reference))
    return found[0][0] if found else None


def _conditions(wanted: Filter) -> tuple[list[str], list[Any]]:
    """Conditions in the order of their parameters. Only values of callers are parameters; texts are ours."""
    where: list[str] = []
    parameters: list[Any] = []
    party, key = f"%|{_literal(wanted.waiting_party)}|%", f"%|{_literal(wanted.key)}|%"
    for text, values in (
        ("broker = ?", [wanted.broker] if wanted.broker else []),
        (f"state IN ({', '.join('?' * len(wanted.states))})", wanted.states),
        (
            "waiting_parties LIKE ? ESCAPE '!'",
            [party] if wanted.waiting_party else [],
        ),
        ("keys LIKE ? ESCAPE '!'", [key] if wanted.key else []),
        ("create_time >= ?", [] if wanted.created_from is None else [wanted.created_from]),
        (f"number IN ({', '.join('?' * len(wanted.numbers))})", wanted.numbers),
        (
            "commitment_hours > 0 AND create_time + commitment_hours * 3600000000 < ?",
            [] if wanted.promised_before is None else [wanted.promised_before],
        ),
    ):
        if values:
            where.append(text)
            parameters += values
    return where, parameters


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _literal(text: str) -> str:
    """A text in which LIKE finds nothing special."""
    return re.sub("([!%_])", r"!\1", text)
