"""What one batch may hold, and what a decision says."""

import dataclasses
from collections.abc import Iterable
from hashlib import sha256

import pytest

from agencykit.decisions import tables
from agencykit.refusals import NotFound, RequestIdReused, from_status
from agencykit.rules import Circumstances, Finding, Rule, Verdict, rule
from agencykit.testing.consignments import sea_import
from agencykit.testing.example_agency import DEFINITION, Facts, View
from agencykit.testing.inline_agency import InlineAgency
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import SignedDecision
from clearance.common.v1.transport_pb2 import TransportMeans

from .conftest import Harbour


def reason(answer: pb.AssessmentAnswer) -> str:
    refusal = from_status(answer.error)
    return refusal.reason if refusal else ""


async def test_two_versions_in_one_batch_are_decided_in_their_order(harbour: Harbour, office: InlineAgency) -> None:
    number, other = harbour.number(), harbour.number()
    answers = await office.gateway.assess(
        harbour.item(number, version=1),
        harbour.item(other),
        harbour.item(number, harbour.bent(number, total_packages=41), version=2),
        harbour.item(number, version=1),
    )
    decisions = [office.verifier.verify(answer.decision) for answer in answers[:3]]
    assert [(one.version, one.revision) for one in decisions] == [(1, 1), (1, 1), (2, 2)]
    assert decisions[2].carried_forward_version == 1
    assert reason(answers[3]) == "STALE_VERSION"


async def test_a_request_id_may_not_stand_twice_in_a_batch_for_different_things(
    harbour: Harbour, office: InlineAgency
) -> None:
    item = harbour.item(harbour.number())
    other = harbour.item(harbour.number(), request_id=item.request_id)
    first, again, reused = await office.gateway.assess(item, item, other)
    assert first == again
    assert reason(reused) == "REQUEST_ID_REUSED"


async def test_another_originator_never_meets_the_first_ones_request_id(harbour: Harbour, office: InlineAgency) -> None:
    number, other = harbour.number(), harbour.number()
    item = harbour.item(number)
    foreign = harbour.item(other, request_id=item.request_id, originator="spiffe://ningbo.clearance/broker/3104980002")
    answers = await office.gateway.assess(item, foreign)
    assert [office.verifier.verify(answer.decision).clearance_number for answer in answers] == [number, other]


async def test_a_replay_of_an_older_version_gets_that_versions_decision(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    item = harbour.item(number)
    [first] = await office.gateway.assess(item)
    await harbour.decide(office, number, version=2)
    [again] = await office.gateway.assess(item)
    assert again == first


async def test_a_refused_item_leaves_a_trace_in_the_audit_and_nothing_else(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = harbour.number()
    await harbour.decide(office, number, version=2)
    await office.gateway.assess(harbour.item(number, version=1))
    assert await harbour.acts(office, number) == ["assessment_refused"]
    assert len(await harbour.rows(office, tables.requests, number)) == 1
    assert len(await harbour.rows(office, tables.consignments, number)) == 1


async def test_what_is_outside_the_remit_is_told_with_the_rule_that_says_so(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = harbour.number()
    consignment = sea_import(number)
    consignment.border_transport.mode = TransportMeans.MODE_AIR
    decision = await harbour.decide(office, number, consignment)
    assert decision.verdict == Decision.VERDICT_NOT_SUBJECT
    assert [finding.rule_id for finding in decision.findings] == ["SCA-001"]
    assert not decision.waiting


async def test_the_facts_used_are_kept_under_the_digest_that_was_signed(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.weigh(office, {number: 1000.0})
    decision = await harbour.decide(office, number)
    [row] = await harbour.rows(office, tables.decisions, number)
    assert bytes(row.facts) == b'{"noted_mass_kg":1000.0}'
    assert sha256(row.facts).digest() == decision.facts_digest
    assert decision.rule_set_version == "2004.1"


@rule(id="SCA-777", version=1, zh="缺", en="missing", enough_zh="补", enough_en="supply", source="test")
def something_missing(self: Rule, view: View, facts: Facts, circumstances: Circumstances) -> Iterable[Finding]:
    yield self.finding(Verdict.INFORMATION_REQUESTED)
    for number in range(5000):
        yield self.finding(Verdict.APPROVED, parameters={"remark": str(number)})


async def test_missing_information_waits_for_the_broker_and_findings_stay_within_the_contract(
    harbour: Harbour,
) -> None:
    office = await harbour.open(dataclasses.replace(DEFINITION, rules=(something_missing,)))
    decision = await harbour.decide(office, harbour.number())
    assert decision.verdict == Decision.VERDICT_INFORMATION_REQUESTED
    assert [(waiting.party, waiting.rule_id) for waiting in decision.waiting] == [("broker", "SCA-777")]
    assert len(decision.findings) == 4096
    assert decision.findings[0].effect == Decision.VERDICT_INFORMATION_REQUESTED


async def test_any_decision_can_be_asked_for(harbour: Harbour, office: InlineAgency) -> None:
    number = harbour.number()
    await harbour.decide(office, number)
    await harbour.weigh(office, {number: 1000.0})
    await harbour.revision(office, number, 2)
    await harbour.decide(office, number, harbour.bent(number, total_packages=41), version=2)

    async def asked(version: int, revision: int) -> tuple[int, int]:
        signed: SignedDecision = await office.gateway.decision(number, version, revision)
        decision = office.verifier.verify(signed)
        return decision.version, decision.revision

    assert [await asked(*wanted) for wanted in ((0, 0), (1, 0), (1, 1), (0, 2), (2, 3))] == [
        (2, 3),
        (1, 2),
        (1, 1),
        (1, 2),
        (2, 3),
    ]
    for version, revision in ((3, 0), (1, 3), (2, 1)):
        with pytest.raises(NotFound):
            await office.gateway.decision(number, version, revision)


async def test_a_withdrawal_is_recorded_once_and_its_request_id_kept(harbour: Harbour, office: InlineAgency) -> None:
    number, request_id = harbour.number(), harbour.runtime.ids.uuid()
    await harbour.decide(office, number)
    first = await office.gateway.withdraw(number, 4, request_id)
    assert first.version == 4
    assert await office.gateway.withdraw(number, 4, request_id) == first
    assert await office.gateway.withdraw(number, 7) == first
    with pytest.raises(RequestIdReused):
        await office.gateway.withdraw(number, 5, request_id)
    assert await harbour.acts(office, number) == ["withdrawn"]


async def test_a_withdrawn_clearance_still_answers_what_it_was_asked_before(
    harbour: Harbour, office: InlineAgency
) -> None:
    number = harbour.number()
    item = harbour.item(number)
    [before] = await office.gateway.assess(item)
    await office.gateway.withdraw(number)
    after, amended = await office.gateway.assess(item, harbour.item(number, version=2))
    assert after == before
    assert reason(amended) == "WITHDRAWN"
