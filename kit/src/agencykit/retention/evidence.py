"""What stays of what proves things: leaves of purged decisions, and of purged rows of the audit their page's leaves."""

from bisect import bisect_left
from collections.abc import Sequence

from sqlalchemy import Connection, MetaData, Table

from agencykit.audit.chain import LEAF, row_leaf
from agencykit.audit.purges import ACT, AUDIT
from agencykit.audit.tables import purged_leaves
from agencykit.evidence.merkle import leaf_hash
from agencykit.retention.declared import Key, Tally
from agencykit.storage.rows import change, insert, rows_in, run

# Rows of the audit in one transaction.
MOST_ROWS = 500
_LEAVES = purged_leaves(MetaData())


def keep_leaves(connection: Connection, decisions: Table, numbers: Sequence[Key], tally: Tally) -> None:
    """Puts the leaves of these clearances' decisions beside the log, before the decisions go."""
    columns = ("log", "sequence", "decision", "proof", "first_sequence")
    rows = rows_in(connection, decisions, columns, ("clearance_number",), [number for (number,) in numbers])
    kept = [(log, sequence, leaf_hash(bytes(content)), proof, first) for log, sequence, content, proof, first in rows]
    insert(connection, _LEAVES, kept)
    for log, sequence, *_ in kept:
        tally.sequences.setdefault(log, []).append(sequence)


def due_acts(connection: Connection, needed: str, before: int, after: int, most: int = MOST_ROWS) -> list[int]:
    """The next ids of rows past the audit's period that are in its chain, and about nothing that is still kept.

    Only those below the first row that is too young, and out of pages sealed before the same moment: by that whoever
    verifies tells a purge from somebody who took out young rows (agencykit.audit.ages).
    """
    text = f"""
    SELECT a.id FROM audit AS a WHERE a.id > ? AND a.time < ? AND a.act <> '{ACT}'
    AND a.id <= (SELECT max(last_id) FROM audit_pages WHERE seal_time < ?) AND NOT ({needed}) ORDER BY a.id LIMIT ?
    """
    found = [number for (number,) in run(connection, text, (after, before, before, most))]
    if found:
        text = "SELECT min(id) FROM audit WHERE id > ? AND id < ? AND time >= ?"
        [(young,)] = run(connection, text, (after, found[-1], before))
        found = found if young is None else found[: bisect_left(found, young)]
    return found


def purge_acts(connection: Connection, audit: Table, ids: Sequence[int], tally: Tally) -> list[int]:
    """Removes these rows, whose leaves stay in their pages; returns those that are not what was chained: they stay.

    Somebody has changed such a row, and to remove it would remove the proof.
    """
    names = tuple(column.name for column in audit.columns)
    rows = {row[names.index("id")]: row for row in rows_in(connection, audit, names, ("id",), ids)}
    changed: list[int] = []
    gone: list[int] = []
    for number, sequence in _sequences(connection, rows):
        if sequence is None:
            changed.append(number)
        else:
            gone.append(number)
            tally.sequences.setdefault(AUDIT, []).append(sequence)
    for number in gone:
        tally.add(AUDIT, change(connection, "DELETE FROM audit WHERE id = ?", (number,)))
    return changed


def _sequences(connection: Connection, rows: dict[int, Key]) -> list[tuple[int, int | None]]:
    """Where each row stands in the chain; None where its page does not hold it."""
    wanted = sorted(rows)
    text = "SELECT last_id, first_sequence, leaves FROM audit_pages WHERE last_id >= ? AND first_sequence <= ("
    text += "SELECT min(first_sequence) FROM audit_pages WHERE last_id >= ?) ORDER BY last_id"
    pages = run(connection, text, (wanted[0], wanted[-1])) if wanted else []
    ends = [last for last, _, _ in pages]
    places: list[dict[bytes, int]] = [_places(bytes(leaves), first) for _, first, leaves in pages]
    return [(number, places[bisect_left(ends, number)].get(row_leaf(rows[number]))) for number in wanted]


def _places(leaves: bytes, first: int) -> dict[bytes, int]:
    return {leaves[at : at + LEAF]: first + at // LEAF for at in range(0, len(leaves), LEAF)}
