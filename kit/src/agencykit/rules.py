"""Rules as pure functions, and how their findings fold into one verdict.

A rule takes the agency's view of a consignment, the facts its database holds, and the circumstances, and returns
findings; no finding means the rule passes. The official verdicts and their order are those of the contract
(clearance.common.v1.Decision.Verdict). Only the standard library is used here, so that `domain/` may import it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from agencykit.verdicts import (
    GRAVITY,
    OFFICER_EFFECTS,
    PASSING,
    GuaranteeKind,
    RequiredAction,
    Stage,
    Verdict,
    WorkOutcome,
)

__all__ = [
    "GRAVITY",
    "NOTHING_FOUND",
    "OFFICER_EFFECTS",
    "PASSING",
    "Awaited",
    "Circumstances",
    "Finding",
    "Given",
    "GuaranteeKind",
    "GuaranteeTerms",
    "OfficerResult",
    "Outcome",
    "Part",
    "RequiredAction",
    "Rule",
    "RuleFunction",
    "Stage",
    "Verdict",
    "WorkOutcome",
    "fold",
    "gravest",
    "rule",
    "settled_by",
]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A fact or person a finding waits for. `party`: trader, broker, carrier, or an agency's role for its officers.

    `fact_kind` and `fact_key` are what the agency stores when the fact comes; the pair wakes the decision.
    """

    party: str
    fact_kind: str = ""
    fact_key: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a rule found. `effect` is the verdict it alone would lead to; APPROVED marks a remark."""

    rule_id: str
    rule_version: int
    effect: Verdict
    parameters: Mapping[str, str] = field(default_factory=dict)
    item_numbers: tuple[int, ...] = ()
    container_numbers: tuple[str, ...] = ()
    required_action: RequiredAction = RequiredAction.NONE
    awaited: tuple[Awaited, ...] = ()
    amount_minor_units: int = 0
    currency_code: str = ""
    resolved: bool = False
    stage: Stage = Stage.FOUND
    notes: tuple[tuple[str, str], ...] = ()
    """What officers' results add (name, text). Told as parameters are, but no part of what the rule found."""
    foreseen: bool = False
    """A remark on what will be refused later if nothing changes, although nothing is wrong now."""


@dataclass(frozen=True, slots=True)
class Given:
    """Another agency's decision that was given with the consignment, of this district or of another."""

    agency: str
    district: str
    verdict: Verdict
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class Circumstances:
    """What a decision may know beside view and facts: who submitted, when it was accepted, the moment of deciding."""

    clearance_number: str
    version: int
    originator: str
    accept_time: datetime
    decide_time: datetime
    urgent: bool = False
    """Whether the gateway put it before others. Told with the request alone: a later decision on the same version
    does not know it any more.
    """
    given: tuple[Given, ...] = ()
    """Decisions of others that came with this version, which the gateway has verified."""
    closed: bool = False
    """Whether the gateway has told that it is closed (结关): the goods have left, lawfully. What they have done since
    may still recall them; that time has passed may not.
    """


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a consignment: containers, or goods items of cargo that has none. It always names something."""

    containers: tuple[str, ...] = ()
    items: tuple[int, ...] = ()


RuleFunction = Callable[[Any, Any, Circumstances], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its catalogue entry. Call `finding` inside the function, so that id and version stand once."""

    id: str
    version: int
    zh: str
    en: str
    enough_zh: str
    enough_en: str
    source: str
    function: "Callable[[Rule, Any, Any, Circumstances], Iterable[Finding]]"

    def __call__(self, view: Any, facts: Any, circumstances: Circumstances) -> Iterable[Finding]:
        return self.function(self, view, facts, circumstances)

    def finding(self, effect: Verdict, **details: Any) -> Finding:
        """A finding of this rule; `details` are Finding's other fields."""
        return Finding(rule_id=self.id, rule_version=self.version, effect=effect, **details)


def rule(
    *, id: str, version: int, zh: str, en: str, enough_zh: str, enough_en: str, source: str
) -> Callable[[Callable[[Rule, Any, Any, Circumstances], Iterable[Finding]]], Rule]:
    """Declares a rule: `@rule(id="CUS-102", version=1, …) def value_is_sane(self, view, facts, circumstances): …`.

    Templates name their parameters in braces: `{item}`; every finding of the rule must carry those it uses.
    """

    def declare(function: Callable[[Rule, Any, Any, Circumstances], Iterable[Finding]]) -> Rule:
        return Rule(id, version, zh, en, enough_zh, enough_en, source, function)

    return declare


