"""Every rule of customs finds its fault in one sample, and nothing in a near twin."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from agencykit.rules import Finding, RequiredAction, Verdict
from customs.domain.catalogue import RULES
from customs.domain.consignment import DeclarationType, Direction
from customs.domain.facts import Broker, Enterprise, EnterpriseClass, Licence
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import MILLION, Concern, Condition, Criterion, Lane, Profile, Throttle
from customs.domain.risk.selection import Risk, Station
from customs.domain.risk.snapshot import Snapshot

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
YESTERDAY, TOMORROW = ACCEPTED - timedelta(days=1), ACCEPTED + timedelta(days=1)
TRADER, BROKER = "3302961234", "3104980001"
IMPORT = {"direction": Direction.IMPORT, "loading_time": None}
ASK, HOLD, REFUSE = Verdict.INFORMATION_REQUESTED, Verdict.HOLD, Verdict.REFUSED
Sample = dict[str, Any]


class Case(NamedTuple):
    """`sample` and `twin` are what is changed in the sound consignment; see `judge` in conftest.py."""

    rule_id: str
    effect: Verdict
    sample: Sample
    twin: Sample
    action: RequiredAction = RequiredAction.NONE


def enterprise(**changes: Any) -> Sample:
    return {"facts": {"enterprise": Enterprise(**({"identifier": TRADER, "enterprise_class": 2} | changes))}}


def broker(**changes: Any) -> Sample:
    return {"facts": {"broker": Broker(BROKER, **changes)}}


RED, YELLOW, BLUE = Lane.RED, Lane.YELLOW, Lane.BLUE


def selected(lane: Lane) -> Sample:
    """A profile by which every export is selected for this lane."""
    exports = Condition(directions=frozenset({Direction.EXPORT}))
    criterion = Criterion("R-7", 2, "出口", "exports", Concern.FRAUD, lane, MILLION, exports)
    profile = Profile("b7", "7", 0, 0, 24, 100, Throttle(40, 0), (criterion,))
    return {"facts": {"risk": Risk(Station(Matcher(profile), Snapshot(0), b"key"))}}


IMPORTED = {"view": {"direction": Direction.IMPORT, "loading_time": None}}


def of_class(number: int, high_tech_until: datetime | None = None) -> Sample:
    """An enterprise of a class (1 is A), certified as high-tech until then."""
    enterprise = Enterprise(TRADER, EnterpriseClass(number), high_tech_until_time=high_tech_until)
    return {"facts": selected(RED)["facts"] | {"enterprise": enterprise}}


def scrap(**licence: Any) -> Sample:
    """An import of ferrous scrap, which needs a licence of code P; `licence` changes the good one in the register."""
    changed = {
        "number": "P-0404711",
        "type_code": "P",
        "holder_identifier": TRADER,
        "commodity_prefixes": ("7204",),
        "valid_until_time": TOMORROW,
    } | licence
    goods = {"code": "7204490090", "net_mass_kg": 20_000.0, "documents": (("P", "P-0404711"),)}
    return {"item": goods, "view": IMPORT, "facts": {"licences": {"P-0404711": Licence(**changed)}}}


def without(sample: Sample, part: str, **changes: Any) -> Sample:
    return sample | {part: sample.get(part, {}) | changes}


GOOD_LICENCE = scrap()
ARRIVED = {**IMPORT, "arrival_time": datetime(2004, 11, 1, 23, 0, tzinfo=UTC)}  # the 2nd in China: 20 days before

CASES = [
    Case("CUS-101", ASK, {"item": {"code": ""}}, {"item": {"code": "731816"}}, RequiredAction.SUPPLY_DOCUMENT),
    Case(
        "CUS-102", ASK, {"item": {"code": "77181631"}}, {"item": {"code": "7318163100"}}, RequiredAction.SUPPLY_DOCUMENT
    ),
    Case("CUS-102", ASK, {"item": {"code": "73181"}}, {"item": {"code": "731816"}}, RequiredAction.SUPPLY_DOCUMENT),
    Case(
        "CUS-102", ASK, {"item": {"code": "7318163A"}}, {"item": {"code": "73181631"}}, RequiredAction.SUPPLY_DOCUMENT
    ),
    Case(
        "CUS-103", ASK, {"item": {"net_mass_kg": None}}, {"item": {"net_mass_kg": 0.5}}, RequiredAction.SUPPLY_DOCUMENT
    ),
    Case(
        "CUS-103",
        ASK,
        {"item": {"gross_mass_kg": None}, "view": {"total_gross_mass_kg": None}},
        {"item": {"gross_mass_kg": None}, "view": {"total_gross_mass_kg": 48.0}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-104", ASK, {"item": {"net_mass_kg": 48.1}}, {"item": {"net_mass_kg": 48.0}}, RequiredAction.SUPPLY_DOCUMENT
    ),
    Case(
        "CUS-105",
        REFUSE,
        {"item": {"code": "63090000"}, "view": IMPORT},
        {"item": {"code": "63090000"}},
        RequiredAction.SEIZE,
    ),
    Case(
        "CUS-111",
        ASK,
        {"item": {"value_minor_units": None}},
        {"item": {"value_minor_units": 1}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-111",
        ASK,
        {"item": {"value_minor_units": 0}},
        {"item": {"value_minor_units": 1}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case("CUS-112", HOLD, {"item": {"currency_code": "ISK"}}, {"item": {"currency_code": "NOK"}}),
    Case("CUS-112", HOLD, {"item": {"value_minor_units": 10**18}}, {"item": {"value_minor_units": 10**9}}),
    Case("CUS-113", HOLD, {"item": {"value_minor_units": 95_000_000}}, {"item": {"value_minor_units": 950_000}}),
    Case("CUS-113", HOLD, {"item": {"value_minor_units": 500}}, {"item": {"value_minor_units": 5_000}}),
    Case(
        "CUS-114",
        ASK,
        {"view": {"invoice_minor_units": 960_000}},
        {"view": {"invoice_minor_units": 959_000}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-121",
        ASK,
        without(GOOD_LICENCE, "item", documents=(("N935", "P-0404711"),)),
        GOOD_LICENCE,
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-121",
        ASK,
        without(GOOD_LICENCE, "item", documents=()),
        without(GOOD_LICENCE, "view", direction=Direction.EXPORT, documents=()),
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case("CUS-122", Verdict.PENDING, without(GOOD_LICENCE, "facts", licences={}), GOOD_LICENCE),
    Case("CUS-123", REFUSE, scrap(revoked=True), GOOD_LICENCE),
    Case("CUS-123", REFUSE, scrap(valid_until_time=YESTERDAY), scrap(valid_until_time=None)),
    Case("CUS-124", REFUSE, scrap(holder_identifier="3302969999"), GOOD_LICENCE),
    Case("CUS-124", REFUSE, scrap(commodity_prefixes=("7404",)), GOOD_LICENCE),
    Case("CUS-124", REFUSE, scrap(limit_net_mass_kg=19_999.0), scrap(limit_net_mass_kg=20_000.0)),
    Case("CUS-124", REFUSE, scrap(type_code="7"), GOOD_LICENCE),
    Case(
        "CUS-131",
        ASK,
        {"view": {"trader_identifier": ""}},
        {"view": {"trader_identifier": TRADER}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-132",
        ASK,
        {"view": {"trader_identifier": "913302007047777777"}, "facts": {"enterprise": None}},
        {"view": {"trader_identifier": "913302007047777776"}, "facts": {"enterprise": None}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-132",
        ASK,
        {"view": {"trader_identifier": "9902961234"}, "facts": {"enterprise": None}},
        {"view": {"trader_identifier": "3302961234"}, "facts": {"enterprise": None}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-133",
        Verdict.APPROVED,
        {"view": {"trader_identifier": "GB553202734852"}},
        {"view": {"trader_identifier": TRADER}},
    ),
    Case("CUS-134", Verdict.PENDING, {"facts": {"enterprise": None}}, enterprise()),
    Case("CUS-135", HOLD, enterprise(suspended=True), enterprise(suspended=False)),
    Case("CUS-135", HOLD, enterprise(valid_until_time=YESTERDAY), enterprise(valid_until_time=TOMORROW)),
    Case("CUS-135", HOLD, enterprise(valid_from_time=TOMORROW), enterprise(valid_from_time=YESTERDAY)),
    Case(
        "CUS-136",
        Verdict.EXAMINE,
        enterprise(enterprise_class=EnterpriseClass.D),
        enterprise(enterprise_class=EnterpriseClass.C),
        RequiredAction.PRESENT,
    ),
    Case(
        "CUS-141",
        Verdict.APPROVED_WITH_OBLIGATIONS,
        {"view": IMPORT},
        {"view": IMPORT | {"trade_mode_code": "0214"}},
        RequiredAction.PAY,
    ),
    Case(
        "CUS-142",
        Verdict.APPROVED_WITH_OBLIGATIONS,
        {"view": ARRIVED},
        {"view": ARRIVED | {"arrival_time": datetime(2004, 11, 7, 16, 0, tzinfo=UTC)}},
        RequiredAction.PAY,
    ),
    Case(
        "CUS-142",
        Verdict.APPROVED_WITH_OBLIGATIONS,
        {"view": ARRIVED},
        {"view": ARRIVED | {"declaration_type": DeclarationType.SUPPLEMENTARY}},
        RequiredAction.PAY,
    ),
    Case(
        "CUS-151",
        HOLD,
        {"view": {"loading_time": ACCEPTED + timedelta(hours=23)}},
        {"view": {"loading_time": TOMORROW}},
        RequiredAction.DO_NOT_LOAD,
    ),
    Case("CUS-161", REFUSE, {"facts": {"broker": None}}, broker()),
    Case("CUS-162", REFUSE, broker(suspended=True), broker()),
    Case("CUS-162", REFUSE, broker(valid_until_time=YESTERDAY), broker(valid_until_time=TOMORROW)),
    Case(
        "CUS-163",
        ASK,
        broker(needs_mandate=True),
        without(broker(needs_mandate=True), "facts", mandated=True),
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-171",
        ASK,
        {"item": {"origin_country_code": "ZN"}},
        {"item": {"origin_country_code": "CN"}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-171",
        ASK,
        {"view": {"countries": (("destination_country_code", "ZG"),)}},
        {"view": {"countries": (("destination_country_code", "ZW"),)}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-172",
        ASK,
        {"item": {"currency_code": "GBX"}},
        {"item": {"currency_code": "GBP"}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case(
        "CUS-173",
        ASK,
        {"view": {"trade_mode_code": "0111"}},
        {"view": {"trade_mode_code": "0110"}},
        RequiredAction.SUPPLY_DOCUMENT,
    ),
    Case("CUS-181", Verdict.EXAMINE, selected(RED), selected(YELLOW), RequiredAction.PRESENT),
    Case("CUS-182", HOLD, selected(YELLOW), selected(BLUE)),
    Case("CUS-183", Verdict.APPROVED_WITH_OBLIGATIONS, selected(BLUE), selected(RED), RequiredAction.SUPPLY_DOCUMENT),
    Case("CUS-191", Verdict.APPROVED, of_class(1), of_class(2)),
    Case("CUS-193", Verdict.APPROVED, of_class(2, TOMORROW), of_class(2, YESTERDAY)),
    Case("CUS-192", Verdict.APPROVED, {**IMPORTED, **of_class(1)}, of_class(1)),
    Case("CUS-174", Verdict.APPROVED, {"view": {"trade_mode_code": ""}}, {"view": {"trade_mode_code": "0110"}}),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule_id}-{n}" for n, case in enumerate(CASES)])
def test_rule_finds_the_fault_and_lets_the_twin_pass(case: Case, judge: Any) -> None:
    found = judge(case.rule_id, **case.sample)
    assert [(each.effect, each.required_action) for each in found] == [(case.effect, case.action)]
    assert judge(case.rule_id, **case.twin) == []


def test_every_rule_has_its_sample() -> None:
    assert {case.rule_id for case in CASES} == {rule.id for rule in RULES}


def test_the_sound_consignment_is_approved_without_a_word(judge: Any) -> None:
    assert judge() == []


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule_id}-{n}" for n, case in enumerate(CASES)])
def test_findings_carry_what_their_texts_name(case: Case, judge: Any) -> None:
    texts = {rule.id: (rule.zh, rule.en, rule.enough_zh, rule.enough_en) for rule in RULES}
    found: list[Finding] = judge(**case.sample)
    for each in found:
        for text in texts[each.rule_id]:
            assert text.format_map(each.parameters)


def test_ids_are_unique_and_versions_positive() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.id.startswith("CUS-1") and rule.version >= 1 and rule.source for rule in RULES)
