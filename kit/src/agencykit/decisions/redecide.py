"""The transaction that decides again what facts or officers have woken, and what happens to one that fails.

Same steps as an assessment, on the current version as it is stored. An answer that would only repeat the last one is
not logged. On PostgreSQL replicas share the due clearances among them: a row that another holds is passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.candidates import Candidate, Case, Decided, Failed, Judged
from agencykit.decisions.decider import Decider
from agencykit.decisions.due import share_facts
from agencykit.decisions.evaluate import evaluate
from agencykit.decisions.lookups import cases_of, done_work
from agencykit.decisions.outcomes import closed_of
from agencykit.decisions.prepare import read_consignment
from agencykit.decisions.record import record
from agencykit.storage.rows import Fields, change, rows_in, run
from agencykit.storage.times import from_micros, to_micros

# After so many failed tries a clearance is set aside: it stays as it was until a new fact or an amendment.
MOST_ATTEMPTS = 5
_CONSIGNMENT = (
    "clearance_number",
    "version",
    "digest",
    "consignment",
    "originator",
    "accept_time",
    "traceparent",
    "tracestate",
    "given",
)


@dataclass(slots=True)
class Redecided:
    """What came of one clearance; `result` is None where the answer stays the same."""

    candidate: Candidate
    result: Decided | Failed | None


def due_clearances(connection: Connection, now: datetime, limit: int) -> list[str]:
    """The clearances that are due, longest first."""
    found = run(
        connection,
        "SELECT clearance_number FROM cases WHERE due_time <= ? ORDER BY due_time, clearance_number LIMIT ?",
        (to_micros(now), limit),
    )
    return [number for (number,) in found]


def next_due(connection: Connection) -> datetime | None:
    """When the next clearance is due; None where nothing is."""
    [(moment,)] = run(connection, "SELECT min(due_time) FROM cases")
    return None if moment is None else from_micros(moment)


def redecide(connection: Connection, decider: Decider, numbers: Sequence[str], now: datetime) -> list[Redecided]:
    """Decides those of these clearances that are still due and whose rows nobody else holds."""
    share_facts(connection)
    moment = to_micros(now)
    cases = {
        number: case
        for number, case in cases_of(connection, numbers, skip_locked=True).items()
        if case.due_time is not None and case.due_time <= moment and case.withdrawn_version is None
    }
    if not cases:
        return []
    candidates, unreadable = _candidates(connection, decider, cases)
    done = done_work(connection, decider.definition, candidates)
    pairs = [(one, cases[one.clearance_number]) for one in candidates]
    judged = evaluate(connection, decider.definition, pairs, done, now) if pairs else []
    good = [one for one in judged if isinstance(one, Judged)]
    results: list[Redecided] = [
        Redecided(one.candidate, decided)
        for one, decided in zip(good, record(connection, decider, good, now), strict=True)
    ]
    failed = unreadable + [
        Redecided(candidate, one) for candidate, one in zip(candidates, judged, strict=True) if isinstance(one, Failed)
    ]
    for one in failed:
        put_off(connection, decider, one.candidate.clearance_number, cases[one.candidate.clearance_number], now)
    return results + failed


def put_off(connection: Connection, decider: Decider, number: str, case: Case, now: datetime) -> None:
    """Tries this clearance later, each time later; after the last try sets it aside, with an audit row."""
    attempts = case.attempts + 1
    moment = to_micros(now)
    set_aside = attempts >= MOST_ATTEMPTS
    due = None if set_aside else moment + 1_000_000 * 2**attempts
    change(
        connection, "UPDATE cases SET attempts = ?, due_time = ? WHERE clearance_number = ?", (attempts, due, number)
    )
    act = "redecision_set_aside" if set_aside else "redecision_failed"
    write_audit(connection, [AuditEntry(moment, decider.agency, act, number, {"attempts": attempts})])


def put_off_alone(connection: Connection, decider: Decider, number: str, now: datetime) -> None:
    """The same for a clearance whose whole transaction failed."""
    for found, case in cases_of(connection, [number]).items():
        put_off(connection, decider, found, case, now)


def _candidates(
    connection: Connection, decider: Decider, cases: dict[str, Case]
) -> tuple[list[Candidate], list[Redecided]]:
    versions = [(number, case.version) for number, case in cases.items()]
    rows = rows_in(connection, tables.consignments, _CONSIGNMENT, ("clearance_number", "version"), versions)
    closed = closed_of(connection, list(cases))
    candidates: list[Candidate] = []
    unreadable: list[Redecided] = []
    for row in rows:
        candidate = _candidate(row)
        candidate.closed = candidate.clearance_number in closed
        try:
            candidate.view = decider.definition.read(read_consignment(candidate.consignment))
        except Exception as error:  # the fault concerns this clearance only; the caller logs it
            unreadable.append(Redecided(candidate, Failed(error)))
        else:
            candidates.append(candidate)
    return candidates, unreadable


def _candidate(row: Fields) -> Candidate:
    """Without its view."""
    number, version, digest, consignment, originator, accept_time, traceparent, tracestate, given = row
    return Candidate(
        clearance_number=number,
        version=version,
        digest=digest,
        consignment=consignment,
        view=None,
        originator=originator,
        accept_time=from_micros(accept_time),
        traceparent=traceparent,
        tracestate=tracestate,
        given=bytes(given),
    )
