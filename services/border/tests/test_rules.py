"""Every rule of border finds in one sample what it is there for, and passes the sample's near twin."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any

import pytest

from agencykit.rules import Finding, Rule, Verdict, fold
from border.domain.catalogue import RULES
from border.domain.consignment import DeclarationType, Direction, Mode
from border.domain.expiry import expires
from border.domain.facts import EntryFormalities, Facts, Formalities, Hit, Permit
from border.domain.rules import remit
from border.domain.rules.remit import subject

from .samples import CIRCUMSTANCES, DAY, EXPORT, GOOD_FACTS, GOOD_VIEW, HOUR, NOW, SAMPLES, Sample, announced

LAST = datetime.max.replace(tzinfo=UTC)

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
    assert findings[0].foreseen == sample.rule.zh.startswith("预告")
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


@pytest.mark.parametrize(
    ("known", "decided_again"),
    [
        (EntryFormalities(NOW - HOUR), NOW + 23 * HOUR),
        (EntryFormalities(NOW - HOUR, NOW), None),
        (None, None),
    ],
    ids=["not completed", "completed", "not come"],
)
def test_an_import_is_decided_again_when_its_entry_is_due(
    known: EntryFormalities | None, decided_again: datetime | None
) -> None:
    facts = replace(GOOD_FACTS, entry=known)
    assert expires(GOOD_VIEW, facts) == decided_again
    assert expires(replace(GOOD_VIEW, direction=Direction.EXPORT), facts) == NOW + 23 * HOUR, "its exit permit's end"
    assert expires(GOOD_VIEW, replace(facts, formalities=Formalities())) is None


@pytest.mark.parametrize(
    ("view", "facts"),
    [
        (EXPORT, {"permit": Permit(LAST)}),
        ({**EXPORT, "load_time": LAST}, {"permit": Permit(LAST)}),
        ({}, {"entry": EntryFormalities(LAST)}),
        ({}, {"entry": EntryFormalities(LAST, LAST)}),
    ],
    ids=["permit", "loading", "entry", "entry completed"],
)
def test_a_term_that_would_end_beyond_the_calendar_does_not_end(view: dict[str, Any], facts: dict[str, Any]) -> None:
    assert fold(all_findings(view, facts)).verdict == Verdict.APPROVED
    assert expires(replace(GOOD_VIEW, **view), replace(GOOD_FACTS, **facts)) in {LAST, None}
