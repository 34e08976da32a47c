"""Which guarantees the scheme 担保验放 takes up, and whom the terms tell of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agencykit.rules import Circumstances, Finding, GuaranteeTerms, Outcome, Verdict
from customs.domain.consignment import ConsignmentView, Direction
from customs.domain.facts import Enterprise, EnterpriseClass, Facts
from customs.domain.guarantees.account import Terms, UseKey
from customs.domain.guarantees.by_scheme import MOST, begins, granted
from customs.domain.guarantees.kinds import AccountState, Type
from customs.domain.interests import STANDING_GUARANTEE, decided_again, interests
from customs.domain.records import record_facts
from customs.domain.reference import Reference
from customs.domain.release_on_guarantee import guarantee_terms

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
CIRCUMSTANCES = Circumstances("NB20041122000001", 1, "spiffe://ningbo.clearance/broker/1", ACCEPTED, ACCEPTED)
TRADER, NOW = "3302961234", 1_000
KEY = UseKey("ningbo", "31002004NBGUAR000001", 1)
GRNS = [f"G{digit}" for digit in range(1, 4)]
CERTIFIED = Enterprise(TRADER, EnterpriseClass.B, high_tech_until_time=ACCEPTED + timedelta(hours=1))


def standing(grn: str, type_: Type = Type.COMPREHENSIVE, **terms: Any) -> Terms:
    return Terms(grn, type_, TRADER, **{"currency_code": "CNY", "for_scheme": True} | terms)


@pytest.fixture
def imported(view: ConsignmentView) -> ConsignmentView:
    return replace(view, direction=Direction.IMPORT, loading_time=None, customs_office_code="3104")


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        ({}, True),
        ({"districts": ("ningbo",), "offices": ("3104",), "excluded_commodities": ("84",)}, True),
        ({"type_": Type.WAIVER}, True),
        ({"type_": Type.INDIVIDUAL_MULTIPLE_USE}, True),
        ({"districts": ("hangzhou",)}, False),
        ({"offices": ("3101",)}, False),
        ({"excluded_commodities": ("7318",)}, False),
        ({"state": AccountState.SUSPENDED}, False),
        ({"valid_from": NOW + 1}, False),
        ({"valid_until": NOW}, False),
        ({"currency_code": "USD"}, False),
        ({"for_scheme": False}, False),
    ],
    ids=str,
)
def test_a_guarantee_is_named_where_it_may_be_used(
    terms: dict[str, Any], fits: bool, imported: ConsignmentView
) -> None:
    assert granted([standing("G1", **terms)], KEY, imported, NOW) == (("G1",) if fits else ())


def test_the_first_comprehensive_one_is_named_with_all_that_may_top_it_up(imported: ConsignmentView) -> None:
    many = [standing(f"M{number}", Type.INDIVIDUAL_MULTIPLE_USE) for number in range(MOST)]
    two = [standing("G2", Type.WAIVER), standing("G1", state=AccountState.REVOKED), standing("G3")]
    assert granted([*many[:1], *two], KEY, imported, NOW) == ("G2", "M0")
    assert len(granted([*many, *two], KEY, imported, NOW)) == MOST


def stated(view: ConsignmentView, facts: Facts) -> GuaranteeTerms:
    found = (Finding("CUS-113", 1, Verdict.HOLD),)
    terms = guarantee_terms(view, facts, CIRCUMSTANCES, Outcome(Verdict.HOLD, found))
    assert terms is not None
    return terms


@pytest.mark.parametrize("certified", [True, False])
@pytest.mark.parametrize("covered", [True, False])
def test_terms_name_guarantees_to_who_is_entitled_until_they_are_covered(
    certified: bool, covered: bool, imported: ConsignmentView, reference: Reference
) -> None:
    enterprise = CERTIFIED if certified else replace(CERTIFIED, high_tech_until_time=None)
    commodities = tuple(reference.commodity(item.code, imported.direction) for item in imported.items)
    facts = Facts(reference, commodities, enterprise, cover=10**12 if covered else 0, granted_grns=("G1",))
    terms = stated(imported, facts)
    assert terms.granted_grns == (("G1",) if certified and not covered else ())
    awaited = (STANDING_GUARANTEE, TRADER) in set(interests(imported, facts))
    assert awaited == (certified and not covered), "decided again when a guarantee is entered"


def test_the_first_that_begins_later_is_waited_for(imported: ConsignmentView, reference: Reference) -> None:
    assert (
        begins([standing("G1"), standing("G2", valid_from=NOW + 9), standing("G3", valid_from=NOW + 2)], NOW) == NOW + 2
    )
    assert begins([standing("G1", valid_from=NOW)], NOW) is None
    begin, arrival = ACCEPTED + timedelta(days=2), ACCEPTED + timedelta(days=1)
    facts = Facts(reference, (), grant_begin=begin)
    assert decided_again(imported, facts) is None, "nobody would go on it"
    facts.guarantee_awaited = True
    assert decided_again(imported, facts) == begin
    facts.arrival_awaited = arrival
    assert decided_again(imported, facts) == arrival


def test_the_record_of_facts_holds_what_was_granted(reference: Reference) -> None:
    assert "granted_grns" not in record_facts(Facts(reference, ()))
    assert record_facts(Facts(reference, (), granted_grns=("G1",)))["granted_grns"] == ("G1",)
