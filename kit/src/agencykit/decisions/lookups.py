"""What a deciding transaction reads first: one query per table, whatever the batch holds."""

import json
from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.candidates import Case
from agencykit.decisions.evaluate import DoneWork
from agencykit.storage.rows import rows_in

# Numbers of clearance.agency.v1.Work.State and WorkResult.Outcome.
OPEN, TAKEN, DONE, CANCELLED = 1, 2, 3, 4
CLEARED, SAMPLED = 1, 3
# Number of clearance.agency.v1.Work.Kind.
FOLLOW_UP = 4

_CASE = (
    "clearance_number",
    "version",
    "revision",
    "digest",
    "view_digest",
    "outcome_digest",
    "log",
    "sequence",
    "attempts",
    "due_time",
    "withdrawn_version",
)
_REQUEST = ("scope", "request_id", "digest", "clearance_number", "version", "resource")
_DONE = ("clearance_number", "update_time", "id", "state", "view_digest", "subjects", "outcome", "kind", "measured")


def cases_of(connection: Connection, numbers: Collection[str], *, skip_locked: bool = False) -> dict[str, Case]:
    """The known ones of these clearances; on PostgreSQL their rows are locked, in key order, until the commit."""
    wanted = sorted(set(numbers))
    found = rows_in(
        connection, tables.cases, _CASE, ("clearance_number",), wanted, lock="skip" if skip_locked else "wait"
    )
    return {row[0]: Case(*row[1:]) for row in found}


def known_requests(
    connection: Connection, resource: str, ids: Collection[str]
) -> dict[tuple[str, str], tuple[bytes, str, int]]:
    """(scope, request id) → (digest, clearance number, version) of those carried out before."""
    found = rows_in(connection, tables.requests, _REQUEST, ("request_id",), set(ids))
    return {row[:2]: row[2:5] for row in found if row[5] == resource}


def done_work(connection: Connection, view_digests: Mapping[str, bytes]) -> dict[str, list[DoneWork]]:
    """Officers' results on these clearances that were recorded for exactly this view, oldest first."""
    found = rows_in(connection, tables.work, _DONE, ("clearance_number",), view_digests)
    results: dict[str, list[DoneWork]] = {}
    for number, _, _, state, view_digest, subjects, outcome, kind, measured in sorted(found):
        if state == DONE and view_digest == view_digests[number]:
            seen = {rule_id: frozenset(prints) for rule_id, prints in json.loads(subjects).items()}
            results.setdefault(number, []).append(
                DoneWork(seen, outcome == CLEARED, outcome == SAMPLED, kind == FOLLOW_UP, measured)
            )
    return results
