"""Every rule of the port finds in one sample what it is there for, and passes the sample's near twin."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from string import Formatter
from typing import Any

import pytest

from agencykit.rules import Circumstances, Finding, RequiredAction, Rule, Verdict, fold
from port.domain.catalogue import RULES
from port.domain.consignment import ConsignmentView, DeclarationType, Direction, Mode
from port.domain.facts import Facts, Hold, Manifest, Tally, Tolerances
from port.domain.rules import manifest, quantity, remit, terminal
from port.domain.rules.remit import subject

NOW = datetime(2004, 6, 18, 6, tzinfo=UTC)
CIRCUMSTANCES = Circumstances("310020040618AAAA", 1, "spiffe://ningbo.clearance/broker/3104980001", NOW, NOW)

GOOD_VIEW = ConsignmentView(
    direction=Direction.IMPORT,
    declaration_type=DeclarationType.STANDARD,
    mode=Mode.SEA,
    document="COSU4117",
    conveyance="9319466",
    voyage="025W",
    port_code="CNNBG",
    containers=("CSQU3054383",),
    packages=120,
    gross_mass_kg=10_000.0,
)
GOOD_MANIFEST = Manifest("9319466", "025W", 120, 10_000.0, frozenset({"CSQU3054383", "MSKU1234565"}), "CNNBG")
PLACES = tuple([(number, "A-07-12") for number in ("", "COSU2222224", "CSQU3054383", "CSQU3054384", "MSKU1234565")])
GOOD_FACTS = Facts(Tolerances(), GOOD_MANIFEST, NOW - timedelta(hours=5), PLACES)
BROKER, CARRIER, OFFICER = ("broker", "", ""), ("carrier", "manifest", "COSU4117"), ("port", "officer_result", "")


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


def manifested(**changes: Any) -> dict[str, Any]:
    return {"manifest": replace(GOOD_MANIFEST, **changes)}


SAMPLES = (
    Sample(
        manifest.document_stated,
        Verdict.INFORMATION_REQUESTED,
        view={"document": ""},
        facts={"manifest": None, "arrive_time": None, "places": ()},
        action=RequiredAction.SUPPLY_DOCUMENT,
        waits_for=(BROKER,),
    ),
    Sample(manifest.on_manifest, Verdict.PENDING, facts={"manifest": None}, waits_for=(CARRIER,)),
    Sample(
        manifest.containers_on_manifest,
        Verdict.INFORMATION_REQUESTED,
        view={"containers": ("CSQU3054383", "COSU2222224")},
        twin_view={"containers": ("CSQU3054383", "MSKU1234565")},
        action=RequiredAction.SUPPLY_DOCUMENT,
        waits_for=(("broker", "manifest", "COSU4117"),),
    ),
    Sample(
        manifest.container_numbers_check,
        Verdict.APPROVED,
        view={"containers": ("CSQU3054384",)},
        facts=manifested(containers=frozenset({"CSQU3054384"})),
    ),
    Sample(
        manifest.conveyance_agrees, Verdict.APPROVED, facts=manifested(voyage="026W"), twin_facts=manifested(voyage="")
    ),
    Sample(
        manifest.port_agrees,
        Verdict.APPROVED,
        view={"port_code": "CNBLG"},
        twin_view={"port_code": "CNBLG"},
        twin_facts=manifested(port_code="CNBLG"),
    ),
    Sample(
        quantity.packages_agree,
        Verdict.EXAMINE,
        view={"packages": 121},
        action=RequiredAction.PRESENT,
        waits_for=(OFFICER, CARRIER),
    ),
    Sample(
        quantity.packages_agree,
        Verdict.EXAMINE,
        view={"packages": 123},
        facts={"tolerances": Tolerances(packages=2)},
        twin_view={"packages": 122},
        twin_facts={"tolerances": Tolerances(packages=2)},
        action=RequiredAction.PRESENT,
        waits_for=(OFFICER, CARRIER),
    ),
    Sample(
        quantity.packages_agree,
        Verdict.EXAMINE,
        facts={"tally": Tally(119)},
        twin_facts={"tally": Tally(120)} | manifested(packages=119),
        action=RequiredAction.PRESENT,
        waits_for=(OFFICER, CARRIER),
    ),
    Sample(
        quantity.gross_mass_agrees,
        Verdict.EXAMINE,
        facts={"tally": Tally(120, 9_000.0)},
        twin_facts={"tally": Tally(120, 10_000.0)} | manifested(gross_mass_kg=9_000.0),
        action=RequiredAction.PRESENT,
        waits_for=(OFFICER, CARRIER),
    ),
    Sample(
        quantity.gross_mass_agrees,
        Verdict.EXAMINE,
        view={"gross_mass_kg": 10_500.5},
        twin_view={"gross_mass_kg": 10_500.0},
        action=RequiredAction.PRESENT,
        waits_for=(OFFICER, CARRIER),
    ),
    Sample(
        quantity.gross_mass_agrees,
        Verdict.EXAMINE,
        view={"gross_mass_kg": 9_499.5},
        twin_view={"gross_mass_kg": 9_500.0},
        action=RequiredAction.PRESENT,
        waits_for=(OFFICER, CARRIER),
    ),
    Sample(quantity.quantities_stated, Verdict.APPROVED, view={"gross_mass_kg": None}),
    Sample(quantity.quantities_stated, Verdict.APPROVED, view={"packages": None}),
    Sample(terminal.box_is_shared, Verdict.APPROVED, facts={"beside": (("CSQU3054383", ("COSU4118",)),)}),
    Sample(
        terminal.goods_arrived,
        Verdict.PENDING,
        facts={"arrive_time": None},
        waits_for=(("carrier", "arrival", "COSU4117"),),
    ),
    Sample(
        terminal.goods_arrived,
        Verdict.PENDING,
        view={"declaration_type": DeclarationType.PRE_LODGED},
        facts={"arrive_time": None},
        twin_view={"declaration_type": DeclarationType.PRE_LODGED},
        waits_for=(("carrier", "arrival", "COSU4117"),),
    ),
    Sample(
        terminal.goods_arrived,
        Verdict.PENDING,
        view={"direction": Direction.EXPORT},
        facts={"arrive_time": None},
        twin_view={"direction": Direction.EXPORT},
        waits_for=(("trader", "arrival", "COSU4117"),),
    ),
    Sample(
        terminal.place_assigned,
        Verdict.PENDING,
        view={"containers": ("CSQU3054383", "MSKU1234565")},
        facts={"places": (("CSQU3054383", "A-07-12"),)},
        twin_view={"containers": ("CSQU3054383",)},
        twin_facts={"places": (("CSQU3054383", "A-07-12"),)},
        waits_for=(("port", "place", "COSU4117"),),
    ),
    Sample(
        terminal.place_assigned,
        Verdict.PENDING,
        facts={"places": (("", "WAREHOUSE-3"),)},
        twin_view={"containers": ()},
        twin_facts={"places": (("", "WAREHOUSE-3"),)},
        waits_for=(("port", "place", "COSU4117"),),
    ),
    Sample(
        terminal.place_assigned,
        Verdict.PENDING,
        view={"containers": ()},
        facts={"places": ()},
        waits_for=(("port", "place", "COSU4117"),),
    ),
    Sample(
        terminal.nothing_held,
        Verdict.PENDING,
        facts={"holds": (Hold("H-3", "CSQU3054383"),)},
        waits_for=(("port", "hold_lifted", "H-3"),),
    ),
)
each_sample = pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.rule.id}-{sample.effect.name}")


def all_findings(view: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Finding]:
    """What the whole catalogue finds on the good consignment with these changes."""
    changed_view, changed_facts = replace(GOOD_VIEW, **view), replace(GOOD_FACTS, **facts)
    return [finding for rule in RULES for finding in rule(changed_view, changed_facts, CIRCUMSTANCES)]


def texts(rule: Rule) -> tuple[str, ...]:
    return (rule.zh, rule.en, rule.enough_zh, rule.enough_en)


def named(rule: Rule) -> set[str]:
    return {name for text in texts(rule) for _, name, _, _ in Formatter().parse(text) if name}


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
    assert all_findings(sample.twin_view, sample.twin_facts) == []


@each_sample
def test_the_findings_carry_what_the_texts_name(sample: Sample) -> None:
    for finding in all_findings(sample.view, sample.facts):
        assert named(sample.rule) <= set(finding.parameters)
        assert all(isinstance(value, str) and value for value in finding.parameters.values())


OUTSIDE = {
    remit.supplementary: (
        {"declaration_type": DeclarationType.SUPPLEMENTARY},
        {"declaration_type": DeclarationType.PRE_LODGED},
    ),
    remit.without_terminal: ({"mode": Mode.POST}, {"mode": Mode.ROAD}),
}


@pytest.mark.parametrize("rule", OUTSIDE, ids=lambda rule: rule.id)
def test_what_is_outside_the_remit_is_not_subject_and_its_twin_is(rule: Rule) -> None:
    outside, inside = OUTSIDE[rule]
    finding = subject(replace(GOOD_VIEW, **outside), GOOD_FACTS)
    assert finding is not None
    assert (finding.rule_id, finding.effect) == (rule.id, Verdict.NOT_SUBJECT)
    assert named(rule) == set(finding.parameters)
    assert subject(replace(GOOD_VIEW, **inside), GOOD_FACTS) is None


def test_every_rule_has_a_sample_and_both_languages() -> None:
    assert {sample.rule.id for sample in SAMPLES} | {rule.id for rule in OUTSIDE} == {rule.id for rule in RULES}
    assert len({rule.id for rule in RULES}) == len(RULES) >= 6
    assert all(all(texts(rule)) and rule.source and rule.version >= 1 for rule in RULES)
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in rule.zh) for rule in RULES)


def test_air_cargo_without_containers_passes() -> None:
    flight = {
        "mode": Mode.AIR,
        "document": "78412345675",
        "conveyance": "CA1947",
        "voyage": "20040618",
        "containers": (),
    }
    loose = manifested(conveyance="CA1947", voyage="20040618", containers=frozenset())
    assert all_findings(flight, loose) == []


def test_the_scope_of_a_container_finding_is_the_container() -> None:
    (finding,) = all_findings({"containers": ("CSQU3054383", "COSU2222224")}, {})
    assert finding.container_numbers == ("COSU2222224",)


def test_a_hold_on_the_document_concerns_the_whole_consignment() -> None:
    (finding,) = all_findings({}, {"holds": (Hold("H-4", "COSU4117"),)})
    assert finding.container_numbers == ()


def test_before_arrival_the_goods_wait_for_ship_and_place_alike() -> None:
    findings = all_findings({}, {"arrive_time": None, "places": ()})
    assert {awaited.fact_kind for finding in findings for awaited in finding.awaited} == {"arrival", "place"}


def test_many_odd_containers_are_named_in_the_scope_and_counted_in_the_text() -> None:
    boxes = tuple(f"SHIPPERSOWN{number}" for number in range(20))
    placed = {"places": tuple([(number, "A-07-12") for number in boxes])}
    (finding,) = all_findings({"containers": boxes}, manifested(containers=frozenset(boxes)) | placed)
    assert finding.container_numbers == boxes
    assert finding.parameters["containers"].endswith("SHIPPERSOWN7 +12")
