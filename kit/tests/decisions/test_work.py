"""Officers' work follows the decisions, and their results count as long as they looked at the same things."""

from dataclasses import replace

import pytest

from agencykit.agency import FactKey
from agencykit.decisions import tables
from agencykit.refusals import (
    NotFound,
    PageTokenInvalid,
    RequestIdReused,
    StateForbids,
    WithdrawalRefused,
)
from agencykit.rules import Finding
from agencykit.testing.example_agency import DEFINITION, HOLD_YARD, SEIZURE_YARD, WEIGHT_NOTE, Facts, View
from agencykit.testing.inline_agency import InlineAgency
from clearance.agency.v1.work_service_pb2 import Measurement, Work, WorkResult
from clearance.common.v1.decision_pb2 import Decision

from .conftest import Harbour


async def examined(harbour: Harbour, office: InlineAgency) -> str:
    """A clearance whose noted weight is twice the declared one."""
    number = harbour.number()
    await harbour.weigh(office, {number: 2000.0})
    assert (await harbour.decide(office, number)).verdict == Decision.VERDICT_EXAMINE
    return number


async def works(office: InlineAgency, number: str) -> list[Work]:
    states = (Work.STATE_OPEN, Work.STATE_TAKEN, Work.STATE_DONE, Work.STATE_CANCELLED)
    return [work for state in states for work in (await office.operator.list_work(number, state=state)).work]


def weighed_anew(view: View, facts: Facts) -> list[FactKey]:
    """A second note is news too."""
    return [(WEIGHT_NOTE, view.transport_document_number)]


async def test_an_examination_names_rules_and_containers(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office)
    [work] = await works(office, number)
    assert (work.kind, work.state, list(work.rule_ids)) == (Work.KIND_EXAMINATION, Work.STATE_OPEN, ["SCA-002"])
    assert list(work.container_numbers) == ["CSQU3054383"]
    assert await harbour.acts(office, number) == ["work_opened"]


async def test_an_examination_names_the_place_that_the_agency_sends_its_officer_to(harbour: Harbour) -> None:
    """As long as there is one: a finding that says something else may send him elsewhere."""

    def at_the_scale_of(found: Finding) -> str:
        return f"{found.parameters['noted']} kg scale"

    office = await harbour.open(replace(DEFINITION, interests=weighed_anew, examined_at=at_the_scale_of))
    number = await examined(harbour, office)
    [work] = await works(office, number)
    assert work.place == "2000 kg scale"
    await harbour.weigh(office, {number: 3000.0})
    await harbour.revision(office, number, 2)
    [work] = await works(office, number)
    assert work.place == "3000 kg scale"
    assert (await office.operator.take_work(work.id)).place == "3000 kg scale"


