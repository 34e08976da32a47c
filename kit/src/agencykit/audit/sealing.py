"""Puts what was written into an audit into its chain: in pages, behind the acts themselves.

An act writes its row in its own transaction and pays for nothing else. Whoever could change rows that are not in the
chain yet could as well make another chain of them: what counts is that somebody else keeps the head, and nobody does
before it is made. So rows are chained when heads are asked for, every few seconds.
"""

from typing import NamedTuple

from sqlalchemy import Connection, Table

from agencykit.audit.chain import head_after, row_leaf
from agencykit.evidence.chain import EMPTY_HEAD
from agencykit.storage.rows import insert, run

# Rows in one page, and pages at one time: a long silence is made up for in several.
MOST_ROWS, MOST_PAGES = 1000, 20
# Writers wait as long as that, at most.
MOST_WAIT_MS = 100


class AuditHead(NamedTuple):
    """Where the chain ends."""

    sequence: int
    last_id: int
    head: bytes


def audit_head(connection: Connection) -> AuditHead:
    """Where it ends now."""
    text = "SELECT first_sequence + count - 1, last_id, head FROM audit_pages ORDER BY first_sequence DESC LIMIT 1"
    for sequence, last_id, head in run(connection, text):
        return AuditHead(sequence, last_id, bytes(head))
    return AuditHead(0, 0, EMPTY_HEAD)


def seal_audit(connection: Connection, audit: Table, pages: Table, now: int) -> AuditHead:
    """Chains the rows that were written since; returns where the chain ends then. Runs in a transaction of its own."""
    last = _all_written(connection)
    names = tuple(column.name for column in audit.columns)
    text = f"SELECT {', '.join(names)} FROM audit WHERE id > ? AND id <= ? ORDER BY id LIMIT {MOST_ROWS}"
    place = names.index("id")
    head = audit_head(connection)
    for _ in range(MOST_PAGES):
        rows = run(connection, text, (head.last_id, last))
        if not rows:
            break
        leaves = [row_leaf(row) for row in rows]
        first, after = head.sequence + 1, head_after(head.head, leaves)
        insert(connection, pages, [(first, len(rows), rows[-1][place], b"".join(leaves), after, now)])
        head = AuditHead(head.sequence + len(rows), rows[-1][place], after)
    return head


def _all_written(connection: Connection) -> int:
    """A number up to which no row is still to come: with several writers one is given early and seen late.

    The lock waits for whoever has written a row and not yet committed, and keeps out who would, and a second sealer; it
    lasts as long as this transaction, some milliseconds for a page. Every writer queues behind one that waits, and a
    vacuum holds it up for as long as it runs: so it is given up at once, and asked for again at the next time.
    """
    if connection.dialect.name == "postgresql":
        run(connection, f"SET LOCAL lock_timeout = '{MOST_WAIT_MS}ms'")
        run(connection, "LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")
    [(last,)] = run(connection, "SELECT max(id) FROM audit")
    return int(last or 0)
