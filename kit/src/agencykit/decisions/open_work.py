"""Officers' work follows the decisions: EXAMINE opens an examination, HOLD a review, a sample taken work for the
laboratory, an obligation that the agency follows up its own; what is void is cancelled. Where a rule wants an image
first, EXAMINE opens work at the scanner, and the examination only once an image has not cleared the goods.

There is at most one open or taken work of a kind for a clearance. It outlives an amendment that changes nothing for
this agency, and it grows when facts bring more to look at.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from agencykit.decisions import tables
from agencykit.decisions.asked import asked_of
from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.decisions.candidates import Judged
from agencykit.decisions.decider import Decider
from agencykit.decisions.earlier import unchanged
from agencykit.decisions.evaluate import subjects_of
from agencykit.decisions.goods import part_text
from agencykit.decisions.lookups import (
    CANCELLED,
    DONE,
    EXAMINATION,
    FOLLOW_UP,
    LABORATORY,
    OPEN,
    REVIEW,
    SCAN,
    TAKEN,
    requested_kinds,
)
from agencykit.parts import Piece
from agencykit.rules import Finding, Part, Stage, Verdict
from agencykit.storage.bulk import insert_rows, select_in, update_rows
from agencykit.storage.times import to_micros

_KINDS = (
    (SCAN, Verdict.EXAMINE),
    (EXAMINATION, Verdict.EXAMINE),
    (REVIEW, Verdict.HOLD),
    (LABORATORY, Verdict.PENDING),
    (FOLLOW_UP, Verdict.APPROVED_WITH_OBLIGATIONS),
)
_SETTLED_BY_OFFICERS = frozenset(effect for _, effect in _KINDS)
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
    rows = select_in(connection, tables.work, tables.work.c.clearance_number, known)
    standing = {(row.clearance_number, row.kind): row for row in rows if row.state in (OPEN, TAKEN)}
    compared = [(known[number], row.version) for (number, _), row in standing.items()]
    asked = [(row.clearance_number, asked_of(row.documents, row.answer_until)) for row in rows if row.state == DONE]
    supplied = requested_kinds([(number, one) for number, one in asked if one is not None])
    applying = unchanged(connection, decider.definition, compared, supplied)
    changes = _Changes([], [], [])
    for one in judged:
        effects = {found.effect for found in one.outcome.findings}
        if one.case is None and effects.isdisjoint(_SETTLED_BY_OFFICERS):
            continue
        for kind, effect in _KINDS:
            row = standing.get((one.candidate.clearance_number, kind)) if one.case is not None else None
            # Most findings are remarks, which are no work for anybody.
            findings = _to_settle(decider, one, kind, effect) if effect in effects else []
            if findings or row is not None:
                applies = row is not None and (row.clearance_number, row.version) in applying
                _reconcile(decider, changes, one, kind, findings, row, applies, to_micros(now))
    insert_rows(connection, tables.work, changes.inserted)
    update_rows(connection, tables.work, ["id"], changes.updated)
    write_audit(connection, changes.audit)


def _to_settle(decider: Decider, judged: Judged, kind: int, effect: Verdict) -> list[Finding]:
    """A refused consignment leaves officers nothing to settle but, where only a part of it was refused, the rest."""
    found = [each for each in judged.outcome.findings if each.effect is effect and not each.resolved]
    if judged.outcome.verdict in _FINAL:
        found = [each for each in found if isinstance(each, Piece)]
    if effect is Verdict.EXAMINE:
        return [each for each in found if (each.stage is Stage.IMAGE) == (kind == SCAN)]
    if effect is Verdict.PENDING:
        return [each for each in found if each.stage is Stage.SAMPLED]
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
    part = part_text(_part(findings))
    if row is not None and (not findings or not applies):
        changes.updated.append(_update(row, state=CANCELLED, update_time=now))
        changes.audit.append(_act(decider, "work_cancelled", row.clearance_number, row.id, now))
        row = None
    if row is None and findings:
        made = _new_work(decider, judged, kind, findings, subjects, part, now)
        changes.inserted.append(made)
        changes.audit.append(_act(decider, "work_opened", made["clearance_number"], made["id"], now))
    elif row is not None and (json.loads(row.subjects), row.part) != (subjects, part):
        seen = {"container_numbers": json.dumps(_containers(findings)), "place": _place(decider, kind, findings)}
        changed = _update(row, subjects=json.dumps(subjects), part=part, update_time=now, **seen)
        changes.updated.append(changed)
        changes.audit.append(_act(decider, "work_changed", row.clearance_number, row.id, now))


def _update(row: Row[Any], **changed: Any) -> dict[str, Any]:
    names = ("id", "state", "subjects", "container_numbers", "place", "part", "update_time")
    return {name: changed.get(name, getattr(row, name)) for name in names}


def _new_work(
    decider: Decider,
    judged: Judged,
    kind: int,
    findings: Sequence[Finding],
    subjects: Mapping[str, Sequence[str]],
    part: str,
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
        "place": _place(decider, kind, findings),
        "part": part,
        "officer": "",
        "outcome": 0,
        "reason": "",
        "measurements": "[]",
        "measured": "",
        "finds": "[]",
        "documents": "[]",
        "answer_until": None,
        "create_time": now,
        "update_time": now,
    }


def _containers(findings: Sequence[Finding]) -> list[str]:
    return sorted({number for found in findings for number in found.container_numbers})


def _place(decider: Decider, kind: int, findings: Sequence[Finding]) -> str:
    """An image is taken at the scanner, papers are read on the desk: only examinations have a place of their own."""
    if kind != EXAMINATION:
        return ""
    return ", ".join(sorted({place for found in findings if (place := decider.definition.examined_at(found))}))


def _part(findings: Sequence[Finding]) -> Part | None:
    """What of the goods is left to settle, where all of these are pieces; else None, for all of the goods."""
    if not all(isinstance(each, Piece) for each in findings):
        return None
    items = {number for each in findings if not each.container_numbers for number in each.item_numbers}
    return Part(tuple(_containers(findings)), tuple(sorted(items)))


def _act(decider: Decider, act: str, number: str, work_id: str, now: int) -> AuditEntry:
    return AuditEntry(now, decider.agency, act, number, {"work_id": work_id})
