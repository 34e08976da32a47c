"""Signed decisions out of the database, put together exactly as they were signed."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.candidates import Decided
from agencykit.evidence.wire import sealed_part, signed_decision
from agencykit.storage.rows import Fields, rows_in, run

_PARTS = ("log", "first_sequence", "decision", "proof")
_DECISION = (*_PARTS, "clearance_number", "version", "revision", "verdict")
_SEAL = ("log", "first_sequence", "seal", "signature")


def current_decisions(connection: Connection, versions: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Decided]:
    """The newest decision on each (clearance number, version) that has one."""
    newest: dict[tuple[str, int], Fields] = {}
    for row in rows_in(connection, tables.decisions, _DECISION, ("clearance_number", "version"), set(versions)):
        known = newest.get(row[4:6])
        if known is None or row[6] > known[6]:
            newest[row[4:6]] = row
    return dict(zip(newest, _decided(connection, list(newest.values())), strict=True))


def one_decision(connection: Connection, number: str, version: int, revision: int) -> Decided | None:
    """The decision of this version and revision; 0 stands for the newest."""
    wanted = {"clearance_number": number, "version": version, "revision": revision}
    given = {name: value for name, value in wanted.items() if value}
    where = " AND ".join(f"{name} = ?" for name in given)
    text = f"SELECT {', '.join(_DECISION)} FROM decisions WHERE {where} ORDER BY version DESC, revision DESC LIMIT 1"
    rows = run(connection, text, tuple(given.values()))
    return next(iter(_decided(connection, rows)), None)


def heads(connection: Connection) -> dict[str, int]:
    """Every log of this database and its last sequence."""
    return {row[0]: row[1] for row in run(connection, "SELECT log, sequence FROM logs")}


def decisions_after(
    connection: Connection, positions: Mapping[str, int], due: Mapping[str, int], limit: int
) -> list[tuple[str, int, bytes]]:
    """Up to `limit` decisions (log, sequence, SignedDecision) after the positions up to what is due, in log order.

    A log without position starts at 0. Gapless, because a log's sequence is given by its one writer inside its
    transaction.
    """
    found: list[Fields] = []
    for log, last in sorted(due.items()):
        after = positions.get(log, 0)
        if after < last and len(found) < limit:
            found += run(connection, _AFTER, (log, after, last, limit - len(found)))
    signed = _signed(connection, found)
    return [(row[0], row[4], content) for row, content in zip(found, signed, strict=True)]


_AFTER = f"""
SELECT {", ".join(_PARTS)}, sequence FROM decisions
WHERE log = ? AND sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?
"""


def _signed(connection: Connection, rows: Sequence[Fields]) -> list[bytes]:
    """SignedDecisions of rows that begin with _PARTS."""
    places = {row[:2] for row in rows}
    seals = {
        (log, first): sealed_part(seal, signature)
        for log, first, seal, signature in rows_in(connection, tables.seals, _SEAL, ("log", "first_sequence"), places)
    }
    return [signed_decision(row[2], row[3], seals[row[:2]]) for row in rows]


def _decided(connection: Connection, rows: Sequence[Fields]) -> list[Decided]:
    """Of rows of _DECISION."""
    signed = _signed(connection, rows)
    return [Decided(content, row[7], row[5], row[6]) for row, content in zip(rows, signed, strict=True)]
