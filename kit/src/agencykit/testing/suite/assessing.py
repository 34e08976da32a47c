"""AssessConsignments and WithdrawConsignment: each item by itself, once, and for good."""

import json

import pytest

from agencykit.evidence import EvidenceInvalid
from agencykit.refusals import NotFound, OriginatorNotListed, OriginatorUnproven, StaleVersion
from agencykit.storage.rows import run
from agencykit.testing.originators import asserted
from agencykit.testing.running import AGENCY_SERVICE, RunningAgency
from agencykit.testing.suite.supplied import Suite, answered, new_number, refused, refuses
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.evidence_pb2 import SignedDecision


class Assessing(Suite):
    """What an assessment promises."""

    async def test_every_item_of_a_batch_gets_a_decision_that_verifies_offline(self, agency: RunningAgency) -> None:
        numbers = [new_number() for _ in range(20)]
        items = [self.item(agency, number, self.decided(number)) for number in numbers]
        answers = await agency.gateway.assess(*items)
        decisions = [agency.verified(answered(answer)) for answer in answers]
        assert [decision.clearance_number for decision in decisions] == numbers
        assert [decision.sequence for decision in decisions] == list(
            range(decisions[0].sequence, decisions[0].sequence + 20)
        )
        assert {decision.consignment_digest for decision in decisions} == {item.consignment_digest for item in items}
        assert {(decision.agency, decision.revision) for decision in decisions} == {(self.role, 1)}

    async def test_a_decision_changed_by_one_bit_does_not_verify(self, agency: RunningAgency) -> None:
        number = new_number()
        [answer] = await agency.gateway.assess(self.item(agency, number, self.decided(number)))
        forged = SignedDecision()
        forged.CopyFrom(answered(answer))
        forged.decision = forged.decision[:-1] + bytes([forged.decision[-1] ^ 1])
        with pytest.raises(EvidenceInvalid):
            agency.verified(forged)

    async def test_a_bad_item_is_refused_and_harms_no_other(self, agency: RunningAgency) -> None:
        good, number = new_number(), new_number()
        empty = Consignment()
        empty.CopyFrom(self.decided(number))
        del empty.items[:]
        other_digest = self.item(agency, number, self.decided(number))
        other_digest.consignment_digest = bytes(32)
        answers = await agency.gateway.assess(
            self.item(agency, "ngb", self.decided("lower case")),
            self.item(agency, number, b"\xff not a consignment"),  # type: ignore[arg-type]
            self.item(agency, number, empty),
            self.item(agency, good, self.decided(good)),
            other_digest,
        )
        assert [refused(answers[index]) for index in (0, 1, 2, 4)] == [
            "FORM_INVALID",
            "MALFORMED",
            "FORM_INVALID",
            "DIGEST_MISMATCH",
        ]
        assert agency.verified(answered(answers[3])).clearance_number == good
        with refuses(NotFound):
            await agency.gateway.decision(number)

    async def test_nobody_is_assessed_or_withdrawn_for_the_gateways_own_sake(self, agency: RunningAgency) -> None:
        good, number = new_number(), new_number()
        bare, other, officer = (self.item(agency, number, self.decided(number)) for _ in range(3))
        bare.ClearField("assertion")
        other.assertion.CopyFrom(self.item(agency, good, self.decided(good)).assertion)
        asserted([officer], "spiffe://ningbo.clearance/operator/port-office")
        answers = await agency.gateway.assess(bare, other, officer, self.item(agency, good, self.decided(good)))
        assert [refused(each) for each in answers[:2]] == ["ORIGINATOR_UNPROVEN"] * 2
        assert refused(answers[2]) == "ORIGINATOR_NOT_LISTED"
        assert agency.verified(answered(answers[3])).clearance_number == good
        with refuses(OriginatorNotListed):
            await agency.gateway.withdraw(good, originator="spiffe://ningbo.clearance/operator/port-office")
        empty = pb.WithdrawConsignmentRequest(request_id=agency.runtime.ids.uuid(), clearance_number=good, version=1)
        with refuses(OriginatorUnproven):
            await agency.gateway.call(f"{AGENCY_SERVICE}WithdrawConsignment", empty, pb.WithdrawConsignmentResponse)
        with refuses(NotFound):
            await agency.gateway.decision(number)
        text = "SELECT identity, clearance_number, details FROM audit WHERE act = 'originator_refused' ORDER BY id"
        rows = await agency.app.parts.database.read(lambda connection: run(connection, text))
        told = [(who, json.loads(details)["reason"]) for who, about, details in rows if about in (good, number)]
        reasons = [*["ORIGINATOR_UNPROVEN"] * 2, *["ORIGINATOR_NOT_LISTED"] * 2, "ORIGINATOR_UNPROVEN"]
        assert told == [("spiffe://ningbo.clearance/gateway", reason) for reason in reasons]

    async def test_a_replay_gets_the_same_bytes(self, agency: RunningAgency) -> None:
        number = new_number()
        item = self.item(agency, number, self.decided(number))
        [first] = await agency.gateway.assess(item)
        item.trace_context.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        [again] = await agency.gateway.assess(item)
        assert again == first
        assert await agency.gateway.decision(number) == answered(first)

    async def test_another_request_id_for_the_same_version_gets_the_same_decision(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.decided(number)
        first, second = await agency.gateway.assess(
            self.item(agency, number, consignment), self.item(agency, number, consignment)
        )
        assert answered(second) == answered(first)

    async def test_a_request_id_never_stands_for_other_content(self, agency: RunningAgency) -> None:
        number, other = new_number(), new_number()
        item = self.item(agency, number, self.decided(number))
        await agency.gateway.assess(item)
        [answer] = await agency.gateway.assess(
            self.item(agency, other, self.decided(other), request_id=item.request_id)
        )
        assert refused(answer) == "REQUEST_ID_REUSED"

    async def test_another_digest_for_a_known_version_is_refused(self, agency: RunningAgency) -> None:
        number = new_number()
        consignment = self.decided(number)
        await self.decide(agency, number, consignment)
        [answer] = await agency.gateway.assess(self.item(agency, number, self.unaffected(consignment)))
        assert refused(answer) == "DIGEST_MISMATCH"

    async def test_a_version_below_the_highest_is_refused(self, agency: RunningAgency) -> None:
        number = new_number()
        await self.decide(agency, number, self.decided(number), version=3)
        [answer] = await agency.gateway.assess(self.item(agency, number, self.decided(number), version=2))
        assert refused(answer) == "STALE_VERSION"

    async def test_an_amendment_that_does_not_concern_the_agency_is_carried_forward(
        self, agency: RunningAgency
    ) -> None:
        number = new_number()
        consignment = self.decided(number)
        first = await self.decide(agency, number, consignment)
        second = await self.decide(agency, number, self.unaffected(consignment), version=2)
        assert (second.version, second.revision, second.carried_forward_version) == (2, 2, 1)
        assert second.verdict == first.verdict
        assert second.consignment_digest != first.consignment_digest

    async def test_a_withdrawal_of_something_unknown_refuses_the_late_original(self, agency: RunningAgency) -> None:
        number = new_number()
        first = await agency.gateway.withdraw(number)
        assert await agency.gateway.withdraw(number) == first
        [answer] = await agency.gateway.assess(self.item(agency, number, self.decided(number)))
        assert refused(answer) == "WITHDRAWN"

    async def test_a_withdrawal_names_the_highest_version(self, agency: RunningAgency) -> None:
        number = new_number()
        await self.decide(agency, number, self.decided(number), version=2)
        with refuses(StaleVersion):
            await agency.gateway.withdraw(number, version=1)
