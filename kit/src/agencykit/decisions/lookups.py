"""What a deciding transaction reads first: one query per table, whatever the batch holds."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from agencykit.agency import AgencyDefinition
from agencykit.decisions import tables
from agencykit.decisions.asked import Asked, asked_of, is_answered
from agencykit.decisions.candidates import Candidate, Case
from agencykit.decisions.earlier import earlier_versions, unchanged
from agencykit.decisions.evaluate import DoneWork
from agencykit.decisions.goods import part_of
from agencykit.decisions.prepare import read_consignment
from agencykit.decisions.seen import findings_seen
from agencykit.rules import WorkOutcome
from agencykit.storage.rows import Fields, rows_in
from clearance.common.v1.consignment_pb2 import Consignment

# Numbers of clearance.agency.v1.Work.State.
OPEN, TAKEN, DONE, CANCELLED = 1, 2, 3, 4
# Numbers of clearance.agency.v1.Work.Kind.
EXAMINATION, REVIEW, LABORATORY, FOLLOW_UP, SCAN = 1, 2, 3, 4, 5

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
    "purge_time",
)
_REQUEST = ("scope", "request_id", "digest", "clearance_number", "version", "resource")
_DONE = ("clearance_number", "update_time", "id", "state", "version", "subjects", "outcome", "kind", "measured")
_ASKED = ("documents", "answer_until")
_PART = ("part",)
_OfClearance = tuple[str, Asked]


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
    """Officers' results on these that were recorded for a version that reads as theirs, oldest first.

    What was asked of the broker is there whatever was amended since: only its answer, its term or another finding
    ends it. A result on a part counts for its own version alone, a refusal from then on for all of the goods: what this
    agency does not read, such as which goods lie in which box, may have changed.
    """
    of = {one.clearance_number: one for one in candidates}
    found = rows_in(connection, tables.work, (*_DONE, *_ASKED, *_PART), ("clearance_number",), of)
    done = sorted(row for row in found if row[3] == DONE)
    asked = _asked(connection, of, done)
    compared = [(of[row[0]], row[4]) for row in done if row[2] not in asked]
    counting = unchanged(connection, definition, compared, requested_kinds(asked.values()))
    results: dict[str, list[DoneWork]] = {}
    against: dict[str, list[DoneWork]] = {}
    for number, _, work_id, _, version, subjects, outcome, kind, measured, *_, part in done:
        newest = version == of[number].version
        standing = newest or not part or outcome == WorkOutcome.REFUSED
        if work_id in asked or ((number, version) in counting and standing):
            seen = {rule_id: frozenset(prints) for rule_id, prints in json.loads(subjects).items()}
            known = asked[work_id][1] if work_id in asked else None
            about = part_of(part) if newest else None
            work = DoneWork(seen, WorkOutcome(outcome), kind == FOLLOW_UP, measured, known, about)
            results.setdefault(number, []).append(work)
            if outcome == WorkOutcome.REFUSED and kind != REVIEW and definition.refusals_stand:
                against.setdefault(number, []).append(work)
    if against:
        _remember_findings(connection, against)
    return results


def _remember_findings(connection: Connection, against: Mapping[str, Sequence[DoneWork]]) -> None:
    wanted = {number: {one for work in works for one in _prints(work)} for number, works in against.items()}
    seen = findings_seen(connection, wanted)
    for number, works in against.items():
        for work in works:
            work.against = tuple(seen[number][one] for one in sorted(_prints(work)) if one in seen[number])


def _prints(work: DoneWork) -> frozenset[str]:
    return frozenset().union(*work.subjects.values())


def requested_kinds(asked: Collection[_OfClearance]) -> Mapping[str, set[str]]:
    """The kinds of documents asked for, by clearance number."""
    kinds: dict[str, set[str]] = {}
    for number, one in asked:
        kinds.setdefault(number, set()).update(one.kinds)
    return kinds


def _asked(connection: Connection, of: Mapping[str, Candidate], done: Collection[Fields]) -> dict[str, _OfClearance]:
    """By work, what was asked of the broker and whether it is answered."""
    known = [(row[0], row[2], row[4], asked) for row in done if (asked := asked_of(*row[9:11])) is not None]
    before = earlier_versions(connection, [(of[number], version) for number, _, version, _ in known])
    return {
        work_id: (number, _with_answer(asked, of[number], before.get((number, version))))
        for number, work_id, version, asked in known
    }


def _with_answer(asked: Asked, one: Candidate, before: Consignment | None) -> Asked:
    """`before` is the version the officer looked at; None where there is no other yet."""
    if before is None:
        return asked
    return replace(asked, answered=is_answered(asked.kinds, before, read_consignment(one.consignment)))