@dataclass(frozen=True, slots=True)
class OfficerResult:
    """An officer's recorded result: which rules' findings it settles, and how."""

    rule_ids: frozenset[str]
    outcome: WorkOutcome | None
    """None settles nothing: the matter is the officers' again, and only the notes are told."""
    follow_up: bool = False
    """It settles obligations, not what kept the goods from release."""
    notes: tuple[tuple[str, str], ...] = ()
    """For the findings it is about."""
    part: Part | None = None
    """What of the goods it is about; None: all of them."""


@dataclass(frozen=True, slots=True)
class GuaranteeTerms:
    """The guarantee on which an agency agrees to release although something is open (担保放行)."""

    kinds: tuple[GuaranteeKind, ...]
    amount_minor_units: int
    currency_code: str
    covered: bool
    """Whether confirmed uses stand for the whole amount."""
    granted_grns: tuple[str, ...] = ()
    """Guarantees of the trader that a scheme (担保验放) takes up without being asked; none once it is covered."""
    settle_days: int = 0
    """Within how many days of release what is open must be settled; 0: no term."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The folded answer of one agency on one consignment."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    part: Part | None = None
    """What the verdict, an approval, is about while the rest is undecided (agencykit.parts); None: everything."""
    guarantee: GuaranteeTerms | None = None
    """Where it is covered, the verdict is an approval while findings are open."""


NOTHING_FOUND = Outcome(Verdict.APPROVED, ())


def fold(findings: Iterable[Finding], results: Iterable[OfficerResult] = ()) -> Outcome:
    """Folds findings into a verdict, the gravest effect winning; officers' results settle EXAMINE and HOLD findings.

    A cleared finding stays in the list, marked resolved, and no longer counts; a refused one becomes REFUSED, one of
    which a sample was taken PENDING, and one on which documents were asked for INFORMATION_REQUESTED. Obligations are
    met or, where they turn out badly, RECALLED: the approval is taken back. Of several results on one rule the last
    counts.
    No findings at all means APPROVED. Whether the agency's remit is touched at all (NOT_SUBJECT) is decided before.
    """
    settled = tuple(findings)
    if not settled:
        return NOTHING_FOUND
    if results := tuple(results):
        settled = _settled(settled, results)
    return Outcome(gravest(settled), settled)


def gravest(findings: Iterable[Finding]) -> Verdict:
    """The verdict that these lead to together."""
    effects = {finding.effect for finding in findings if not finding.resolved}
    return next((grave for grave in GRAVITY if grave in effects), Verdict.APPROVED)


def _settled(findings: Iterable[Finding], results: Iterable[OfficerResult]) -> tuple[Finding, ...]:
    last = {(rule_id, result.follow_up): result for result in results for rule_id in result.rule_ids}
    return tuple([_settle(finding, last) for finding in findings])


def _settle(finding: Finding, last: Mapping[tuple[str, bool], OfficerResult]) -> Finding:
    owed = finding.effect is Verdict.APPROVED_WITH_OBLIGATIONS
    result = last.get((finding.rule_id, owed)) if owed or finding.effect in OFFICER_EFFECTS else None
    return finding if result is None else settled_by(finding, result)


def settled_by(finding: Finding, result: OfficerResult) -> Finding:
    """A finding that officers can settle, after this result on it."""
    owed = finding.effect is Verdict.APPROVED_WITH_OBLIGATIONS
    return replace(finding, **_CHANGES[result.outcome, owed], notes=result.notes)


# (outcome, of an obligation) → what it makes of the finding. Work of each kind takes only some (work_acts).
_CHANGES: Mapping[tuple[WorkOutcome | None, bool], Mapping[str, Any]] = {
    (None, False): {},
    (WorkOutcome.CLEARED, False): {"resolved": True},
    (WorkOutcome.CLEARED, True): {"resolved": True},
    (WorkOutcome.REFUSED, False): {"effect": Verdict.REFUSED},
    (WorkOutcome.REFUSED, True): {"effect": Verdict.RECALLED},
    (WorkOutcome.SAMPLED, False): {"effect": Verdict.PENDING, "stage": Stage.SAMPLED},
    (WorkOutcome.SUSPICIOUS, False): {"stage": Stage.FOUND},
    (WorkOutcome.UNREADABLE, False): {"stage": Stage.FOUND},
    (WorkOutcome.DOCUMENTS_REQUESTED, False): {
        "effect": Verdict.INFORMATION_REQUESTED,
        "stage": Stage.ASKED,
        "required_action": RequiredAction.SUPPLY_DOCUMENT,
    },
}
