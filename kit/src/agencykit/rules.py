"""Rules as pure functions, and how their findings fold into one verdict.

A rule takes the agency's view of a consignment, the facts its database holds, and the circumstances, and returns
findings; no finding means the rule passes. The official verdicts and their order are those of the contract
(clearance.common.v1.Decision.Verdict). Only the standard library is used here, so that `domain/` may import it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any


class Verdict(IntEnum):
    """Numbers are the contract's."""

    APPROVED = 1
    APPROVED_WITH_OBLIGATIONS = 2
    NOT_SUBJECT = 3
    PENDING = 4
    INFORMATION_REQUESTED = 5
    EXAMINE = 6
    HOLD = 7
    REFUSED = 8
    RECALLED = 9


class RequiredAction(IntEnum):
    """Numbers are the contract's."""

    NONE = 0
    SUPPLY_DOCUMENT = 1
    PRESENT = 2
    SAMPLE = 3
    TREAT = 4
    PAY = 5
    DO_NOT_LOAD = 6
    RETURN = 7
    DESTROY = 8
    SEIZE = 9


# Gravest first. NOT_SUBJECT is never a finding's effect beside others: it is the answer when no rule applies.
GRAVITY = (
    Verdict.RECALLED,
    Verdict.REFUSED,
    Verdict.HOLD,
    Verdict.INFORMATION_REQUESTED,
    Verdict.EXAMINE,
    Verdict.PENDING,
    Verdict.APPROVED_WITH_OBLIGATIONS,
    Verdict.APPROVED,
)

# Effects that an officer's recorded result can settle; all others are settled by facts or by an amendment.
OFFICER_EFFECTS = frozenset({Verdict.EXAMINE, Verdict.HOLD})


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
    sampled: bool = False
    """An officer has taken a sample, and the laboratory's result is waited for."""


@dataclass(slots=True)
class Circumstances:
    """What a decision may know beside view and facts: who submitted, when it was accepted, the moment of deciding."""

    clearance_number: str
    version: int
    originator: str
    accept_time: datetime
    decide_time: datetime


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
    cleared: bool
    sampled: bool = False
    """A sample was taken: neither cleared nor refused yet."""
    follow_up: bool = False
    """It settles obligations, not what kept the goods from release."""
    measured: str = ""
    """What was measured; findings then carry it as a parameter of this name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The folded answer of one agency on one consignment."""

    verdict: Verdict
    findings: tuple[Finding, ...]


NOTHING_FOUND = Outcome(Verdict.APPROVED, ())


def fold(findings: Iterable[Finding], results: Iterable[OfficerResult] = ()) -> Outcome:
    """Folds findings into a verdict, the gravest effect winning; officers' results settle EXAMINE and HOLD findings.

    A cleared finding stays in the list, marked resolved, and no longer counts; a refused one becomes REFUSED, and one
    of which a sample was taken PENDING. Obligations are met or, where they turn out badly, RECALLED: the approval is
    taken back. Of several results on one rule the last counts.
    No findings at all means APPROVED. Whether the agency's remit is touched at all (NOT_SUBJECT) is decided before.
    """
    settled = tuple(findings)
    if not settled:
        return NOTHING_FOUND
    if results := tuple(results):
        settled = _settled(settled, results)
    effects = {finding.effect for finding in settled if not finding.resolved}
    return Outcome(next((grave for grave in GRAVITY if grave in effects), Verdict.APPROVED), settled)


def _settled(findings: Iterable[Finding], results: Iterable[OfficerResult]) -> tuple[Finding, ...]:
    last = {(rule_id, result.follow_up): result for result in results for rule_id in result.rule_ids}
    return tuple([_settle(finding, last) for finding in findings])


def _settle(finding: Finding, last: Mapping[tuple[str, bool], OfficerResult]) -> Finding:
    owed = finding.effect is Verdict.APPROVED_WITH_OBLIGATIONS
    result = last.get((finding.rule_id, owed)) if owed or finding.effect in OFFICER_EFFECTS else None
    if result is None:
        return finding
    changed: dict[str, Any] = {"resolved": True}
    if result.sampled:
        changed = {"effect": Verdict.PENDING, "sampled": True}
    elif not result.cleared:
        changed = {"effect": Verdict.RECALLED if owed else Verdict.REFUSED}
    if result.measured:
        changed["parameters"] = {**finding.parameters, "measured": result.measured}
    fields = {name: getattr(finding, name) for name in Finding.__slots__} | changed
    return Finding(**fields)
