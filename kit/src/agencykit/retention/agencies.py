"""What the kit says of its own tables in an agency's database, and how a clearance that is over goes out of it.

A clearance is over for an agency once the gateway's newest word of it is that it was closed, withdrawn or, for its
newest version, refused, and nobody has work on it. What is left is its row in `cases`, the tombstone: numbers and
digests by which a late request meets PURGED and has no second effect.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from agencykit.audit.purges import ACT
from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.outcomes import CLOSED, lock_numbers
from agencykit.retention.declared import AUDIT, CASE, EVER, Keeping, Kept, Key, Removed, Subject, Tally
from agencykit.retention.evidence import keep_leaves
from agencykit.storage.rows import run_many

_OVER = "the clearance was closed, withdrawn or refused, and nothing was done on it since"
_PROOF = "proves what was decided, or who decided it"
_TOMBSTONE = "tombstone: a late request has no second effect"
KEPT = (
    Kept("logs", EVER, f"{_PROOF}: where each log ends"),
    Kept("restorations", EVER, f"{_PROOF}: why its logs have the names they have"),
    Kept("seals", EVER, f"{_PROOF}: signatures over batches"),
    Kept("decisions", CASE, _OVER),
    Kept("purged_leaves", EVER, f"{_PROOF}: leaves of decisions that were purged"),
    Kept("consignments", CASE, _OVER),
    Kept("cases", EVER, f"{_TOMBSTONE}; numbers, places in logs and digests"),
    Kept("waits", CASE, f"{_OVER}; of what concerns no goods that have left as soon as it is closed"),
    Kept("requests", EVER, f"{_TOMBSTONE}; ids and digests"),
    Kept("work", CASE, _OVER),
    Kept("outcomes", CASE, _OVER),
    Kept("completeness", EVER, "one row for each gateway, which it renews"),
    Kept("order_keys", EVER, f"{_PROOF}: certificates of gateways"),
    Kept("positions", EVER, "one row for each list"),
    Kept("appointments", CASE, f"{_OVER}; the id stays as tombstone"),
    Kept("signing_keys", EVER, f"{_PROOF}: own certificates"),
    Kept("audit", AUDIT, "the row was written, where the clearance it is about was purged or is of no one"),
    Kept("audit_pages", EVER, f"{_PROOF}: the audit's chain"),
    Kept("alembic_version", EVER, "one row: the form of the database"),
)
# Numbers of clearance.agency.v1.Outcome.Kind, beside CLOSED.
_WITHDRAWN, _REFUSED = 3, 4
_NUMBER = "clearance_number"
_OF_CASE = "clearance_number = c.clearance_number"
_NEWEST = f"SELECT max(order_number) FROM outcomes WHERE {_OF_CASE}"
_IS_OVER = f"""
c.purge_time IS NULL AND c.due_time IS NULL
AND NOT EXISTS (SELECT 1 FROM work WHERE {_OF_CASE} AND (state < 3 OR update_time >= ?))
AND NOT EXISTS (SELECT 1 FROM consignments WHERE {_OF_CASE} AND create_time >= ?)
AND NOT EXISTS (SELECT 1 FROM outcomes WHERE {_OF_CASE} AND create_time >= ?)
AND (c.withdraw_time < ? OR EXISTS (
    SELECT 1 FROM outcomes AS o WHERE o.{_OF_CASE} AND o.order_number = ({_NEWEST})
    AND (o.kind IN ({_WITHDRAWN}, {CLOSED}) OR (o.kind = {_REFUSED} AND o.version = c.version))
))
"""


def agency_keeping(
    kept: Sequence[Kept], removed: Sequence[Removed] = (), *, subjects: Sequence[Subject] = (), needed: str = ""
) -> Keeping:
    """An agency's keeping: its own tables, what of them goes with a clearance, and what else it purges.

    `needed` is SQL: whether a clearance `c` is still needed for something of the agency's own.
    """
    with_clearances = Subject(
        name="clearances",
        period=CASE,
        source="cases AS c",
        key=("c.clearance_number",),
        over=f"{_IS_OVER} AND NOT ({needed})" if needed else _IS_OVER,
        removed=(
            *(Removed(table, (_NUMBER,)) for table in ("decisions", "consignments", "waits", "work", "outcomes")),
            Removed("appointments", (_NUMBER,), {"container_numbers": "[]", "place": ""}),
            *removed,
        ),
        before=_lay_tombstones,
        lock=lambda connection, keys: lock_numbers(connection, [number for (number,) in keys]),
    )
    return Keeping(
        tables=(*KEPT, *kept),
        subjects=(with_clearances, *subjects),
        tell=_tell,
        audit_needed=f"EXISTS (SELECT 1 FROM cases AS c WHERE c.purge_time IS NULL AND c.{_NUMBER} = a.{_NUMBER})",
    )


def _lay_tombstones(connection: Connection, keys: Sequence[Key], tally: Tally) -> None:
    keep_leaves(connection, tables.decisions, keys, tally)
    text = "UPDATE cases SET purge_time = ?, seized_by = '' WHERE clearance_number = ?"
    run_many(connection, text, [(tally.now, number) for (number,) in keys])


def _tell(connection: Connection, now: int, by: str, details: Mapping[str, object]) -> None:
    write_audit(connection, [AuditEntry(now, by, ACT, "", details)])
