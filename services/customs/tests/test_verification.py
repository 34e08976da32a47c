"""Declared at home, verified at the port (属地申报、口岸验放): each customs asks what is its part, and no more."""

from dataclasses import replace

import pytest

from agencykit.rules import Circumstances, Finding, Given, RequiredAction, Verdict
from customs.domain.catalogue import AT_HOME, AT_PORT, WHOLE, choose
from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Enterprise, EnterpriseClass, Facts
from customs.domain.reference import Reference
from customs.domain.risk.profile import Lane
from customs.domain.risk.selection import Mark, Selection, Way
from customs.domain.rules.risk import examined_at, goods_are_not_selected_for_examination
from customs.domain.rules.verification import goods_are_examined_as_home_has_ordered, verification_elsewhere_is_granted
from customs.domain.schemes import Scheme, SchemeTable, Terms

from .conftest import ACCEPTED

HANGZHOU, BEILUN = "290020040XKBM7K3M9QZ", "3104"
CLASS_A = Enterprise("3301961234", EnterpriseClass.A)
ORDER = Finding("CUS-181", 3, Verdict.APPROVED_WITH_OBLIGATIONS, required_action=RequiredAction.PRESENT)
APPROVED = Verdict.APPROVED_WITH_OBLIGATIONS


def moment(*given: Given, number: str = HANGZHOU) -> Circumstances:
    broker = "spiffe://hangzhou.clearance/broker/3301980001"
    return Circumstances(number, 1, broker, ACCEPTED, ACCEPTED, given=given)


def of_home(*findings: Finding) -> Given:
    return Given("customs", "hangzhou", APPROVED, findings)


@pytest.fixture
def elsewhere(view: ConsignmentView) -> ConsignmentView:
    """Goods that lie at Beilun."""
    return replace(view, verification_office_code=BEILUN, container_numbers=("CSQU3054383",))


def test_the_number_and_what_home_has_decided_tell_whose_part_it_is(
    view: ConsignmentView, elsewhere: ConsignmentView
) -> None:
    assert choose(view, moment()) is WHOLE
    assert choose(elsewhere, moment(number="310020040XKBM7K3M9QZ")) is WHOLE
    assert choose(elsewhere, moment()) is AT_HOME
    assert choose(elsewhere, moment(of_home())) is AT_PORT
    assert choose(elsewhere, moment(replace(of_home(), agency="inspection"))) is AT_HOME


@pytest.mark.parametrize(
    ("granted", "enterprise", "effects"),
    [(True, CLASS_A, []), (False, CLASS_A, [Verdict.REFUSED]), (False, None, [])],
    ids=["entitled", "not entitled", "not registered"],
)
def test_who_is_not_entitled_is_told_so_and_where_he_may_declare(
    granted: bool,
    enterprise: Enterprise | None,
    effects: list[Verdict],
    elsewhere: ConsignmentView,
    reference: Reference,
) -> None:
    table = {Scheme.HOME: Terms(frozenset({EnterpriseClass.A}))} if granted else {}
    facts = Facts(replace(reference, schemes=SchemeTable(table)), (), enterprise)
    assert [found.effect for found in verification_elsewhere_is_granted(elsewhere, facts, moment())] == effects


def test_what_home_selects_is_an_obligation_there_and_an_examination_at_the_port(
    elsewhere: ConsignmentView, reference: Reference
) -> None:
    facts = Facts(reference, (), CLASS_A)
    facts.selection = Selection(Lane.RED, (Mark(("R-7", 2), Lane.RED, Way.DRAWN, 1, 2),))
    [order] = goods_are_not_selected_for_examination(elsewhere, facts, moment())
    assert (order.effect, order.required_action) == (APPROVED, RequiredAction.PRESENT)
    [found] = goods_are_examined_as_home_has_ordered(elsewhere, Facts(reference, ()), moment(of_home(order)))
    assert (found.effect, examined_at(found)) == (Verdict.EXAMINE, "CNBLG")
    assert found.parameters["ordered_by"] == "hangzhou CUS-181/3"


@pytest.mark.parametrize(
    "given",
    [
        of_home(),
        of_home(replace(ORDER, resolved=True)),
        of_home(replace(ORDER, required_action=RequiredAction.PAY)),
        replace(of_home(ORDER), agency="inspection"),
    ],
    ids=["nothing", "settled at home", "another obligation", "not customs"],
)
def test_the_port_examines_nothing_that_home_has_not_ordered(
    given: Given, elsewhere: ConsignmentView, reference: Reference
) -> None:
    assert goods_are_examined_as_home_has_ordered(elsewhere, Facts(reference, ()), moment(given)) == ()
