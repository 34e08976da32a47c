"""Appeals against refusals: each act one transaction.

LODGED      → UPHELD | DISMISSED, by another officer than the one whose result is appealed against
UPHELD      StateForbids
DISMISSED   StateForbids
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from agencykit.decisions import tables as kit
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.due import claim_facts, mark_due
from agencykit.decisions.lookups import CANCELLED, DONE
from agencykit.decisions.outcomes import lock_numbers
from agencykit.decisions.reads import one_decision
from agencykit.decisions.requests import Claim, claim_request
from agencykit.refusals import AppealTooLate, NotFound, RecordPurged, Refusal, StateForbids
from agencykit.rules import Finding, Verdict
from agencykit.storage.bulk import insert_rows, select_in
from agencykit.storage.rows import change, run, run_many
from agencykit.storage.times import from_micros
from border.domain.rules.appeal import Contested, Term, in_time, why_not
from border.storage.tables import appeals

LODGED, UPHELD, DISMISSED = 1, 2, 3
_NAMES = {LODGED: "LODGED", UPHELD: "UPHELD", DISMISSED: "DISMISSED"}
# Number of clearance.agency.v1.WorkResult.Outcome.
REFUSED = 2
_DECIDE = "UPDATE appeals SET state = ?, officer = ?, reason = ?, decide_time = ? WHERE id = ? AND state = 1"
_LIST = """
SELECT id FROM appeals WHERE id > ? AND (? = 0 OR state = ?) AND (? = '' OR appellant = ?) ORDER BY id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Lodging:
    """An appeal that comes. `own_only`: the caller speaks of what he submitted himself and of nothing else."""

    claim: Claim
    new_id: str
    clearance_number: str
    grounds: str
    own_only: bool


def lodge_appeal(
    connection: Connection, lodging: Lodging, decided_at: Callable[[bytes], datetime], days: int, now: int
) -> Any:
    """Takes the appeal against the newest decision, or refuses; a replay answers it as it stands."""
    claim, number = lodging.claim, lodging.clearance_number
    if not claim_request(connection, claim, now):
        return _of_request(connection, claim)
    lock_numbers(connection, [number])  # of two at once the second finds the first
    decided = one_decision(connection, number, 0, 0)
    if decided is None or (lodging.own_only and not _submitted(connection, number, decided.version, claim.scope)):
        raise NotFound("clearance", number)
    contested = Contested(
        number,
        Verdict(decided.verdict),
        decided_at(decided.signed),
        _is_appealed(connection, number, decided.version, decided.revision),
    )
    finding = why_not(contested, Term(from_micros(now), days))
    if finding is not None:
        raise _refusal(finding)
    row = {
        "id": lodging.new_id,
        "clearance_number": number,
        "version": decided.version,
        "revision": decided.revision,
        "appellant": claim.scope,
        "grounds": lodging.grounds,
        "state": LODGED,
        "officer": "",
        "reason": "",
        "lodge_time": now,
        "decide_time": None,
        "request_id": claim.request_id,
    }
    insert_rows(connection, appeals, [row])
    write_audit(connection, [AuditEntry(now, claim.scope, "appeal_lodged", number, {"appeal_id": lodging.new_id})])
    return _appeal(connection, lodging.new_id)


def decide_appeal(connection: Connection, claim: Claim, appeal_id: str, state: int, reason: str, now: int) -> Any:
    """Decides it; upheld, the results that refused are set aside and border decides anew."""
    replayed = not claim_request(connection, claim, now)
    appeal = _appeal(connection, appeal_id)
    if replayed:
        return appeal
    refusing = _refusing_work(connection, appeal.clearance_number)
    if claim.scope == appeal.appellant or claim.scope in {work.officer for work in refusing}:
        raise StateForbids("OF_THE_SAME_OFFICER", "decide")
    if change(connection, _DECIDE, (state, claim.scope, reason, now, appeal_id)) != 1:
        raise StateForbids(_NAMES[_appeal(connection, appeal_id).state], "decide")
    if state == UPHELD:
        claim_facts(connection)
        voided = [(CANCELLED, now, work.id) for work in refusing]
        run_many(connection, "UPDATE work SET state = ?, update_time = ? WHERE id = ?", voided)
        mark_due(connection, [appeal.clearance_number])
    details = {"appeal_id": appeal_id, "state": _NAMES[state], "work_ids": [work.id for work in refusing]}
    write_audit(connection, [AuditEntry(now, claim.scope, "appeal_decided", appeal.clearance_number, details)])
    return _appeal(connection, appeal_id)


def list_appeals(connection: Connection, state: int, appellant: str, after: str, size: int) -> list[Any]:
    """Appeals by identifier after this one; state 0 and an empty appellant mean all."""
    ids = [id_ for (id_,) in run(connection, _LIST, (after, state, state, appellant, appellant, size))]
    return sorted(select_in(connection, appeals, appeals.c.id, ids))


def _refusal(finding: Finding) -> Refusal:
    if finding.rule_id == in_time.id:
        return AppealTooLate(rule_id=finding.rule_id, **finding.parameters)
    return StateForbids(finding.parameters["state"], "appeal")


def _submitted(connection: Connection, number: str, version: int, identity: str) -> bool:
    text = "SELECT originator FROM consignments WHERE clearance_number = ? AND version = ?"
    return run(connection, text, (number, version)) == [(identity,)]


def _is_appealed(connection: Connection, number: str, version: int, revision: int) -> bool:
    text = "SELECT 1 FROM appeals WHERE clearance_number = ? AND version = ? AND revision = ?"
    return bool(run(connection, text, (number, version, revision)))


def _refusing_work(connection: Connection, number: str) -> list[Any]:
    found = select_in(connection, kit.work, kit.work.c.clearance_number, [number])
    return [work for work in found if work.state == DONE and work.outcome == REFUSED]


def _of_request(connection: Connection, claim: Claim) -> Any:
    text = "SELECT id FROM appeals WHERE request_id = ? AND appellant = ?"
    for (appeal_id,) in run(connection, text, (claim.request_id, claim.scope)):
        return _appeal(connection, appeal_id)
    raise RecordPurged("appeal", claim.request_id)


def _appeal(connection: Connection, appeal_id: str) -> Any:
    found = select_in(connection, appeals, appeals.c.id, [appeal_id])
    if not found:
        raise NotFound("appeal", appeal_id)
    return found[0]
