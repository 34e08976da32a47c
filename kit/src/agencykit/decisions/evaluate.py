"""Rules over one batch: facts once for all, then each item by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from agencykit.agency import AgencyDefinition, Holder
from agencykit.decisions.asked import Asked
from agencykit.decisions.candidates import Candidate, Case, Failed, Judged
from agencykit.decisions.given import read_given
from agencykit.decisions.goods import read_goods
from agencykit.decisions.leaf import WAITING_VERDICTS
from agencykit.parts import Piece, fold_parts, narrowed
from agencykit.rules import (
    OFFICER_EFFECTS,
    Circumstances,
    Finding,
    OfficerResult,
    Outcome,
    Part,
    Stage,
    Verdict,
    WorkOutcome,
    fold,
)

# What an image that does not clear the goods can be.
IMAGE_OUTCOMES = frozenset({WorkOutcome.SUSPICIOUS, WorkOutcome.UNREADABLE})


@dataclass(slots=True)
class DoneWork:
    """An officer's recorded result: for each rule the fingerprints of the findings he saw."""

    subjects: Mapping[str, frozenset[str]]
    outcome: WorkOutcome
    follow_up: bool
    measured: str
    asked: Asked | None = None
    # What of the goods it is about; None: all of them.
    part: Part | None = None
    # Where he found against the goods, and the agency has it stand: the findings themselves.
    against: tuple[Finding, ...] = ()


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
        candidate.clearance_number,
        candidate.version,
        candidate.originator,
        candidate.accept_time,
        now,
        candidate.urgent,
        read_given(candidate.given) if candidate.given else (),
        candidate.closed,
    )
    outcome = _outcome(definition, candidate, facts, circumstances, done)
    if definition.guarantee is not None and outcome.verdict in WAITING_VERDICTS:
        outcome = _guaranteed(definition, candidate.view, facts, circumstances, outcome)
    keys = set(definition.interests(candidate.view, facts))
    for found in outcome.findings:
        keys.update([(awaited.fact_kind, awaited.fact_key) for awaited in found.awaited if awaited.fact_kind])
    ends = definition.expires if not candidate.closed else None
    expiry = ends(candidate.view, facts) if ends is not None else None
    if done:
        expiry = _first([expiry, *(work.asked.until for work in done if work.asked and work.asked.standing(now))])
    return Judged(candidate, case, outcome, definition.record_facts(facts), keys, expiry)


def _outcome(
    definition: AgencyDefinition,
    candidate: Candidate,
    facts: Any,
    circumstances: Circumstances,
    done: Sequence[DoneWork],
) -> Outcome:
    view = candidate.view
    outside = definition.subject(view, facts)
    if outside is not None:
        return Outcome(Verdict.NOT_SUBJECT, (outside,))
    # Through `Rule.__call__` this would cost half as much again; there are up to thirty.
    rules = definition.rules if definition.choose is None else definition.choose(view, circumstances)
    findings = [found for rule in rules for found in rule.function(rule, view, facts, circumstances)]
    if not done:
        return fold(findings)
    standing, now = _standing(findings, done), circumstances.decide_time
    if any(work.part for work in done):
        goods = read_goods(candidate.consignment)
        findings += [piece for found, part in standing for piece in narrowed(found, part, goods)]
        return fold_parts(findings, _results(findings, done, now), goods)
    findings += [found for found, _ in standing]
    return fold(findings, _results(findings, done, now))


def _guaranteed(
    definition: AgencyDefinition, view: Any, facts: Any, circumstances: Circumstances, outcome: Outcome
) -> Outcome:
    """With the agency's terms. Findings keep their effects, so that officers go on with what is open."""
    assert definition.guarantee is not None
    terms = definition.guarantee(view, facts, circumstances, outcome)
    if terms is None:
        return outcome
    verdict = Verdict.APPROVED_WITH_OBLIGATIONS if terms.covered else outcome.verdict
    return replace(outcome, verdict=verdict, guarantee=terms)


def _standing(findings: Iterable[Finding], done: Sequence[DoneWork]) -> list[tuple[Finding, Part | None]]:
    """What officers found last against the goods under rules that find nothing any more, and of which part of them."""
    last: dict[tuple[str, bool], list[DoneWork]] = {}
    for work in done:
        for rule_id in work.subjects:
            before = last.get((rule_id, work.follow_up), []) if work.part else []
            last[rule_id, work.follow_up] = [*before, work]
    silent = last.keys() - {(found.rule_id, owed) for found in findings for owed in (False, True)}
    return [
        (found, work.part)
        for rule_id, owed in sorted(silent)
        for work in last[rule_id, owed]
        for found in work.against
        if found.rule_id == rule_id
    ]


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _results(findings: Iterable[Finding], done: Sequence[DoneWork], now: datetime) -> list[OfficerResult]:
    """The results that still hold: those whose rule finds nothing now that the officer had not before him."""
    findings = tuple(findings)
    current = subjects_of(found for found in findings if found.effect in OFFICER_EFFECTS)
    owed = subjects_of(found for found in findings if found.effect is Verdict.APPROVED_WITH_OBLIGATIONS)
    return [
        OfficerResult(frozenset({rule_id}), _outcome_of(work, now), work.follow_up, _notes(work, now), work.part)
        for work in done
        for rule_id, seen in work.subjects.items()
        if (owed if work.follow_up else current).get(rule_id, frozenset()) <= seen
    ]


def _outcome_of(work: DoneWork, now: datetime) -> WorkOutcome | None:
    return work.asked.outcome(now) if work.asked else work.outcome


def _notes(work: DoneWork, now: datetime) -> tuple[tuple[str, str], ...]:
    if work.asked:
        return work.asked.notes(now)
    if work.outcome in IMAGE_OUTCOMES:
        return (("image", work.outcome.name.lower()),)
    return (("measured", work.measured),) if work.measured else ()


def subjects_of(findings: Iterable[Finding]) -> dict[str, frozenset[str]]:
    """For each rule with unresolved findings among these, their fingerprints."""
    subjects: dict[str, set[str]] = {}
    for found in findings:
        if not found.resolved:
            subjects.setdefault(found.rule_id, set()).add(fingerprint(found))
    return {rule_id: frozenset(prints) for rule_id, prints in subjects.items()}


def fingerprint(found: Finding) -> str:
    """What the finding says, in 16 hexadecimal digits; another parameter is another finding, a sample taken is not, nor
    is a piece of it.
    """
    if isinstance(found, Piece) and found.of is not None:
        found = found.of
    said = (
        int(Verdict.EXAMINE if found.stage is Stage.SAMPLED else found.effect),
        sorted(found.parameters.items()),
        found.item_numbers,
        found.container_numbers,
        int(found.required_action),
    )
    return sha256(repr(said).encode()).hexdigest()[:16]
