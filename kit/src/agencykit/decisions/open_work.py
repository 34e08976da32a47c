"""Officers' work follows the decisions: EXAMINE opens an examination, HOLD a review, a sample taken work for the
laboratory, an obligation that the agency follows up its own; what is void is cancelled.

There is at most one open or taken work of a kind for a clearance. It outlives an amendment that changes nothing for
this agency, and it grows when facts bring more to look at.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from agencykit.decisions import tables
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.candidates import Judged
from agencykit.decisions.decider import Decider
from agencykit.decisions.earlier import unchanged
from agencykit.decisions.evaluate import subjects_of
from agencykit.decisions.lookups import CANCELLED, FOLLOW_UP, OPEN, TAKEN
from agencykit.rules import Finding, Verdict
from agencykit.storage.bulk import insert_rows, select_in, update_rows
from agencykit.storage.times import to_micros

# Numbers of clearance.agency.v1.Work.Kind.
EXAMINATION, REVIEW, LABORATORY = 1, 2, 3
_KINDS = (
    (EXAMINATION, Verdict.EXAMINE),
    (REVIEW, Verdict.HOLD),
    (LABORATORY, Verdict.PENDING),
    (FOLLOW_UP, Verdict.APPROVED_WITH_OBLIGATIONS),
)
_FINAL = frozenset({Verdict.REFUSED, Verdict.RECALLED})


@dataclass(slots=True)
class _Changes:
    """What a batch does to the work table."""

    inserted: list[dict[str, Any]]
    updated: list[dict[str, Any]]
    audit: list[AuditEntry]


def reconcile_work(connection: Connection, decider: Decider, judged: Sequence[Judged], now: datetime) -> None:
    """Opens, extends and cancels work so that it fits the outcomes."""
    known = {one.candidate.clearance_number: one.candidate for one in judged if one.case is not None}
    standing = _standing_work(connection, known)
    compared = [(known[number], row.version) for (number, _), row in standing.items()]
    applying = unchanged(connection, decider.definition, compared)
    changes = _Changes([], [], [])
    for one in judged:
        if one.case is None and not one.outcome.findings:
            continue
        for kind, effect in _KINDS:
            findings = _to_settle(decider, one, effect)
            row = standing.get((one.candidate.clearance_number, kind))
            if findings or row is not None:
                applies = row is not None and (row.clearance_number, row.version) in applying
                _reconcile(decider, changes, one, kind, findings, row, applies, to_micros(now))
    insert_rows(connection, tables.work, changes.inserted)
    update_rows(connection, tables.work, ["id"], changes.updated)
    write_audit(connection, changes.audit)


def _standing_work(connection: Connection, numbers: Iterable[str]) -> dict[tuple[str, int], Row[Any]]:
    rows = select_in(connection, tables.work, tables.work.c.clearance_number, numbers)
    return {(row.clearance_number, row.kind): row for row in rows if row.state in (OPEN, TAKEN)}


def _to_settle(decider: Decider, judged: Judged, effect: Verdict) -> list[Finding]:
    """A refused consignment leaves officers nothing to settle."""
    if judged.outcome.verdict in _FINAL:
        return []
    found = [each for each in judged.outcome.findings if each.effect is effect and not each.resolved]
    if effect is Verdict.PENDING:
        return [each for each in found if each.sampled]
    if effect is Verdict.APPROVED_WITH_OBLIGATIONS:
        return [each for each in found if each.required_action in decider.definition.followed_up]
    return found


def _reconcile(
    decider: Decider,
    changes: _Changes,
    judged: Judged,
    kind: int,
    findings: Sequence[Finding],
    row: Row[Any] | None,
    applies: bool,
    now: int,
) -> None:
    """`applies`: the consignment still reads as it did when the standing work arose."""
    subjects = {rule_id: sorted(prints) for rule_id, prints in subjects_of(findings).items()}
    if row is not None and (not findings or not applies):
        changes.updated.append(_update(row, state=CANCELLED, update_time=now))
        changes.audit.append(_act(decider, "work_cancelled", row.clearance_number, row.id, now))
        row = None
    if row is None and findings:
        made = _new_work(decider, judged, kind, findings, subjects, now)
        changes.inserted.append(made)
        changes.audit.append(_act(decider, "work_opened", made["clearance_number"], made["id"], now))
    elif row is not None and json.loads(row.subjects) != subjects:
        containers = json.dumps(_containers(findings))
        changed = _update(row, subjects=json.dumps(subjects), container_numbers=containers, update_time=now)
        changes.updated.append(changed)
        changes.audit.append(_act(decider, "work_changed", row.clearance_number, row.id, now))


def _update(row: Row[Any], **changed: Any) -> dict[str, Any]:
    names = ("id", "state", "subjects", "container_numbers", "update_time")
    return {name: changed.get(name, getattr(row, name)) for name in names}


def _new_work(
    decider: Decider,
    judged: Judged,
    kind: int,
    findings: Sequence[Finding],
    subjects: Mapping[str, Sequence[str]],
    now: int,
) -> dict[str, Any]:
    return {
        "id": decider.runtime.ids.uuid(),
        "clearance_number": judged.candidate.clearance_number,
        "version": judged.candidate.version,
        "kind": kind,
        "state": OPEN,
        "subjects": json.dumps(subjects),
        "container_numbers": json.dumps(_containers(findings)),
        "officer": "",
        "outcome": 0,
        "reason": "",
        "measurements": "[]",
        "measured": "",
        "finds": "[]",
        "create_time": now,
        "update_time": now,
    }


def _containers(findings: Sequence[Finding]) -> list[str]:
    return sorted({number for found in findings for number in found.container_numbers})


def _act(decider: Decider, act: str, number: str, work_id: str, now: int) -> AuditEntry:
    return AuditEntry(now, decider.agency, act, number, {"work_id": work_id})
