"""What a deciding transaction reads first: one query per table, whatever the batch holds."""

import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import Connection, bindparam, select

from agencykit.decisions import tables
from agencykit.decisions.candidates import Case
from agencykit.decisions.evaluate import DoneWork
from agencykit.storage.bulk import select_in

# Numbers of clearance.agency.v1.Work.State and WorkResult.Outcome.
OPEN, TAKEN, DONE, CANCELLED = 1, 2, 3, 4
CLEARED = 1


_C = tables.cases.c
_CASES = (
    select(
        _C.clearance_number,
        _C.version,
        _C.revision,
        _C.digest,
        _C.view_digest,
        _C.outcome_digest,
        _C.log,
        _C.sequence,
        _C.attempts,
        _C.due_time,
        _C.withdrawn_version,
    )
    .where(_C.clearance_number.in_(bindparam("numbers", expanding=True)))
    .order_by(_C.clearance_number)
)
_LOCKED, _FREE = _CASES.with_for_update(), _CASES.with_for_update(skip_locked=True)


def cases_of(connection: Connection, numbers: Collection[str], *, skip_locked: bool = False) -> dict[str, Case]:
    """The known ones of these clearances; on PostgreSQL their rows are locked, in key order, until the commit."""
    query = _FREE if skip_locked else _LOCKED
    return {row[0]: Case(*row[1:]) for row in connection.execute(query, {"numbers": sorted(numbers)})}


def known_requests(
    connection: Connection, resource: str, ids: Iterable[str]
) -> dict[tuple[str, str], tuple[bytes, str, int]]:
    """(scope, request id) → (digest, clearance number, version) of those carried out before."""
    requests = tables.requests.c
    columns = [
        requests.scope,
        requests.request_id,
        requests.resource,
        requests.digest,
        requests.clearance_number,
        requests.version,
    ]
    found = select_in(connection, columns, requests.request_id, ids)
    return {
        (row.scope, row.request_id): (bytes(row.digest), row.clearance_number, row.version)
        for row in found
        if row.resource == resource
    }


def done_work(connection: Connection, view_digests: Mapping[str, bytes]) -> dict[str, list[DoneWork]]:
    """Officers' results on these clearances that were recorded for exactly this view, oldest first."""
    work = tables.work.c
    columns = [
        work.clearance_number, work.state, work.view_digest, work.subjects, work.outcome, work.update_time, work.id
    ]  # fmt: skip
    rows = [
        row
        for row in select_in(connection, columns, work.clearance_number, view_digests)
        if row.state == DONE and bytes(row.view_digest) == view_digests[row.clearance_number]
    ]
    results: dict[str, list[DoneWork]] = {}
    for row in sorted(rows, key=lambda row: (row.update_time, row.id)):
        subjects = {rule_id: frozenset(prints) for rule_id, prints in json.loads(row.subjects).items()}
        results.setdefault(row.clearance_number, []).append(DoneWork(subjects, row.outcome == CLEARED))
    return results
