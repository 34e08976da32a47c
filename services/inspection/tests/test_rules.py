"""Every rule of inspection finds its fault in one sample, and nothing in a near twin."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from agencykit.rules import RequiredAction, Verdict
from inspection.domain.catalogue import RULES
from inspection.domain.consignment import Direction
from inspection.domain.facts import Certificate, Exemption, Recall
from inspection.domain.reference import CertificateKind
from inspection.domain.spot_checks import SpotCheck

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
YESTERDAY, TOMORROW = ACCEPTED - timedelta(days=1), ACCEPTED + timedelta(days=1)
HOUR = timedelta(hours=1)
TRADER, TOY_MAKER = "3302961234", "3302T00017"
EXPORT = {"direction": Direction.EXPORT}
ASK, OWE, EXAMINE = Verdict.INFORMATION_REQUESTED, Verdict.APPROVED_WITH_OBLIGATIONS, Verdict.EXAMINE
SUPPLY, NOTHING = RequiredAction.SUPPLY_DOCUMENT, RequiredAction.NONE
Sample = dict[str, Any]


class Case(NamedTuple):
    """`sample` and `twin` are what is changed in the sound consignment; see `judge` in conftest.py."""

    rule_id: str
    effect: Verdict
    action: RequiredAction
    sample: Sample
    twin: Sample


def goods(code: str, origin: str = "DE", **changes: Any) -> Sample:
    return {"item": {"code": code, "origin_country_code": origin, **changes}}


def changed(sample: Sample, part: str, **changes: Any) -> Sample:
    return sample | {part: sample.get(part, {}) | changes}


def fish(**certificate: Any) -> Sample:
    """Frozen fish from Norway with its veterinary certificate; `certificate` changes the good one in the register."""
    good = {
        "number": "N853-0098",
        "kind": CertificateKind.HEALTH,
        "issue_country_code": "NO",
        "commodity_prefixes": ("0303",),
        "valid_until_time": TOMORROW,
        "transport_document_number": "HLCUHAM041109873",
    }
    held = Certificate(**(good | certificate))
    named = goods("03031310", "NO", documents=(("N853", "N853-0098"),), net_mass_kg=1000.0)
    return named | {"facts": {"certificates": {"N853-0098": held}}}


def made(producer_class: int | None = 2, code: str = "95030041", **item: Any) -> Sample:
    """An export, of toys unless it is said; None is a producer that the register does not hold."""
    known = {"producer_classes": {TOY_MAKER: producer_class}} if producer_class else {}
    return goods(code, "CN", **{"producer_identifier": TOY_MAKER, **item}) | {"view": EXPORT, "facts": known}


def exempt(**exemption: Any) -> Sample:
    good = {"number": "MJ-2004-31", "holder_identifier": TOY_MAKER, "commodity_prefixes": ("9503",)}
    return changed(made(3), "facts", exemptions=(Exemption(**(good | exemption)),))


def drawn(number: int) -> Sample:
    """Exempt goods, and the number drawn for them at a rate of two in a hundred."""
    return changed(exempt(), "facts", spot_checks={"MJ-2004-31": SpotCheck("MJ-2004-31", number, 20_000)})


def recalled(entered: datetime, maker: str = TOY_MAKER, prefixes: tuple[str, ...] = ()) -> Sample:
    """Toys under a recall of their producer, or of the clearance itself, entered at a moment."""
    return changed(made(3), "facts", recalls=(Recall("ZH-7", maker, prefixes, entered),))


def inspected_at_origin(**certificate: Any) -> Sample:
    good = {
        "number": "HZ-0412",
        "kind": CertificateKind.ORIGIN_INSPECTION,
        "issue_country_code": "CN",
        "commodity_prefixes": ("9503",),
    }
    held = {"HZ-0412": Certificate(**(good | certificate))}
    return changed(made(3, documents=(("N003", "HZ-0412"),)), "facts", certificates=held)


def used(sample: Sample, kilograms: int, number: str = "N853-0098") -> Sample:
    """Other clearances have written so much off the certificate."""
    return changed(sample, "facts", used_grams={number: kilograms * 1000})


def arriving(arrival: datetime) -> Sample:
    """Fish under a certificate that is good until tomorrow, arriving at a moment."""
    return changed(fish(valid_until_time=TOMORROW), "view", arrive_time=arrival)


def crated(**changes: Any) -> Sample:
    return goods("84818000", "US", **{"package_codes": ("8B", "PX"), **changes})


TREATED = {"FUM-77": Certificate("FUM-77", CertificateKind.TREATMENT, "US", ("8481",))}
GOOD_FISH, GOOD_EXEMPTION, GOOD_ORIGIN = fish(), exempt(), inspected_at_origin()
GOOD_LIMITED_FISH = fish(limit_net_mass_kg=1500.0)

CASES = [
    Case("INS-200", Verdict.NOT_SUBJECT, NOTHING, goods("73181631"), goods("95030041")),
    Case("INS-200", Verdict.NOT_SUBJECT, NOTHING, goods("90031900"), goods("90181000")),
    Case("INS-200", Verdict.NOT_SUBJECT, NOTHING, goods("76071119"), goods("")),
    Case("INS-200", Verdict.NOT_SUBJECT, NOTHING, crated(package_codes=("4A",)), crated()),
    Case("INS-201", ASK, SUPPLY, goods(""), goods("950300")),
    Case("INS-201", ASK, SUPPLY, goods("straw"), goods("46021910")),
    Case("INS-211", EXAMINE, RequiredAction.PRESENT, goods("01012100"), goods("95030041")),
    Case("INS-211", EXAMINE, RequiredAction.PRESENT, goods("02071290"), goods("21069020")),
    Case("INS-211", OWE, RequiredAction.SAMPLE, goods("16042040"), goods("20042040")),
    Case("INS-212", OWE, RequiredAction.SAMPLE, goods("07099310"), goods("18040000")),
    Case("INS-212", OWE, RequiredAction.PRESENT, changed(goods("44185000"), "view", **EXPORT), goods("94034000")),
    Case("INS-213", OWE, RequiredAction.PRESENT, goods("18040000"), changed(goods("18040000"), "view", **EXPORT)),
    Case("INS-214", ASK, SUPPLY, goods("03073110", "ZN"), goods("03073110", "NO")),
    Case("INS-214", ASK, SUPPLY, goods("03073110", ""), changed(goods("03073110", ""), "view", **EXPORT)),
    Case("INS-215", Verdict.REFUSED, RequiredAction.RETURN, goods("02071290", "TH"), goods("02071290", "FR")),
    Case("INS-215", Verdict.REFUSED, RequiredAction.DESTROY, goods("07019000", "PL"), goods("07019000", "NL")),
    Case("INS-221", ASK, SUPPLY, changed(GOOD_FISH, "item", documents=()), GOOD_FISH),
    Case("INS-221", ASK, SUPPLY, changed(GOOD_FISH, "item", documents=(("C644", "N853-0098"),)), GOOD_FISH),
    Case("INS-222", Verdict.PENDING, NOTHING, changed(GOOD_FISH, "facts", certificates={}), GOOD_FISH),
    Case("INS-223", Verdict.REFUSED, RequiredAction.RETURN, fish(revoked=True), GOOD_FISH),
    Case("INS-223", Verdict.REFUSED, RequiredAction.RETURN, fish(valid_until_time=YESTERDAY), GOOD_FISH),
    Case("INS-224", Verdict.REFUSED, RequiredAction.RETURN, fish(issue_country_code="SE"), GOOD_FISH),
    Case("INS-224", Verdict.REFUSED, RequiredAction.RETURN, fish(commodity_prefixes=("0304",)), GOOD_FISH),
    Case(
        "INS-224", Verdict.REFUSED, RequiredAction.RETURN, fish(limit_net_mass_kg=999.0), fish(limit_net_mass_kg=1000.0)
    ),
    Case(
        "INS-224",
        Verdict.REFUSED,
        RequiredAction.RETURN,
        fish(transport_document_number="HLCU1"),
        fish(transport_document_number=""),
    ),
    Case("INS-224", Verdict.REFUSED, RequiredAction.RETURN, fish(kind=CertificateKind.PHYTOSANITARY), GOOD_FISH),
    Case("INS-226", Verdict.APPROVED, NOTHING, arriving(TOMORROW + HOUR), arriving(TOMORROW)),
    Case("INS-225", ASK, SUPPLY, used(GOOD_LIMITED_FISH, 501), used(GOOD_LIMITED_FISH, 500)),
    Case("INS-231", EXAMINE, RequiredAction.SAMPLE, made(3), made(2)),
    Case("INS-231", EXAMINE, RequiredAction.SAMPLE, made(2, producer_identifier=""), made(2)),
    Case("INS-231", EXAMINE, RequiredAction.SAMPLE, goods("87032314"), goods("85167100")),
    Case("INS-231", EXAMINE, RequiredAction.SAMPLE, made(3), GOOD_EXEMPTION),
    Case("INS-231", EXAMINE, RequiredAction.SAMPLE, made(3), GOOD_ORIGIN),
    Case("INS-232", EXAMINE, RequiredAction.PRESENT, made(3, code="87112000"), made(2, code="87112000")),
    Case("INS-232", EXAMINE, RequiredAction.PRESENT, goods("72044900"), goods("72083900")),
    Case("INS-233", Verdict.PENDING, NOTHING, made(None), made(3)),
    Case("INS-234", Verdict.APPROVED, NOTHING, GOOD_EXEMPTION, exempt(holder_identifier="3302T00018")),
    Case("INS-234", Verdict.APPROVED, NOTHING, exempt(holder_identifier=TRADER), exempt(commodity_prefixes=("9504",))),
    Case("INS-235", Verdict.APPROVED, NOTHING, exempt(revoked=True), GOOD_EXEMPTION),
    Case("INS-235", Verdict.APPROVED, NOTHING, exempt(valid_until_time=YESTERDAY), exempt(valid_until_time=TOMORROW)),
    Case("INS-236", Verdict.APPROVED, NOTHING, GOOD_ORIGIN, inspected_at_origin(revoked=True)),
    Case("INS-237", Verdict.PENDING, NOTHING, changed(GOOD_ORIGIN, "facts", certificates={}), GOOD_ORIGIN),
    Case("INS-238", Verdict.APPROVED, NOTHING, inspected_at_origin(revoked=True), GOOD_ORIGIN),
    Case("INS-238", Verdict.APPROVED, NOTHING, inspected_at_origin(commodity_prefixes=("9504",)), GOOD_ORIGIN),
    Case(
        "INS-238",
        Verdict.APPROVED,
        NOTHING,
        used(inspected_at_origin(limit_net_mass_kg=1500.0), 501, "HZ-0412"),
        used(inspected_at_origin(limit_net_mass_kg=1500.0), 500, "HZ-0412"),
    ),
    Case(
        "INS-235", Verdict.APPROVED, NOTHING, changed(GOOD_EXEMPTION, "facts", suspended={"MJ-2004-31"}), drawn(20_000)
    ),
    Case("INS-239", EXAMINE, RequiredAction.PRESENT, drawn(19_999), drawn(20_000)),
    Case("INS-234", Verdict.APPROVED, NOTHING, drawn(20_000), drawn(19_999)),
    Case("INS-261", Verdict.RECALLED, RequiredAction.DO_NOT_LOAD, recalled(TOMORROW), recalled(YESTERDAY)),
    Case("INS-261", Verdict.RECALLED, RequiredAction.DO_NOT_LOAD, recalled(TOMORROW, ""), made(3)),
    Case("INS-261", Verdict.RECALLED, RequiredAction.RETURN, changed(recalled(TOMORROW), "view", direction=1), made(3)),
    Case(
        "INS-261",
        Verdict.RECALLED,
        RequiredAction.DO_NOT_LOAD,
        recalled(TOMORROW, prefixes=("9503",)),
        recalled(TOMORROW, prefixes=("9504",)),
    ),
    Case("INS-262", Verdict.HOLD, NOTHING, recalled(YESTERDAY), recalled(TOMORROW)),
    Case("INS-262", Verdict.HOLD, NOTHING, recalled(YESTERDAY), recalled(YESTERDAY, "3302T00018")),
    Case("INS-241", OWE, RequiredAction.TREAT, crated(), crated(origin_country_code="GB")),
    Case("INS-241", OWE, RequiredAction.TREAT, crated(), crated(package_codes=("4D",))),
    Case(
        "INS-241",
        OWE,
        RequiredAction.TREAT,
        crated(documents=(("FUMIGATION", "FUM-77"),)),
        crated(documents=(("FUMIGATION", "FUM-77"),)) | {"facts": {"certificates": TREATED}},
    ),
]
NAMES = [f"{case.rule_id}-{number}" for number, case in enumerate(CASES)]


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_rule_finds_the_fault_and_lets_the_twin_pass(case: Case, judge: Any) -> None:
    found = judge(case.rule_id, **case.sample)
    assert [(each.effect, each.required_action) for each in found] == [(case.effect, case.action)]
    assert judge(case.rule_id, **case.twin) == []


def test_every_rule_has_its_sample() -> None:
    assert {case.rule_id for case in CASES} == {rule.id for rule in RULES}


def test_the_sound_consignment_is_approved_without_a_word(judge: Any) -> None:
    assert judge() == []


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_findings_carry_what_their_texts_name(case: Case, judge: Any) -> None:
    texts = {rule.id: (rule.zh, rule.en, rule.enough_zh, rule.enough_en) for rule in RULES}
    for each in judge(**case.sample):
        for text in texts[each.rule_id]:
            assert text.format_map(each.parameters)
        assert each.foreseen == texts[each.rule_id][0].startswith("预告")


def test_ids_are_unique_and_versions_positive() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.id.startswith("INS-2") and rule.version >= 1 and rule.source for rule in RULES)
