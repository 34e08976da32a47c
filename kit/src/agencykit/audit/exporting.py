"""Writes what a database holds to prove itself, as JSON Lines: the audit, logs of decisions, sheets, certificates.

It reads the database and speaks to nobody, so that an export tells what stands there and not what a service says. What
a service has no table for it has not.
"""

import json
from base64 import b64encode
from collections.abc import Iterator
from heapq import merge
from typing import Any

from sqlalchemy import Connection, inspect

from agencykit.evidence.wire import sealed_part, signed_decision
from agencykit.storage.rows import run

FORM = "tongguan-audit-export-1"
MOST = 1000
_LOWEST = -(2**63)
_DECISIONS = f"""
SELECT d.sequence, d.decision, d.proof, s.seal, s.signature FROM decisions AS d
LEFT JOIN seals AS s ON s.log = d.log AND s.first_sequence = d.first_sequence
WHERE d.log = ? AND d.sequence > ? ORDER BY d.sequence LIMIT {MOST}
"""
# What a gateway said to homes whose declarations it verifies: a log for each home.
_VERIFIED = f"""
SELECT sequence, signed FROM verification_decisions WHERE home = ? AND sequence > ? ORDER BY sequence LIMIT {MOST}
"""
# Table → by what a chain of its sheets is named.
_SHEETS = {"head_sheets": ("replica",), "partner_sheets": ("district", "replica")}
# What stays of purged ones: leaf and proof.
_PURGED = f"""
SELECT p.sequence, p.leaf, p.proof, s.seal, s.signature FROM purged_leaves AS p
LEFT JOIN seals AS s ON s.log = p.log AND s.first_sequence = p.first_sequence
WHERE p.log = ? AND p.sequence > ? ORDER BY p.sequence LIMIT {MOST}
"""


def export_lines(connection: Connection, service: str, district: str) -> Iterator[str]:
    """All lines; the last one says that it is the last, so that a file cut short shows."""
    tables = set(inspect(connection).get_table_names())
    yield _line(form=FORM, service=service, district=district)
    if "audit_pages" in tables:
        columns = [column["name"] for column in inspect(connection).get_columns("audit")]
        yield from _audit(connection, service, columns)
    if "logs" in tables:
        yield from _logs(connection)
    if "verification_logs" in tables:
        yield from _verification_logs(connection, service)
    if "signing_keys" in tables:
        for (certificate,) in run(connection, "SELECT certificate FROM signing_keys ORDER BY create_time, key_id"):
            yield _line(certificate=_text(certificate))
    for table, chain in _SHEETS.items():
        if table in tables:
            yield from _sheets(connection, table, chain)
    yield _line(end=True)


def _audit(connection: Connection, service: str, columns: list[str]) -> Iterator[str]:
    """Each page, and after it the rows it put in order; last those that no page holds yet."""
    text = f"SELECT {', '.join(columns)} FROM audit WHERE id > ? AND id <= ? ORDER BY id"
    # No number lies below it: what was put in before the first row is a row as well.
    last = _LOWEST
    pages = run(connection, "SELECT first_sequence, count, last_id, head FROM audit_pages ORDER BY first_sequence")
    yield _line(audit=service, columns=columns, pages=len(pages))
    for first, count, last_id, head in pages:
        [(leaves,)] = run(connection, "SELECT leaves FROM audit_pages WHERE first_sequence = ?", (first,))
        yield _line(page=first, count=count, leaves=_text(leaves), head=_text(head))
        for row in run(connection, text, (last, last_id)):
            yield _line(row=list(row))
        last = last_id
    [(unsealed,)] = run(connection, "SELECT count(*) FROM audit WHERE id > ?", (last,))
    yield _line(unsealed=unsealed)


def _logs(connection: Connection) -> Iterator[str]:
    for log, sequence, head in run(connection, "SELECT log, sequence, head FROM logs ORDER BY log"):
        yield _line(log=log, sequence=sequence, head=_text(head))
        kept, purged = _entries(connection, _DECISIONS, log), _entries(connection, _PURGED, log)
        for (place, content, proof, seal, signature), name in merge(
            ((row, "decision") for row in kept), ((row, "purged") for row in purged), key=lambda each: each[0][0]
        ):
            # A leaf stands where the decision's bytes would.
            signed = signed_decision(_bytes(content), _bytes(proof), sealed_part(_bytes(seal), _bytes(signature)))
            yield _line(**{name: _text(signed)}, sequence=place)


def _entries(connection: Connection, text: str, log: str) -> Iterator[tuple[Any, ...]]:
    after = 0
    while rows := run(connection, text, (log, after)):
        yield from rows
        after = rows[-1][0]


def _verification_logs(connection: Connection, service: str) -> Iterator[str]:
    for home, sequence, head in run(connection, "SELECT home, sequence, head FROM verification_logs ORDER BY home"):
        yield _line(log=f"{service}/{home}", sequence=sequence, head=_text(head))
        after = 0
        while rows := run(connection, _VERIFIED, (home, after)):
            for after, signed in rows:
                yield _line(decision=_text(signed), sequence=after)


def _sheets(connection: Connection, table: str, chain: tuple[str, ...]) -> Iterator[str]:
    """In pages: a year has millions."""
    names = ", ".join(chain)
    same = " AND ".join(f"{name} = ?" for name in chain)
    text = f"SELECT number, sheet, signature FROM {table} WHERE {same} AND number > ? ORDER BY number LIMIT {MOST}"
    for of in run(connection, f"SELECT DISTINCT {names} FROM {table} ORDER BY {names}"):
        after = _LOWEST
        while rows := run(connection, text, (*of, after)):
            after = rows[-1][0]
            for _, sheet, signature in rows:
                yield _line(sheet=_text(sheet), signature=_text(signature))


def _bytes(content: Any) -> bytes:
    """Whoever changed a column by hand may have left something else in it: what it is shows when it is verified."""
    return content.encode() if isinstance(content, str) else bytes(content or b"")


def _text(content: Any) -> str:
    return b64encode(_bytes(content)).decode()


def _line(**fields: Any) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")) + "\n"
