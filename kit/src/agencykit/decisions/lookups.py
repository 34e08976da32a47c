"""What a deciding transaction reads first: one query per table, whatever the batch holds."""

import json
from collections.abc import Collection

from sqlalchemy import Connection

from agencykit.agency import AgencyDefinition
from agencykit.decisions import tables
from agencykit.decisions.candidates import Candidate, Case
from agencykit.decisions.earlier import unchanged
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
    "outcome_digest",
    "log",
    "sequence",
    "attempts",
    "due_time",
    "withdrawn_version",
)
_REQUEST = ("scope", "request_id", "digest", "clearance_number", "version", "resource")
_DONE = ("clearance_number", "update_time", "id", "state", "version", "subjects", "outcome", "kind", "measured")


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


def done_work(
    connection: Connection, definition: AgencyDefinition, candidates: Collection[Candidate]
) -> dict[str, list[DoneWork]]:
    """Officers' results on these that were recorded for a version that reads as theirs, oldest first."""
    of = {one.clearance_number: one for one in candidates}
    found = rows_in(connection, tables.work, _DONE, ("clearance_number",), of)
    done = sorted(row for row in found if row[3] == DONE)
    counting = unchanged(connection, definition, [(of[row[0]], row[4]) for row in done])
    results: dict[str, list[DoneWork]] = {}
    for number, _, _, _, version, subjects, outcome, kind, measured in done:
        if (number, version) in counting:
            seen = {rule_id: frozenset(prints) for rule_id, prints in json.loads(subjects).items()}
            results.setdefault(number, []).append(
                DoneWork(seen, outcome == CLEARED, outcome == SAMPLED, kind == FOLLOW_UP, measured)
            )
    return results
