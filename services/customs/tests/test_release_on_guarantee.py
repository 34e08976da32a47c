"""On what guarantee goods may go while something is open: each kind, what excludes it, and the amount."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencykit.rules import (
    Circumstances,
    Finding,
    GuaranteeKind,
    GuaranteeTerms,
    Outcome,
    Stage,
    Verdict,
    gravest,
)
from customs.domain.consignment import ConsignmentView, Direction
from customs.domain.facts import Facts
from customs.domain.highest import OpenQuestion, highest_duty
from customs.domain.payments import Charge
from customs.domain.records import record_facts
from customs.domain.reference import Reference
from customs.domain.release_on_guarantee import GUARANTEEABLE, guarantee_terms

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
CIRCUMSTANCES = Circumstances("NB20041122000001", 1, "spiffe://ningbo.clearance/broker/1", ACCEPTED, ACCEPTED)
# What is open → the kinds, and the highest duty with these questions; `-` is no terms.
TABLE = """
open                                    kinds               questions
CUS-112:HOLD                            VALUATION           PRICE
CUS-113:HOLD                            VALUATION           PRICE
CUS-113:INFORMATION_REQUESTED:ASKED     DOCUMENTS           PRICE
CUS-112:INFORMATION_REQUESTED:ASKED     DOCUMENTS           PRICE
CUS-182:INFORMATION_REQUESTED:ASKED     DOCUMENTS           PRICE,ORIGIN
CUS-141:PENDING                         TAX                 .
CUS-142:PENDING                         LATE_FEE            .
CUS-141:PENDING,CUS-113:HOLD            VALUATION,TAX       PRICE
CUS-113:HOLD,CUS-112:HOLD               VALUATION           PRICE
CUS-113:HOLD,CUS-183:APPROVED_WITH_OBLIGATIONS,CUS-133:APPROVED  VALUATION  PRICE
CUS-182:HOLD                            -                   .
CUS-113:HOLD,CUS-182:HOLD               -                   .
CUS-113:HOLD,CUS-121:INFORMATION_REQUESTED  -               .
CUS-113:HOLD,CUS-122:PENDING            -                   .
CUS-113:HOLD,CUS-135:HOLD               -                   .
CUS-113:HOLD,CUS-163:INFORMATION_REQUESTED  -               .
CUS-113:HOLD,CUS-181:EXAMINE            -                   .
CUS-113:HOLD,CUS-181:EXAMINE:IMAGE      -                   .
CUS-182:PENDING:SAMPLED                 -                   .
CUS-101:INFORMATION_REQUESTED           -                   .
CUS-105:HOLD                            -                   .
CUS-134:PENDING                         -                   .
CUS-143:HOLD                            -                   .
"""
Ask = Callable[..., GuaranteeTerms | None]


@pytest.fixture
def imported(view: ConsignmentView) -> ConsignmentView:
    return replace(view, direction=Direction.IMPORT, loading_time=None)


@pytest.fixture
def ask(imported: ConsignmentView, reference: Reference) -> Ask:
    """`ask("CUS-113:HOLD,…", cover=…, view=…)`."""

    def ask(findings: str, view: ConsignmentView = imported, **known: Any) -> GuaranteeTerms | None:
        commodities = tuple(reference.commodity(item.code, view.direction) for item in view.items)
        facts = Facts(reference, commodities, **known)
        found = tuple(_finding(*text.split(":")) for text in findings.split(","))
        return guarantee_terms(view, facts, CIRCUMSTANCES, Outcome(gravest(found), found))

    return ask


def _finding(rule_id: str, effect: str, stage: str = "FOUND") -> Finding:
    return Finding(rule_id, 1, Verdict[effect], stage=Stage[stage])


@pytest.mark.parametrize("row", TABLE.strip().splitlines()[1:])
def test_kinds_and_amount_follow_from_all_that_keeps_the_goods(
    row: str, ask: Ask, imported: ConsignmentView, reference: Reference
) -> None:
    findings, kinds, questions = row.split()
    terms = ask(findings)
    if kinds == "-":
        assert terms is None
        return
    asked = [OpenQuestion[name] for name in questions.strip(".").split(",") if name]
    amount = highest_duty(imported, reference, asked).total
    assert amount
    named = tuple(GuaranteeKind[name] for name in kinds.split(","))
    days = 15 if {GuaranteeKind.TAX, GuaranteeKind.LATE_FEE}.intersection(named) else 90
    assert terms == GuaranteeTerms(named, amount, "CNY", covered=False, settle_days=days)


def test_a_finding_that_officers_have_settled_needs_no_guarantee_and_excludes_none(
    imported: ConsignmentView, reference: Reference
) -> None:
    facts = Facts(reference, ())
    settled = replace(_finding("CUS-181", "EXAMINE"), resolved=True)
    priced = _finding("CUS-113", "HOLD")
    assert guarantee_terms(imported, facts, CIRCUMSTANCES, Outcome(Verdict.HOLD, (settled, priced)))
    assert guarantee_terms(imported, facts, CIRCUMSTANCES, Outcome(Verdict.APPROVED, (settled,))) is None


def test_an_open_price_is_guaranteed_at_the_headings_highest(ask: Ask) -> None:
    """43 kg of rivet nuts at 5,000 yuan: 215,000 yuan; 8 % of it, and 17 % of both."""
    terms = ask("CUS-113:HOLD")
    assert terms is not None
    assert terms.amount_minor_units == 1_720_000 + 3_947_400


def test_without_a_bound_and_without_duty_there_are_no_terms(
    ask: Ask, imported: ConsignmentView, view: ConsignmentView
) -> None:
    [item] = imported.items
    weightless = replace(imported, items=(item, replace(item, number=2, net_mass_kg=None)))
    assert ask("CUS-113:HOLD", view=weightless) is None
    assert ask("CUS-113:HOLD", view=replace(imported, trade_mode_code="0214")) is None, "bonded"
    assert ask("CUS-113:HOLD", view=view) is None, "an export"
    assert ask("CUS-113:HOLD", view=replace(imported, items=(replace(item, net_mass_kg=1e14),))) is None, "too much"


@pytest.mark.parametrize(("mode", "duty"), [("0110", 5_667_400), ("0214", 0)])
def test_a_late_fee_is_guaranteed_for_the_highest_value_also_of_bonded_goods(
    ask: Ask, imported: ConsignmentView, mode: str, duty: int
) -> None:
    """Ten days late: half a thousandth of 215,000 yuan for each."""
    late = replace(imported, trade_mode_code=mode, arrival_time=ACCEPTED - timedelta(days=24))
    terms = ask("CUS-113:HOLD", view=late)
    assert terms is not None
    assert terms.amount_minor_units == duty + 107_500


def test_what_is_paid_needs_no_guarantee(ask: Ask, imported: ConsignmentView) -> None:
    late = replace(imported, arrival_time=ACCEPTED - timedelta(days=24))
    for paid, left in (
        ({Charge.DUTY_AND_VAT: 5_667_399}, 1 + 107_500),
        ({Charge.LATE_FEE: 107_499}, 5_667_400 + 1),
        ({Charge.DUTY_AND_VAT: 5_667_401, Charge.LATE_FEE: 7_500}, 100_000),
    ):
        terms = ask("CUS-113:HOLD", view=late, paid=paid)
        assert terms is not None
        assert terms.amount_minor_units == left
    assert ask("CUS-113:HOLD", view=late, paid={Charge.DUTY_AND_VAT: 5_667_400, Charge.LATE_FEE: 107_500}) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(st.frozensets(st.sampled_from(sorted(GUARANTEEABLE)), min_size=1), st.integers(-2, 2), st.integers(1, 10**6))
def test_it_is_never_covered_with_less_than_the_amount(
    ask: Ask, matters: frozenset[tuple[str, Stage]], around: int, far: int
) -> None:
    findings = ",".join(f"{rule_id}:HOLD:{stage.name}" for rule_id, stage in sorted(matters))
    terms = ask(findings)
    assert terms is not None
    amount = terms.amount_minor_units
    for cover in (amount + around, amount - far, amount + far):
        found = ask(findings, cover=cover)
        assert found == replace(terms, covered=cover >= amount)


def test_the_record_of_facts_holds_what_guarantees_stood_for(reference: Reference) -> None:
    assert "cover" not in record_facts(Facts(reference, ()))
    assert record_facts(Facts(reference, (), cover=131_800))["cover"] == 131_800