async def test_a_hold_is_a_review(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.weigh(office, {number: 1000.0})
    decision = await harbour.decide(office, number, harbour.bent(number, goods_location_code=HOLD_YARD))
    assert decision.verdict == Decision.VERDICT_HOLD
    assert [(waiting.party, waiting.fact_kind) for waiting in decision.waiting] == [("weighbridge", "officer_result")]
    [work] = await works(office, number)
    assert work.kind == Work.KIND_REVIEW


async def test_recording_is_idempotent_and_final(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office)
    [work] = await works(office, number)
    await office.operator.take_work(work.id)
    request_id = harbour.runtime.ids.uuid()
    done = await office.operator.record_work(work.id, request_id=request_id)
    assert await office.operator.record_work(work.id, request_id=request_id) == done
    with pytest.raises(RequestIdReused):
        await office.operator.record_work(work.id, WorkResult.OUTCOME_REFUSED, request_id)
    for act in (office.operator.take_work, office.operator.return_work, office.operator.record_work):
        with pytest.raises(StateForbids):
            await act(work.id)
    assert (await harbour.revision(office, number, 2)).verdict == Decision.VERDICT_APPROVED
    assert await harbour.acts(office, number) == ["work_opened", "work_take", "work_record"]


async def test_a_sample_taken_waits_for_the_laboratory_whose_result_decides(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = await examined(harbour, office)
    [examination] = await works(office, number)
    await office.operator.take_work(examination.id)
    await office.operator.record_work(examination.id, WorkResult.OUTCOME_SAMPLED)
    waits = await harbour.revision(office, number, 2)
    assert waits.verdict == Decision.VERDICT_PENDING
    assert [(each.party, each.fact_kind) for each in waits.waiting] == [("weighbridge", "laboratory_result")]
    [test] = [work for work in await works(office, number) if work.state == Work.STATE_OPEN]
    assert (test.kind, list(test.rule_ids)) == (Work.KIND_LABORATORY, ["SCA-002"])
    with pytest.raises(WithdrawalRefused):
        await office.gateway.withdraw(number)
    await office.operator.take_work(test.id)
    with pytest.raises(StateForbids):
        await office.operator.record_work(test.id, WorkResult.OUTCOME_SAMPLED)
    lead = Measurement(quantity="铅 lead", found="120 mg/kg", limit="at most 90 mg/kg")
    done = await office.operator.record_work(test.id, WorkResult.OUTCOME_REFUSED, measured=[lead])
    assert list(done.result.measurements) == [lead]
    refused = await harbour.revision(office, number, 3)
    assert refused.verdict == Decision.VERDICT_REFUSED
    assert [each.parameters["measured"] for each in refused.findings if each.rule_id == "SCA-002"] == [
        "铅 lead 120 mg/kg (at most 90 mg/kg)"
    ]


async def test_a_sample_that_conforms_settles_the_examination(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office)
    for outcome in (WorkResult.OUTCOME_SAMPLED, WorkResult.OUTCOME_CLEARED):
        [work] = [each for each in await works(office, number) if each.state == Work.STATE_OPEN]
        await office.operator.take_work(work.id)
        await office.operator.record_work(work.id, outcome)
        decision = await harbour.revision(office, number, 2 if outcome == WorkResult.OUTCOME_SAMPLED else 3)
    assert decision.verdict == Decision.VERDICT_APPROVED
    assert [each.resolved for each in decision.findings] == [True]


async def test_a_result_does_not_settle_what_the_officer_has_not_seen(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office)
    [work] = await works(office, number)
    await office.operator.take_work(work.id)
    await office.operator.record_work(work.id)
    await harbour.revision(office, number, 2)
    # Until here only an approval that rests on the officer; a note with another weight reaches it by its interest.
    consignment = harbour.bent(number, total_gross_mass_kg=1000.0)
    consignment.supplied_fields.append("total_packages")
    await harbour.weigh(office, {number: 3000.0})
    again = await harbour.decide(office, number, consignment, version=2)
    assert again.verdict == Decision.VERDICT_EXAMINE
    states = [work.state for work in await works(office, number)]
    assert sorted(states) == [Work.STATE_OPEN, Work.STATE_DONE]


async def test_work_outlives_an_amendment_that_does_not_concern_the_agency(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = await examined(harbour, office)
    [before] = await works(office, number)
    await office.operator.take_work(before.id)
    amended = harbour.bent(number, total_packages=41)
    assert (await harbour.decide(office, number, amended, version=2)).carried_forward_version == 1
    [after] = await works(office, number)
    assert (after.id, after.state) == (before.id, Work.STATE_TAKEN)


async def test_work_on_goods_that_were_amended_is_void_and_begins_anew(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office)
    amended = harbour.bent(number, total_gross_mass_kg=1200.0)
    decision = await harbour.decide(office, number, amended, version=2)
    assert (decision.verdict, decision.carried_forward_version) == (Decision.VERDICT_EXAMINE, 0)
    assert [(work.version, work.state) for work in await works(office, number)] == [
        (2, Work.STATE_OPEN),
        (1, Work.STATE_CANCELLED),
    ]


async def test_work_is_void_once_facts_settle_the_finding(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office)
    amended = harbour.bent(number, total_gross_mass_kg=2000.0)
    assert (await harbour.decide(office, number, amended, version=2)).verdict == Decision.VERDICT_APPROVED
    assert [work.state for work in await works(office, number)] == [Work.STATE_CANCELLED]


@pytest.mark.parametrize("stands", [True, False])
async def test_a_refusal_outlives_the_facts_that_asked_for_the_look_where_the_agency_has_it_stand(
    harbour: Harbour, stands: bool
) -> None:
    office = await harbour.open(replace(DEFINITION, interests=weighed_anew, refusals_stand=stands))
    number = await examined(harbour, office)
    [work] = await works(office, number)
    await office.operator.take_work(work.id)
    await office.operator.record_work(work.id, WorkResult.OUTCOME_REFUSED)
    refused = await harbour.revision(office, number, 2)
    await harbour.weigh(office, {number: 1000.0})
    await harbour.settled(office)
    after = office.verifier.verify(await office.gateway.decision(number))
    assert (after.verdict == Decision.VERDICT_REFUSED) == stands
    assert (after == refused) == stands
    amended = harbour.bent(number, total_gross_mass_kg=1001.0)
    assert (await harbour.decide(office, number, amended, version=2)).verdict == Decision.VERDICT_APPROVED


async def test_a_withdrawal_ends_a_review_but_not_an_examination(harbour: Harbour, office: InlineAgency) -> None:
    number = await examined(harbour, office)
    with pytest.raises(WithdrawalRefused) as refused:
        await office.gateway.withdraw(number)
    assert refused.value.metadata["rule_id"] == "SCA-002"
    held = harbour.number()
    await harbour.weigh(office, {held: 1000.0})
    await harbour.decide(office, held, harbour.bent(held, goods_location_code=HOLD_YARD))
    await office.gateway.withdraw(held)
    assert [work.state for work in await works(office, held)] == [Work.STATE_CANCELLED]


async def test_seized_goods_cannot_be_withdrawn(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.weigh(office, {number: 1000.0})
    await harbour.decide(office, number, harbour.bent(number, goods_location_code=SEIZURE_YARD))
    request_id = harbour.runtime.ids.uuid()
    for _ in range(2):
        with pytest.raises(WithdrawalRefused) as refused:
            await office.gateway.withdraw(number, request_id=request_id)
        assert refused.value.metadata["rule_id"] == "SCA-003"
    assert await harbour.rows(office, tables.requests, number) == [
        row for row in await harbour.rows(office, tables.requests, number) if row.resource == "assessment"
    ]


async def test_a_list_comes_in_pages_oldest_first(harbour: Harbour, office: InlineAgency) -> None:
    numbers = [await examined(harbour, office) for _ in range(5)]
    seen: list[str] = []
    token = ""
    while True:
        page = await office.operator.list_work(page_size=2, page_token=token)
        seen += [work.clearance_number for work in page.work]
        token = page.next_page_token
        if not token:
            break
    assert seen == numbers
    first = await office.operator.list_work(page_size=2)
    for broken in ("x", "!!", "W10=", first.next_page_token[:-4]):
        with pytest.raises(PageTokenInvalid):
            await office.operator.list_work(page_token=broken)
    with pytest.raises(PageTokenInvalid):
        await office.operator.list_work(numbers[0], page_token=first.next_page_token)


async def test_unknown_work_is_not_found(harbour: Harbour, office: InlineAgency) -> None:
    for act in (office.operator.take_work, office.operator.return_work, office.operator.record_work):
        with pytest.raises(NotFound):
            await act(harbour.runtime.ids.uuid())
