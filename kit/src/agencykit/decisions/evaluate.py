"""Rules over one batch: facts once for all, then each item by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from agencykit.agency import AgencyDefinition, Holder
from agencykit.decisions.candidates import Candidate, Case, Failed, Judged
from agencykit.rules import OFFICER_EFFECTS, Circumstances, Finding, OfficerResult, Outcome, Verdict, fold


@dataclass(frozen=True, slots=True)
class DoneWork:
    """An officer's recorded result: for each rule the fingerprints of the findings he saw."""

    subjects: Mapping[str, frozenset[str]]
    cleared: bool
    sampled: bool
    follow_up: bool
    measured: str


def evaluate(
    connection: Connection,
    definition: AgencyDefinition,
    candidates: Sequence[tuple[Candidate, Case | None]],
    done: Mapping[str, Sequence[DoneWork]],
    now: datetime,
) -> list[Judged | Failed]:
    """What the rules say of each candidate; one on which a rule fails stands alone as Failed.

    `done` holds officers' results by clearance number, oldest first, those of the candidate's own view only.
    """
    facts = definition.load_facts(connection, [candidate.view for candidate, _ in candidates], now)
    if len(facts) != len(candidates):
        raise ValueError("load_facts must give facts for each view, in their order")
    holders = _holders(connection, definition, candidates, facts, now)
    judged: list[Judged | Failed] = []
    for index, ((candidate, case), known) in enumerate(zip(candidates, facts, strict=True)):
        try:
            one = _judge(definition, candidate, case, known, done.get(candidate.clearance_number, ()), now)
            if definition.ledger is not None:
                one.holder = holders[index]
                definition.ledger.take(one.holder, one.outcome)
            judged.append(one)
        except Exception as error:  # a rule's fault concerns its item only; the caller logs and answers it
            judged.append(Failed(error))
    return judged


def _holders(
    connection: Connection,
    definition: AgencyDefinition,
    candidates: Sequence[tuple[Candidate, Case | None]],
    facts: Sequence[Any],
    now: datetime,
) -> list[Holder]:
    """For the agency's ledger, which completes their facts; none where it keeps none."""
    if definition.ledger is None:
        return []
    holders = [
        Holder(one.clearance_number, one.version, one.originator, one.accept_time, one.view, known, case is not None)
        for (one, case), known in zip(candidates, facts, strict=True)
    ]
    definition.ledger.load(connection, holders, now)
    return holders


def _judge(
    definition: AgencyDefinition,
    candidate: Candidate,
    case: Case | None,
    facts: Any,
    done: Sequence[DoneWork],
    now: datetime,
) -> Judged:
    circumstances = Circumstances(
        candidate.clearance_number, candidate.version, candidate.originator, candidate.accept_time, now
    )
    outcome = _outcome(definition, candidate.view, facts, circumstances, done)
    keys = set(definition.interests(candidate.view, facts))
    for found in outcome.findings:
        keys.update([(awaited.fact_kind, awaited.fact_key) for awaited in found.awaited if awaited.fact_kind])
    expiry = definition.expires(candidate.view, facts) if definition.expires is not None else None
    return Judged(candidate, case, outcome, definition.record_facts(facts), keys, expiry)


def _outcome(
    definition: AgencyDefinition, view: Any, facts: Any, circumstances: Circumstances, done: Sequence[DoneWork]
) -> Outcome:
    outside = definition.subject(view, facts)
    if outside is not None:
        return Outcome(Verdict.NOT_SUBJECT, (outside,))
    # Through `Rule.__call__` this would cost half as much again; there are up to thirty.
    findings = [found for rule in definition.rules for found in rule.function(rule, view, facts, circumstances)]
    return fold(findings, _results(findings, done)) if done else fold(findings)


def _results(findings: Iterable[Finding], done: Sequence[DoneWork]) -> list[OfficerResult]:
    """The results that still hold: those whose rule finds nothing now that the officer had not before him."""
    findings = tuple(findings)
    current = subjects_of(found for found in findings if found.effect in OFFICER_EFFECTS)
    owed = subjects_of(found for found in findings if found.effect is Verdict.APPROVED_WITH_OBLIGATIONS)
    return [
        OfficerResult(frozenset({rule_id}), work.cleared, work.sampled, work.follow_up, work.measured)
        for work in done
        for rule_id, seen in work.subjects.items()
        if (owed if work.follow_up else current).get(rule_id, frozenset()) <= seen
    ]


def subjects_of(findings: Iterable[Finding]) -> dict[str, frozenset[str]]:
    """For each rule with unresolved findings among these, their fingerprints."""
    subjects: dict[str, set[str]] = {}
    for found in findings:
        if not found.resolved:
            subjects.setdefault(found.rule_id, set()).add(fingerprint(found))
    return {rule_id: frozenset(prints) for rule_id, prints in subjects.items()}


def fingerprint(found: Finding) -> str:
    """What the finding says, in 16 hexadecimal digits; another parameter is another finding, a sample taken is not."""
    said = (
        int(Verdict.EXAMINE if found.sampled else found.effect),
        sorted(found.parameters.items()),
        found.item_numbers,
        found.container_numbers,
        int(found.required_action),
    )
    return sha256(repr(said).encode()).hexdigest()[:16]
