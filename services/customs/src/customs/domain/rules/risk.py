"""Risk selection as findings: red examines, yellow has the documents checked, blue is audited after release."""

from collections.abc import Iterable

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, rule
from customs.domain.consignment import ConsignmentView
from customs.domain.entitlement import scheme_of
from customs.domain.facts import Facts
from customs.domain.risk.profile import Lane
from customs.domain.risk.selection import selected
from customs.domain.rules.verification import NOWHERE, ORDERED_RULE, to_be_opened
from customs.domain.schemes import Effect
from customs.domain.verification import Part, part_of
from customs.domain.wording import listed

SOURCE = "关于大通关的实施意见:风险分析、分级监管 / risk profile of this agency (configurable default)"
RED_RULE, YELLOW_RULE, BLUE_RULE = "CUS-181", "CUS-182", "CUS-183"


def _criteria(lane: Lane, view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> dict[str, str]:
    """The parameters that name the criteria; empty where the goods are led to another lane.

    Selection says which lane; a scheme may turn the yellow one, a check of documents before release, into the blue one.
    """
    moment = circumstances.accept_time
    selection = facts.selection or selected(view, facts, moment)
    led = selection.lane
    if led is Lane.YELLOW and scheme_of(Effect.AUDIT_AFTER, view, facts, moment):
        led = Lane.BLUE
    if led is not lane:
        return {}
    return {"criteria": listed(f"{name}/{version}" for name, version in (mark.stratum for mark in selection.reasons))}


@rule(
    id=RED_RULE,
    version=3,
    zh="布控查验(依据 {criteria}),查验地点:{place}",
    en="Selected for examination by {criteria}; to be opened at {place}",
    enough_zh="查验无异常",
    enough_en="An examination that finds nothing against release",
    source=SOURCE,
)
def goods_are_not_selected_for_examination(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The red lane: the scanner first, or an officer opens them, at the enterprise's premises where a scheme says so.

    Goods that lie at the port of another district are looked at there (CUS-205): here that is an obligation, which the
    port is given as evidence.
    """
    parameters = _criteria(Lane.RED, view, facts, circumstances)
    if not parameters:
        return ()
    if part_of(view, circumstances) is Part.HOME:
        return (to_be_opened(self, view, facts, parameters, effect=Verdict.APPROVED_WITH_OBLIGATIONS),)
    return (to_be_opened(self, view, facts, parameters, premises=_premises(view, facts, circumstances)),)


def examined_at(found: Finding) -> str:
    """Where the officer goes: the premises, or the port; empty where the declaration names none."""
    place = found.parameters["place"] if found.rule_id in (RED_RULE, ORDERED_RULE) else NOWHERE
    return "" if place == NOWHERE else place


def _premises(view: ConsignmentView, facts: Facts, circumstances: Circumstances) -> str:
    """Where the goods are examined under 上门验放; empty for all else."""
    if facts.enterprise is None or not facts.enterprise.premises:
        return ""
    granted = scheme_of(Effect.AT_PREMISES, view, facts, circumstances.accept_time)
    return facts.enterprise.premises if granted else ""


@rule(
    id=YELLOW_RULE,
    version=1,
    zh="布控审单(依据 {criteria})",
    en="Selected for a check of the documents by {criteria}",
    enough_zh="关员审核单证无异常",
    enough_en="An officer has checked the documents",
    source=SOURCE,
)
def documents_are_not_selected_for_a_check(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The yellow lane: an officer looks at the documents, which are there; the broker is asked for nothing."""
    parameters = _criteria(Lane.YELLOW, view, facts, circumstances)
    return (self.finding(Verdict.HOLD, parameters=parameters),) if parameters else ()


@rule(
    id=BLUE_RULE,
    version=1,
    zh="先放后核(依据 {criteria}),放行后稽查",
    en="Released now and audited later, by {criteria}",
    enough_zh="稽查无异常;单证保存三年备查",
    enough_en="An audit of the documents that finds nothing; they are kept for three years",
    source=SOURCE,
)
def consignment_is_not_selected_for_audit(
    self: Rule, view: ConsignmentView, facts: Facts, circumstances: Circumstances
) -> Iterable[Finding]:
    """The blue lane: the goods may go, and an officer audits the documents afterwards; a bad audit recalls."""
    parameters = _criteria(Lane.BLUE, view, facts, circumstances)
    if not parameters:
        return ()
    action = RequiredAction.SUPPLY_DOCUMENT
    return (self.finding(Verdict.APPROVED_WITH_OBLIGATIONS, parameters=parameters, required_action=action),)
