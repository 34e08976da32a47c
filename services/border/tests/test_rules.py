"""Every rule of border finds in one sample what it is there for, and passes the sample's near twin."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any

import pytest

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, fold
from border.domain.catalogue import RULES
from border.domain.consignment import ConsignmentView, DeclarationType, Direction, Mode
from border.domain.facts import Announcement, Facts, Formalities, Hit, Permit
from border.domain.rules import conveyance, crew_and_permit, dangerous_goods, remit, watch_list
from border.domain.rules.remit import subject

ARRIVAL = datetime(2004, 6, 18, 6, tzinfo=UTC)
NOW = ARRIVAL - timedelta(hours=2)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
CIRCUMSTANCES = Circumstances("310020040618AAAA", 1, "spiffe://ningbo.clearance/broker/3104980001", NOW, NOW)
SHIP_RULES = Formalities(DAY, 7 * DAY, 4 * HOUR, crew_list=True, permit=True, inspection=True)

GOOD_VIEW = ConsignmentView(
    direction=Direction.IMPORT,
    declaration_type=DeclarationType.STANDARD,
    mode=Mode.SEA,
    identification="IMO 9319466",
    conveyance="9319466",
    call="9319466/025W",
    nationality_code="PA",
    parties=("3302910123",),
    dangerous_goods=(),
)
GOOD_FACTS = Facts(
    formalities=SHIP_RULES,
    announcement=Announcement(ARRIVAL - 8 * DAY, ARRIVAL),
    crew_listed=True,
    permit=Permit(NOW - HOUR),
    inspected=True,
)
EXPORT = {"direction": Direction.EXPORT}
FLIGHT = {"mode": Mode.AIR, "identification": "CA 1947", "conveyance": "CA1947", "call": "CA1947/20040618"}


@dataclass(frozen=True)
class Sample:
    """What is changed on a consignment that passes everything, so that `rule` finds; and on its twin, that passes."""

    rule: Rule
    effect: Verdict
    view: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    twin_view: Mapping[str, Any] = field(default_factory=dict)
    twin_facts: Mapping[str, Any] = field(default_factory=dict)
    action: RequiredAction = RequiredAction.NONE
    waits_for: tuple[tuple[str, str, str], ...] = ()


def announced(ahead: timedelta, *dangerous_goods: str) -> dict[str, Any]:
    return {"announcement": Announcement(ARRIVAL - ahead, ARRIVAL, frozenset(dangerous_goods))}


SAMPLES = (
    Sample(
        conveyance.conveyance_named,
        Verdict.INFORMATION_REQUESTED,
        view={"mode": Mode.UNSPECIFIED, "identification": "", "conveyance": "", "call": "/025W"},
        facts={"formalities": Formalities(), "announcement": None},
        action=RequiredAction.SUPPLY_DOCUMENT,
        waits_for=(("broker", "", ""),),
    ),
    Sample(
        conveyance.conveyance_announced,
        Verdict.PENDING,
        facts={"announcement": None},
        twin_facts=announced(8 * DAY),
        waits_for=(("carrier", "announcement", "9319466/025W"),),
    ),
    Sample(
        conveyance.announced_in_time,
        Verdict.EXAMINE,
        facts=announced(DAY - MINUTE),
        twin_facts=announced(DAY),
        action=RequiredAction.PRESENT,
    ),
    Sample(
        conveyance.announced_in_time,
        Verdict.EXAMINE,
        view=EXPORT,
        facts=announced(4 * HOUR - MINUTE),
        twin_view=EXPORT,
        twin_facts=announced(4 * HOUR),
        action=RequiredAction.PRESENT,
    ),
    Sample(
        conveyance.entry_applied_for,
        Verdict.APPROVED,
        facts=announced(7 * DAY - MINUTE),
        twin_facts=announced(7 * DAY),
    ),
    Sample(
        conveyance.ship_number_checks,
        Verdict.INFORMATION_REQUESTED,
        view={"conveyance": "9319465", "call": "9319465/025W"},
        action=RequiredAction.SUPPLY_DOCUMENT,
        waits_for=(("broker", "", ""),),
    ),
    Sample(
        conveyance.identification_in_form,
        Verdict.APPROVED,
        view={"identification": "CSCL GLOBE", "conveyance": "CSCLGLOBE", "call": "CSCLGLOBE/025W"},
    ),
    Sample(
        conveyance.identification_in_form,
        Verdict.APPROVED,
        view=FLIGHT | {"identification": "4029072022", "conveyance": "4029072022"},
        twin_view=FLIGHT,
    ),
    Sample(
        conveyance.nationality_known,
        Verdict.APPROVED,
        view={"nationality_code": "QQ"},
        facts={"nationality_known": False},
    ),
    Sample(
        crew_and_permit.crew_listed,
        Verdict.PENDING,
        facts={"crew_listed": False},
        waits_for=(("carrier", "crew_list", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.permit_granted,
        Verdict.PENDING,
        facts={"permit": None},
        twin_facts={"permit": None, "formalities": replace(SHIP_RULES, permit=False)},
        waits_for=(("carrier", "permit", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.permit_stands,
        Verdict.REFUSED,
        view=EXPORT,
        facts={"permit": Permit(NOW - HOUR, revoked=True)},
        twin_view=EXPORT,
        action=RequiredAction.DO_NOT_LOAD,
    ),
    Sample(
        crew_and_permit.permit_stands,
        Verdict.REFUSED,
        facts={"permit": Permit(NOW - HOUR, revoked=True)},
        action=RequiredAction.RETURN,
    ),
    Sample(
        crew_and_permit.exit_permit_fresh,
        Verdict.PENDING,
        view=EXPORT,
        facts={"permit": Permit(NOW - DAY - MINUTE)},
        twin_view=EXPORT,
        twin_facts={"permit": Permit(NOW - DAY)},
        waits_for=(("carrier", "permit", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.exit_permit_fresh,
        Verdict.PENDING,
        view=EXPORT,
        facts={"permit": Permit(NOW - 3 * DAY, sail_time=NOW - DAY)},
        twin_view=EXPORT,
        twin_facts={"permit": Permit(NOW - 3 * DAY, sail_time=NOW - 3 * DAY + HOUR)},
        waits_for=(("carrier", "permit", "9319466/025W"),),
    ),
    Sample(watch_list.conveyance_not_watched, Verdict.HOLD, facts={"conveyance_hits": (Hit("W-17", exact=True),)}),
    Sample(watch_list.conveyance_not_watched, Verdict.EXAMINE, facts={"conveyance_hits": (Hit("W-17", exact=False),)}),
    Sample(watch_list.parties_not_watched, Verdict.HOLD, facts={"party_hits": (Hit("W-18", exact=True),)}),
    Sample(
        crew_and_permit.inspected_on_arrival,
        Verdict.PENDING,
        facts={"inspected": None},
        twin_view=EXPORT,
        twin_facts={"inspected": None},
        waits_for=(("border", "inspection", "9319466/025W"),),
    ),
    Sample(
        crew_and_permit.inspected_on_arrival,
        Verdict.PENDING,
        facts={"inspected": False},
        twin_facts={"inspected": None, "formalities": replace(SHIP_RULES, inspection=False)},
        waits_for=(("border", "inspection", "9319466/025W"),),
    ),
    Sample(watch_list.passengers_not_watched, Verdict.HOLD, facts={"passenger_hits": (Hit("W-21", exact=True),)}),
    Sample(watch_list.passengers_not_watched, Verdict.EXAMINE, facts={"passenger_hits": (Hit("W-21", exact=False),)}),
    Sample(watch_list.crew_not_watched, Verdict.HOLD, facts={"crew_hits": (Hit("W-19", exact=True),)}),
    Sample(
        dangerous_goods.un_number_in_form,
        Verdict.APPROVED,
        view={"dangerous_goods": ((2, ("CLASS3",)),)},
        twin_view={"dangerous_goods": ((2, ("UN1263",)),)},
        twin_facts=announced(8 * DAY, "1263"),
    ),
    Sample(
        dangerous_goods.dangerous_goods_announced,
        Verdict.APPROVED_WITH_OBLIGATIONS,
        view={"dangerous_goods": ((2, ("UN1263",)),)},
        facts=announced(8 * DAY, "1950"),
        twin_view={"dangerous_goods": ((2, ("UN1263",)),)},
        twin_facts=announced(8 * DAY, "1263"),
        action=RequiredAction.SUPPLY_DOCUMENT,
    ),
)
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.rule.id}-{sample.effect.name}")


def all_findings(view: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Finding]:
    """What the whole catalogue finds on the good consignment with these changes."""
    changed_view, changed_facts = replace(GOOD_VIEW, **view), replace(GOOD_FACTS, **facts)
    return [finding for rule in RULES for finding in rule(changed_view, changed_facts, CIRCUMSTANCES)]


@each_sample
def test_the_rule_and_no_other_finds_it(sample: Sample) -> None:
    findings = all_findings(sample.view, sample.facts)
    assert [finding.rule_id for finding in findings] == [sample.rule.id]
    assert (findings[0].effect, findings[0].required_action) == (sample.effect, sample.action)
    assert tuple((a.party, a.fact_kind, a.fact_key) for a in findings[0].awaited) == sample.waits_for
    assert fold(findings).verdict == sample.effect


@each_sample
def test_the_near_twin_passes(sample: Sample) -> None:
    findings = all_findings(sample.twin_view, sample.twin_facts)
    assert sample.rule.id not in {finding.rule_id for finding in findings}
    assert fold(findings).verdict == Verdict.APPROVED


@each_sample
def test_the_findings_carry_what_the_texts_name(sample: Sample) -> None:
    rule = sample.rule
    named = {name for text in texts(rule) for _, name, _, _ in Formatter().parse(text) if name}
    for finding in all_findings(sample.view, sample.facts):
        assert named <= set(finding.parameters)
        assert all(isinstance(value, str) and value for value in finding.parameters.values())


def texts(rule: Rule) -> tuple[str, ...]:
    return (rule.zh, rule.en, rule.enough_zh, rule.enough_en)


OUTSIDE = {
    remit.supplementary: ({"declaration_type": DeclarationType.SUPPLEMENTARY}, {}),
    remit.without_conveyance: (
        {"mode": Mode.POST, "identification": "", "conveyance": ""},
        {"mode": Mode.RAIL, "identification": "", "conveyance": ""},
    ),
}


@pytest.mark.parametrize("rule", OUTSIDE, ids=lambda rule: rule.id)
def test_what_is_outside_the_remit_is_not_subject_and_its_twin_is(rule: Rule) -> None:
    outside, inside = OUTSIDE[rule]
    finding = subject(replace(GOOD_VIEW, **outside), GOOD_FACTS)
    assert finding is not None
    assert (finding.rule_id, finding.effect) == (rule.id, Verdict.NOT_SUBJECT)
    assert {name for text in texts(rule) for _, name, _, _ in Formatter().parse(text) if name} == set(
        finding.parameters
    )
    assert subject(replace(GOOD_VIEW, **inside), GOOD_FACTS) is None


def test_fixed_installations_are_outside_the_remit() -> None:
    assert subject(replace(GOOD_VIEW, mode=Mode.FIXED), GOOD_FACTS) is not None


def test_a_conveyance_left_out_is_asked_for_and_not_waved_through() -> None:
    nameless = replace(GOOD_VIEW, mode=Mode.UNSPECIFIED, identification="", conveyance="", call="/")
    assert subject(nameless, Facts()) is None
    findings = [finding for rule in RULES for finding in rule(nameless, Facts(), CIRCUMSTANCES)]
    assert fold(findings).verdict == Verdict.INFORMATION_REQUESTED


def test_every_rule_has_a_sample_and_both_languages() -> None:
    assert {sample.rule.id for sample in SAMPLES} | {rule.id for rule in OUTSIDE} == {rule.id for rule in RULES}
    assert len({rule.id for rule in RULES}) == len(RULES) >= 6
    assert all(all(texts(rule)) and rule.source and rule.version >= 1 for rule in RULES)
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in rule.zh) for rule in RULES)


def test_a_look_alike_and_an_exact_hit_hold_the_goods() -> None:
    hits = (Hit("W-17", exact=False), Hit("W-18", exact=True))
    assert fold(all_findings({}, {"crew_hits": hits})).verdict == Verdict.HOLD


def test_short_notice_is_never_rounded_up_to_what_is_due() -> None:
    (finding,) = all_findings({}, announced(DAY - timedelta(seconds=1)))
    assert (finding.parameters["given_hours"], finding.parameters["due_hours"]) == ("23.9", "24")
