"""Which goods meet quarantine: by code and origin, whatever file they came in."""

from typing import Any

import pytest

from agencykit.rules import RequiredAction, Verdict, fold
from inspection.domain.consignment import ConsignmentView, Direction, Item
from inspection.domain.facts import Certificate, Exemption, Facts
from inspection.domain.reference import CertificateKind, Reference
from inspection.domain.rules.remit import goods_are_outside_catalogue, subject

QUARANTINE = {"INS-211", "INS-212"}
QUARANTINED = {
    "01019000": "live horses",
    "01012100": "live thoroughbred horses",
    "02071290": "frozen chickens",
    "03073110": "mussels",
    "03072110": "scallops",
    "07099310": "courgettes",
    "46021910": "straw envelopes for bottles",
    "12130000": "straw",
    "16042040": "fish balls",
}
OTHERS = {"73181631": "blind rivet nuts", "90031900": "spectacle frames", "76071119": "aluminium foil"}


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("code", QUARANTINED, ids=QUARANTINED.values())
def test_animals_food_of_animals_vegetables_and_straw_meet_quarantine(judge: Any, code: str, direction: int) -> None:
    found = judge(item={"code": code}, view={"direction": direction})
    assert len({each.rule_id for each in found} & QUARANTINE) == 1
    assert fold(found).verdict is not Verdict.APPROVED


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("code", OTHERS, ids=OTHERS.values())
def test_nuts_frames_and_foil_are_not_subject(reference: Reference, code: str, direction: int) -> None:
    view = ConsignmentView(direction, "", "GB", "", (), (Item(1, code, "GB", 43.0, "", ("8B",), ()),))
    found = subject(view, Facts(reference, (reference.commodity(code, direction),)))
    assert found is not None
    assert found.effect is Verdict.NOT_SUBJECT
    assert found.rule_id == "INS-200"


def test_the_words_for_goods_outside_the_catalogue_do_not_speak_of_quarantine() -> None:
    rule = goods_are_outside_catalogue
    assert not [text for text in (rule.zh, rule.en) if "quarantine" in text.lower() or "检疫" in text]


def test_one_listed_item_makes_the_consignment_subject(judge: Any) -> None:
    found = judge(items=[{"code": "73181631"}, {"code": "07099310"}])
    assert [each.item_numbers for each in found if each.rule_id == "INS-212"] == [(2,)]


def test_each_grade_of_risk_makes_a_finding_of_its_own(judge: Any) -> None:
    found = judge("INS-211", items=[{"code": "01012100"}, {"code": "03031310"}, {"code": "02071290"}])
    assert [(each.effect, each.item_numbers, each.parameters["grade"]) for each in found] == [
        (Verdict.EXAMINE, (1, 3), "1"),
        (Verdict.APPROVED_WITH_OBLIGATIONS, (2,), "2"),
    ]


def test_goods_that_passed_through_a_closed_country_are_refused_too(judge: Any) -> None:
    (found,) = judge("INS-215", item={"code": "02071290"}, view={"dispatch_country_code": "VN"})
    assert (found.required_action, found.parameters["codes"]) == (RequiredAction.RETURN, "VN")


def test_an_exemption_never_excuses_from_quarantine(judge: Any) -> None:
    facts = {"exemptions": (Exemption("MJ-1", "3302961234", ("0303",)),)}
    found = judge(item={"code": "03031310"}, view={"direction": Direction.EXPORT}, facts=facts)
    assert [each.rule_id for each in found] == ["INS-211", "INS-234"]


def test_one_good_certificate_among_several_is_enough(judge: Any) -> None:
    scallops = {
        "code": "03072110",
        "origin_country_code": "NO",
        "documents": (("C640", "GBCHD2022.2568"), ("N853", "GBCHD-202305-1234567")),
    }
    good = Certificate("GBCHD2022.2568", CertificateKind.HEALTH, "NO", ("0307",))
    revoked = Certificate("GBCHD-202305-1234567", CertificateKind.HEALTH, "NO", ("0307",), revoked=True)
    papers = {"INS-221", "INS-222", "INS-223", "INS-224"}

    def found(*held: Certificate) -> list[str]:
        known = {"certificates": {each.number: each for each in held}}
        return [each.rule_id for each in judge(item=scallops, facts=known) if each.rule_id in papers]

    assert found(good, revoked) == []
    assert found(good) == []
    assert found(revoked) == ["INS-222"]
    assert found() == ["INS-222"]


def test_a_thousand_like_items_make_one_finding(judge: Any) -> None:
    found = judge("INS-221", items=[{"code": "07099310"}] * 999)
    assert [each.parameters["items"] for each in found] == ["1-999"]


def test_nothing_is_examined_while_a_paper_that_would_spare_it_is_on_its_way(judge: Any) -> None:
    toys = {"code": "95030041", "documents": (("N003", "HZ-0412"),)}
    found = judge(item=toys, view={"direction": Direction.EXPORT})
    assert [(each.rule_id, each.effect) for each in found] == [("INS-237", Verdict.PENDING)]
    lapsed = Certificate("HZ-0412", CertificateKind.ORIGIN_INSPECTION, "CN", ("9503",), revoked=True)
    found = judge(item=toys, view={"direction": Direction.EXPORT}, facts={"certificates": {"HZ-0412": lapsed}})
    assert [(each.rule_id, each.effect) for each in found] == [
        ("INS-231", Verdict.EXAMINE),
        ("INS-238", Verdict.APPROVED),
    ]


@pytest.mark.parametrize(
    ("direction", "held", "rules"),
    [
        (Direction.EXPORT, True, ["INS-236"]),
        (Direction.EXPORT, False, ["INS-237"]),
        (Direction.IMPORT, True, ["INS-211", "INS-221"]),
    ],
    ids=["an export passes on it", "an export waits for it", "an import never does"],
)
def test_animals_inspected_and_quarantined_at_origin(
    judge: Any, direction: Direction, held: bool, rules: list[str]
) -> None:
    bulls = {"code": "01022900", "origin_country_code": "CN", "documents": (("N003", "JH-0412"),)}
    certificate = Certificate("JH-0412", CertificateKind.ORIGIN_INSPECTION, "CN", ("0102",))
    facts = {"certificates": {"JH-0412": certificate} if held else {}}
    found = judge(item=bulls, view={"direction": direction, "dispatch_country_code": ""}, facts=facts)
    assert [each.rule_id for each in found] == rules
