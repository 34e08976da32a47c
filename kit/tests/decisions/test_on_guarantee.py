"""What an agency lets go on a guarantee is approved, and stays its officers' work until they have settled it."""

from dataclasses import replace

from agencykit.rules import Circumstances, GuaranteeKind, GuaranteeTerms, Outcome
from agencykit.testing.example_agency import DEFINITION, HOLD_YARD, Facts, View
from clearance.agency.v1.work_service_pb2 import Work, WorkResult
from clearance.common.v1.decision_pb2 import Decision

from .conftest import Harbour

COVERED_KG = 1001.0


def terms(view: View, facts: Facts, circumstances: Circumstances, outcome: Outcome) -> GuaranteeTerms:
    covered = facts.noted_mass_kg == COVERED_KG
    return GuaranteeTerms((GuaranteeKind.FORMALITIES,), 5_000, "CNY", covered)


GUARANTEEING = replace(DEFINITION, guarantee=terms)


async def test_covered_terms_approve_what_officers_go_on_with(harbour: Harbour) -> None:
    office = await harbour.open(GUARANTEEING)
    held, covered = harbour.number(), harbour.number()
    await harbour.weigh(office, {held: 1000.0, covered: COVERED_KG})
    for number, verdict in (
        (held, Decision.VERDICT_HOLD),
        (covered, Decision.VERDICT_APPROVED_WITH_OBLIGATIONS),
    ):
        decision = await harbour.decide(office, number, harbour.bent(number, goods_location_code=HOLD_YARD))
        assert (decision.verdict, decision.guarantee.amount_minor_units) == (verdict, 5_000)
        assert [each.effect for each in decision.findings] == [Decision.VERDICT_HOLD]
        assert [(each.party, each.fact_kind) for each in decision.waiting] == [("weighbridge", "officer_result")]
        [work] = (await office.operator.list_work(number)).work
        assert work.kind == Work.KIND_REVIEW
    await office.operator.take_work(work.id)
    await office.operator.record_work(work.id, outcome=WorkResult.OUTCOME_CLEARED)
    settled = await harbour.revision(office, covered, 2)
    assert (settled.verdict, settled.HasField("guarantee")) == (Decision.VERDICT_APPROVED, False)


async def test_other_terms_are_another_answer_and_the_same_terms_are_not(harbour: Harbour) -> None:
    number = harbour.number()
    held = harbour.bent(number, goods_location_code=HOLD_YARD)
    plain = await harbour.open()
    await harbour.weigh(plain, {number: 1000.0})
    assert not (await harbour.decide(plain, number, held)).HasField("guarantee")
    office = await harbour.open(GUARANTEEING, "2")
    for version, carried in ((2, 0), (3, 2)):
        amended = harbour.bent(number, goods_location_code=HOLD_YARD, total_packages=50 + version)
        assert (await harbour.decide(office, number, amended, version)).carried_forward_version == carried
