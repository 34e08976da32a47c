"""What became of consignments, as the gateway tells: kept in the order of the orders, whatever order they come in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.lookups import known_requests
from agencykit.decisions.requests import Claim, remember_requests
from agencykit.decisions.sql import marked
from agencykit.refusals import RequestIdReused
from agencykit.storage.bulk import insert_rows

RESOURCE = "outcome"
_COLUMNS = (
    "clearance_number",
    "order_number",
    "version",
    "kind",
    "outcome_time",
    "order_bytes",
    "order_signature",
    "create_time",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome. `time` in microseconds since 1970; `kind` is the number of clearance.agency.v1.Outcome.Kind."""

    claim: Claim
    kind: int
    order_number: int
    time: int
    order: bytes
    signature: bytes


def record_outcomes(connection: Connection, told: Sequence[Told], now: int) -> list[bool]:
    """Stores the whole batch; for each, in order, whether a higher order number was known already.

    Refuses the whole batch with RequestIdReused. An outcome kept out leaves an audit row.
    """
    _lock(connection, sorted({one.claim.clearance_number for one in told}))
    known = known_requests(connection, RESOURCE, (one.claim.request_id for one in told))
    highest = _highest(connection, {one.claim.clearance_number for one in told})
    new: dict[tuple[str, str], Told] = {}
    superseded: list[bool] = []
    for one in told:
        key, number = (one.claim.scope, one.claim.request_id), one.claim.clearance_number
        digest = known[key][0] if key in known else new[key].claim.digest if key in new else one.claim.digest
        if digest != one.claim.digest:
            raise RequestIdReused(one.claim.request_id)
        superseded.append(one.order_number < highest.get(number, 0))
        highest[number] = max(highest.get(number, 0), one.order_number)
        if key not in known:
            new.setdefault(key, one)
    _store(connection, list(new.values()), now)
    remember_requests(connection, [one.claim for one in new.values()], now)
    late = [one for one, kept_out in zip(told, superseded, strict=True) if kept_out]
    write_audit(connection, [_act(one, "outcome_superseded", now) for one in late])
    write_audit(connection, [_act(one, "outcome_recorded", now) for one in new.values() if one not in late])
    return superseded


def _lock(connection: Connection, numbers: Sequence[str]) -> None:
    """Two batches about one clearance come one after the other, also about one never assessed here."""
    if connection.dialect.name == "postgresql":
        for number in numbers:
            connection.exec_driver_sql(marked(connection, "SELECT pg_advisory_xact_lock(hashtext(?))"), (number,))


def _highest(connection: Connection, numbers: set[str]) -> dict[str, int]:
    outcomes = tables.outcomes.c
    query = select(outcomes.clearance_number, func.max(outcomes.order_number)).group_by(outcomes.clearance_number)
    return {row[0]: row[1] for row in connection.execute(query.where(outcomes.clearance_number.in_(sorted(numbers))))}


def _store(connection: Connection, told: Sequence[Told], now: int) -> None:
    """All of them, superseded ones too: what was told stays on record. One order number is told once."""
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
        )
        for one in told
    ]
    insert_rows(connection, tables.outcomes, rows, columns=_COLUMNS, on_conflict="ignore")


def _act(one: Told, act: str, now: int) -> AuditEntry:
    details = {"version": one.claim.version, "order_number": one.order_number, "kind": one.kind}
    return AuditEntry(now, one.claim.scope, act, one.claim.clearance_number, details)
