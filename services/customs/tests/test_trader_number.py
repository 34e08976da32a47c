"""What kind of number a trader's number is."""

import pytest

from customs.domain.trader_number import NumberKind, number_kind


@pytest.mark.parametrize(
    ("identifier", "country", "kind"),
    [
        ("3302961234", "", NumberKind.CUSTOMS),
        ("1101919999", "CN", NumberKind.CUSTOMS),
        ("9902961234", "CN", NumberKind.WRONG),
        ("330296123", "CN", NumberKind.WRONG),
        ("913302007047777776", "CN", NumberKind.UNIFIED),
        ("913302007047777777", "CN", NumberKind.WRONG),
        ("GB553202734852", "GB", NumberKind.FOREIGN),
        ("GB5532027348521234", "", NumberKind.FOREIGN),
        ("XI896458895015", "", NumberKind.FOREIGN),
        ("553202734", "GB", NumberKind.FOREIGN),
        ("553202734", "", NumberKind.WRONG),
    ],
)
def test_numbers_are_told_by_form_check_character_and_country(identifier: str, country: str, kind: NumberKind) -> None:
    assert number_kind(identifier, country) is kind


def test_a_wrong_number_is_asked_for_and_never_waited_for(judge: object) -> None:
    assert callable(judge)
    wrong = {"view": {"trader_identifier": "9902961234"}, "facts": {"enterprise": None}}
    assert [each.rule_id for each in judge(**wrong)] == ["CUS-132"]


def test_a_foreign_number_is_remarked_on_and_waited_for(judge: object) -> None:
    assert callable(judge)
    foreign = {"view": {"trader_identifier": "GB553202734852"}, "facts": {"enterprise": None}}
    assert [each.rule_id for each in judge(**foreign)] == ["CUS-133", "CUS-134"]
