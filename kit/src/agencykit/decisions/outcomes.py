"""What became of consignments, as the gateway tells: kept in the order of the orders, whatever order they come in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.completeness import Complete, record_complete
from agencykit.decisions.lookups import known_requests
from agencykit.decisions.positions import take_positions
from agencykit.decisions.requests import Claim, remember_requests
from agencykit.refusals import RequestIdReused
from agencykit.storage.rows import insert, rows_in, run, run_many

RESOURCE = "outcome"
_CASE = ("clearance_number",)
# The list of positions in which they are numbered.
LIST = "outcomes"
# Number of clearance.agency.v1.Outcome.Kind.
CLOSED = 5
# Among so many there is one with an order, as long as goods are released at all.
LATEST = 64
_COLUMNS = (
    "clearance_number",
    "order_number",
    "version",
    "kind",
    "outcome_time",
    "order_bytes",
    "order_signature",
    "create_time",
    "identity",
    "position",
)


@dataclass(slots=True)
class Told:
    """One outcome. `time` in microseconds since 1970; `kind` is the number of clearance.agency.v1.Outcome.Kind."""

    claim: Claim
    kind: int
    order_number: int
    time: int
    order: bytes
    signature: bytes


def record_outcomes(
    connection: Connection,
    told: Sequence[Told],
    complete: Complete | None,
    now: int,
    outlasting: Collection[str] = (),
) -> list[bool]:
    """Stores the whole batch and what it says of completeness; for each, whether a higher order number was known, or
    the clearance was purged. `outlasting` are the kinds of facts that may concern what is closed.

    Refuses the whole batch with RequestIdReused. What was told is its own record, with who told it and when; an outcome
    kept out leaves an audit row beside.
    """
    if complete is not None:
        record_complete(connection, complete, now)
    if not told:
        return []
    numbers = sorted({one.claim.clearance_number for one in told})
    lock_numbers(connection, numbers)
    known = known_requests(connection, RESOURCE, [one.claim.request_id for one in told])
    highest = _highest(connection, numbers)
    purged = _purged(connection, numbers)
    new: dict[tuple[str, str], Told] = {}
    superseded: list[bool] = []
    for one in told:
        claim = one.claim
        key, number = (claim.scope, claim.request_id), claim.clearance_number
        digest = known[key][0] if key in known else new.setdefault(key, one).claim.digest
        if digest != claim.digest:
            raise RequestIdReused(claim.request_id)
        most = highest.get(number, 0)
        superseded.append(one.order_number < most or number in purged)
        highest[number] = max(most, one.order_number)
    kept = [one for one in new.values() if one.claim.clearance_number not in purged]
    _store(connection, kept, now)
    _end_waits(connection, kept, outlasting)
    remember_requests(connection, [one.claim for one in new.values()], now)
    late = [one for one, kept_out in zip(told, superseded, strict=True) if kept_out]
    write_audit(connection, [_act(one, "outcome_superseded", now) for one in late])
    return superseded


def newest_order(connection: Connection, gateway: str) -> tuple[bytes, bytes] | None:
    """The order that this gateway told last, with its signature. Looked for among the newest outcomes alone."""
    text = "SELECT identity, order_bytes, order_signature FROM outcomes ORDER BY position DESC LIMIT ?"
    for identity, order, signature in run(connection, text, (LATEST,)):
        if identity == gateway and order:
            return bytes(order), bytes(signature)
    return None


def closed_of(connection: Connection, numbers: Sequence[str]) -> set[str]:
    """Those of these clearances of which the newest that was told is that they are closed."""
    columns = ("clearance_number", "order_number", "kind")
    newest = {number: kind for number, _, kind in sorted(rows_in(connection, tables.outcomes, columns, _CASE, numbers))}
    return {number for number, kind in newest.items() if kind == CLOSED}


def lock_numbers(connection: Connection, numbers: Sequence[str]) -> None:
    """Two batches about one clearance come one after the other, also about one never assessed here.

    An act that rests on the newest order takes this lock as well. `numbers` are in their order.
    """
    if connection.dialect.name == "postgresql":
        run(
            connection,
            "SELECT pg_advisory_xact_lock(hashtext(number)) FROM unnest(?::text[]) AS given(number)",
            (numbers,),
        )


def _purged(connection: Connection, numbers: Sequence[str]) -> set[str]:
    columns = ("clearance_number", "purge_time")
    rows = rows_in(connection, tables.cases, columns, ("clearance_number",), numbers)
    return {number for number, purge_time in rows if purge_time is not None}


def _end_waits(connection: Connection, told: Sequence[Told], outlasting: Collection[str]) -> None:
    """What is closed waits no longer, but for news that may call back goods that have left.

    Who calls back decides anew, and waits again for what that decision rests on: so the word of a closing that comes
    after that of the reopening ends nothing.
    """
    closing = sorted({one.claim.clearance_number for one in told if one.kind == CLOSED})
    closed = sorted(closed_of(connection, closing)) if closing else []
    if closed:
        kinds = "".join(" AND fact_kind <> ?" for _ in outlasting)
        text = f"DELETE FROM waits WHERE clearance_number = ?{kinds}"
        run_many(connection, text, [(number, *outlasting) for number in closed])


def _highest(connection: Connection, numbers: Sequence[str]) -> dict[str, int]:
    columns = ("clearance_number", "order_number")
    return dict(sorted(rows_in(connection, tables.outcomes, columns, _CASE, numbers)))


def _store(connection: Connection, told: Sequence[Told], now: int) -> None:
    """All of them, superseded ones too: what was told stays on record. One order number is told once."""
    first = take_positions(connection, LIST, len(told))
    rows = [
        (
            one.claim.clearance_number,
            one.order_number,
            one.claim.version,
            one.kind,
            one.time,
            one.order,
            one.signature,
            now,
            one.claim.scope,
            first + place,
        )
        for place, one in enumerate(told)
    ]
    insert(connection, tables.outcomes, rows, "ignore", _COLUMNS)


def _act(one: Told, act: str, now: int) -> AuditEntry:
    details = {"version": one.claim.version, "order_number": one.order_number, "kind": one.kind}
    return AuditEntry(now, one.claim.scope, act, one.claim.clearance_number, details)
