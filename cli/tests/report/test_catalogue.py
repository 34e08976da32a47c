"""A finding in words."""

import pytest

from clearance.agency.v1.agency_service_pb2 import Rule
from clearance.common.v1.decision_pb2 import Finding
from tongguan.report.catalogue import Catalogue, fill
from tongguan.report.names import amount

FINDING = Finding(rule_id="INS-201", rule_version=3, parameters={"items": "2", "document": "health certificate"})


def catalogue() -> Catalogue:
    rule = Rule(id="INS-201", version=3)
    rule.text.zh, rule.text.en = "第 {items} 项缺少 {document}", "Items {items} lack a {document}"
    rule.enough.zh, rule.enough.en = "提交 {document}", "Produce a {document} for {origin}"

    def nobody(agency: str) -> object:
        raise AssertionError(f"{agency} need not be asked again")

    return Catalogue(nobody, {"inspection": {"INS-201": rule}})  # type: ignore[arg-type]


def test_parameters_fill_the_templates_of_both_languages() -> None:
    assert catalogue().explain("inspection", FINDING, "both") == [
        "第 2 项缺少 health certificate — 足够: 提交 health certificate",
        "Items 2 lack a health certificate — enough: Produce a health certificate for {origin}",
    ]


def test_one_language_may_be_asked_for() -> None:
    assert len(catalogue().explain("inspection", FINDING, "zh")) == 1


def test_a_rule_that_the_catalogue_no_longer_has_stays_unexplained() -> None:
    assert catalogue().explain("inspection", Finding(rule_id="INS-999"), "en") == []


@pytest.mark.parametrize("template", ["an open { brace", "{0}", "{a.b}"])
def test_a_template_that_cannot_be_filled_is_shown_as_it_is(template: str) -> None:
    assert fill(template, {"a": "x"}) == template


@pytest.mark.parametrize(
    ("minor_units", "currency", "text"),
    [(123450, "CNY", "1234.50 CNY"), (5000, "JPY", "5000 JPY"), (5000, "BHD", "5.000 BHD"), (77, "XQZ", "0.77 XQZ")],
)
def test_an_amount_has_the_decimals_of_its_currency(minor_units: int, currency: str, text: str) -> None:
    assert amount(minor_units, currency) == text
