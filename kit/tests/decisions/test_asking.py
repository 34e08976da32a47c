"""Documents that an officer asks the broker for: what counts as the answer, and a term that passes is never a yes."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agencykit.decisions.asked import Asked, asked_of, is_answered, pairs, without_answers
from agencykit.refusals import FormInvalid, StateForbids
from agencykit.rules import WorkOutcome
from agencykit.testing.consignments import assessment_item, sea_import
from agencykit.testing.example_agency import HOLD_YARD, build, note_weights
from agencykit.testing.inline_agency import InlineAgency, inline_agency
from agencykit.testing.virtual import World, virtual_time
from clearance.agency.v1.work_service_pb2 import RequestedDocument, Work, WorkResult
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision, Finding

from .test_virtual_time import NUMBER, a_call, settings

UNTIL = datetime(2004, 12, 1, 8, tzinfo=UTC)
ASKED = WorkResult.OUTCOME_DOCUMENTS_REQUESTED


def papers(*named: tuple[str, str], of_item: tuple[str, str] | None = None) -> Consignment:
    consignment = sea_import(NUMBER)
    for type_code, number in named:
        consignment.documents.add(type_code=type_code, number=number)
    if of_item:
        consignment.items[0].documents.add(type_code=of_item[0], number=of_item[1])
    return consignment


# What was named before, what an amendment names, and whether N935 and P are there now.
ANSWERS = [
    (papers(), papers(("N935", "7"), ("P", "8")), True),
    (papers(), papers(("N935", "7"), of_item=("P", "8")), True),
    (papers(), papers(("N935", "7")), False),
    (papers(), papers(("N935", "7"), ("P", " ")), False),
    (papers(("P", "8")), papers(("N935", "7"), ("P", "8")), False),
    (papers(("P", "8")), papers(("N935", "7"), ("P", "8"), ("P", "9")), True),
    (papers(), papers(("N730", "7"), ("4", "8")), False),
]


@pytest.mark.parametrize(("before", "after", "answered"), ANSWERS)
def test_an_answer_names_a_new_document_of_every_kind(before: Consignment, after: Consignment, answered: bool) -> None:
    assert is_answered({"N935", "P"}, before, after) is answered


def test_without_its_answers_a_consignment_is_what_the_officer_looked_at() -> None:
    before = papers(("P", "8"))
    after = papers(("P", "8"), ("P", "9"), of_item=("N935", "7"))
    assert without_answers(after, {"N935", "P"}, pairs(before)) == before
    after.items[0].net_mass_kg = 1.0
    assert without_answers(after, {"N935", "P"}, pairs(before)) != before


@pytest.mark.parametrize(
    ("late", "answered", "outcome", "told"),
    [
        (timedelta(0), False, WorkOutcome.DOCUMENTS_REQUESTED, "documents_requested"),
        (timedelta(microseconds=1), False, None, "documents_overdue"),
        (timedelta(0), True, None, "documents_answered"),
        (timedelta(days=9), True, None, "documents_answered"),
    ],
)
def test_an_asking_ends_with_its_term_or_its_answer_and_settles_nothing(
    late: timedelta, answered: bool, outcome: WorkOutcome | None, told: str
) -> None:
    asked = Asked(frozenset({"P"}), "P (illegible)", UNTIL, answered)
    assert asked.outcome(UNTIL + late) is outcome
    assert asked.notes(UNTIL + late) == ((told, "P (illegible)"), ("documents_until", "2004-12-01T08:00Z"))


def test_what_was_asked_is_read_from_the_work() -> None:
    assert asked_of("[]", None) is None
    asked = asked_of('[["P","illegible"],["4",""]]', 1_101_888_000_000_000)
    assert asked == Asked(frozenset({"P", "4"}), "P (illegible); 4", UNTIL)


async def decide(agency: InlineAgency, consignment: Consignment, version: int) -> Decision:
    item = assessment_item(NUMBER, consignment, request_id=agency.runtime.ids.uuid(), version=version)
    [answer] = await agency.gateway.assess(item)
    return agency.verifier.verify(answer.decision)


async def ask(agency: InlineAgency) -> Work:
    [review] = (await agency.operator.list_work(NUMBER)).work
    await agency.operator.take_work(review.id)
    wanted = {"documents": [RequestedDocument(type_code="P", reason="看不清 illegible")]}
    return await agency.operator.record_work(review.id, ASKED, **_asking(agency, 2) | wanted)


def held(*named: tuple[str, str]) -> Consignment:
    consignment = papers(*named)
    consignment.goods_location_code = HOLD_YARD
    return consignment


async def next_revision(agency: InlineAgency, revision: int) -> Decision:
    return agency.verifier.verify(await agency.gateway.next_revision(NUMBER, revision))


def told(decision: Decision) -> Finding:
    [found] = [each for each in decision.findings if each.rule_id == "SCA-003"]
    return found


async def asked_and_answered_too_late(agency: InlineAgency, world: World) -> None:
    await note_weights(agency.app.parts, a_call(world), world.runtime.ids.uuid(), {f"HLCU{NUMBER}": 1000.0})
    assert (await decide(agency, held(), 1)).verdict == Decision.VERDICT_HOLD
    regretted = await ask(agency)
    assert (await next_revision(agency, 2)).verdict == Decision.VERDICT_INFORMATION_REQUESTED
    officer = agency.caller("operator/night-shift")
    assert (await officer.return_work(regretted.id)).state == Work.STATE_CANCELLED
    assert (await next_revision(agency, 3)).verdict == Decision.VERDICT_HOLD, "nothing is asked any more"
    done = await ask(agency)
    assert [(each.type_code, each.reason) for each in done.result.documents] == [("P", "看不清 illegible")]
    waits = await next_revision(agency, 4)
    assert waits.verdict == Decision.VERDICT_INFORMATION_REQUESTED
    assert told(waits).required_action == Finding.REQUIRED_ACTION_SUPPLY_DOCUMENT
    assert told(waits).parameters["documents_requested"] == "P (看不清 illegible)"
    assert [(each.party, each.fact_kind) for each in waits.waiting] == [("broker", "document")]
    other = await decide(agency, held(("N935", "7")), 2)
    assert other.verdict == Decision.VERDICT_INFORMATION_REQUESTED, "another document is no answer"
    assert not (await agency.operator.list_work(NUMBER)).work
    await asyncio.sleep(timedelta(days=2).total_seconds())
    overdue = await next_revision(agency, 6)
    assert (overdue.verdict, told(overdue).resolved) == (Decision.VERDICT_HOLD, False)
    with pytest.raises(StateForbids):
        await officer.return_work(done.id)
    assert told(overdue).parameters["documents_overdue"] == "P (看不清 illegible)"
    answered = await decide(agency, held(("N935", "7"), ("P", "31-9")), 3)
    assert answered.verdict == Decision.VERDICT_HOLD, "an answer is for an officer to accept"
    assert told(answered).parameters["documents_answered"] == "P (看不清 illegible)"
    [review] = (await agency.operator.list_work(NUMBER)).work
    await officer.take_work(review.id)
    await officer.record_work(review.id)
    assert (await next_revision(agency, 8)).verdict == Decision.VERDICT_APPROVED


def test_a_term_that_passes_brings_the_matter_back_to_the_officers_and_so_does_the_answer(tmp_path: Path) -> None:
    with virtual_time(seed=2004) as world:

        async def play() -> None:
            async with inline_agency(build, settings(tmp_path, world), "weighbridge", world.runtime) as agency:
                await asked_and_answered_too_late(agency, world)
                await what_cannot_be_asked(agency)

        world.loop.run_until_complete(play())


async def what_cannot_be_asked(agency: InlineAgency) -> None:
    """Of work that is done; without a term to come, without or with twice the same kind."""
    [done, _] = (await agency.operator.list_work(NUMBER, state=Work.STATE_DONE)).work
    assert done.result.outcome == ASKED
    for days in (-1, 91):
        with pytest.raises(FormInvalid):
            await agency.operator.record_work(done.id, ASKED, **_asking(agency, days))
    for bad in ({}, _asking(agency, 9) | {"documents": [RequestedDocument(type_code="P")] * 2}):
        with pytest.raises(FormInvalid) as refused:
            await agency.operator.record_work(done.id, ASKED, **bad)
        assert {each.path for each in refused.value.violations} <= {"result.documents", "result.answer_until_time"}
    with pytest.raises(FormInvalid):
        await agency.operator.record_work(done.id, **_asking(agency, 9))
    with pytest.raises(StateForbids):
        await agency.operator.record_work(done.id, ASKED, **_asking(agency, 9))


def _asking(agency: InlineAgency, days: int) -> dict[str, object]:
    until = WorkResult()
    until.answer_until_time.FromDatetime(agency.runtime.clock.now() + timedelta(days=days))
    documents = [RequestedDocument(type_code="P")]
    return {"documents": documents, "answer_until_time": until.answer_until_time}
