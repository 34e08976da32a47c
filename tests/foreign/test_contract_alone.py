"""The Node agency keeps the contract: evidence, idempotence, refusals, feed, and what it finds again after kill -9."""

import hashlib
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from agencykit.evidence import Verifier, check_log
from agencykit.identity import Identity
from clearance.agency.v1 import agency_service_pb2 as pb
from clearance.agency.v1.agency_service_pb2_grpc import AgencyServiceStub
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision
from clearance.common.v1.evidence_pb2 import BatchSeal, LogPosition, SignedDecision

APPROVED, PENDING, ASKED, REFUSED = (
    Decision.VERDICT_APPROVED,
    Decision.VERDICT_PENDING,
    Decision.VERDICT_INFORMATION_REQUESTED,
    Decision.VERDICT_REFUSED,
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    identities = ["--identity", "port", "--identity", "gateway", "--identity", "customs"]
    command = [sys.executable, "-m", "agencykit.pki", "--out", str(folder), "--district", "ningbo", *identities]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@dataclass
class Caller:
    """Calls the agency as one identity of the district."""

    stub: Any
    verifier: Verifier

    def assess(self, *items: pb.AssessmentItem) -> list[pb.AssessmentAnswer]:
        return list(self.stub.AssessConsignments(pb.AssessConsignmentsRequest(items=items), timeout=5).answers)

    def decisions(self, *items: pb.AssessmentItem) -> list[Decision]:
        return [self.verifier.verify(answer.decision) for answer in self.assess(*items)]

    def follow(self, last: int, *positions: LogPosition) -> list[SignedDecision]:
        """All that the feed brings up to this sequence."""
        stream = self.stub.FollowDecisions(pb.FollowDecisionsRequest(positions=positions), timeout=20)
        fed: list[SignedDecision] = []
        for message in stream:
            fed += message.decisions
            if message.positions[0].sequence >= last:
                break
        stream.cancel()
        return fed


@contextmanager
def calling(port: int, certificates: Path, role: str = "gateway") -> Iterator[Caller]:
    authority = (certificates / "ca.pem").read_bytes()
    key, certificate = (certificates / f"{role}.key").read_bytes(), (certificates / f"{role}.pem").read_bytes()
    credentials = grpc.ssl_channel_credentials(authority, key, certificate)
    verifier = Verifier.trusting(Identity.of_district("ningbo", "port"), authority)
    with grpc.secure_channel(f"127.0.0.1:{port}", credentials) as channel:
        stub = AgencyServiceStub(channel)
        if role == "gateway":
            described = stub.DescribeAgency(pb.DescribeAgencyRequest(), timeout=10).description
            for signing in described.signing_certificates:
                verifier.admit(signing.certificate)
        yield Caller(stub, verifier)


@pytest.fixture(scope="module")
def port(run_node_agency: Any, certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with run_node_agency(tmp_path_factory.mktemp("node"), certificates) as agency:
        yield agency.port


@pytest.fixture
def gateway(port: int, certificates: Path) -> Iterator[Caller]:
    with calling(port, certificates) as caller:
        yield caller


def number() -> str:
    return f"31002004{uuid.uuid4().hex[:12].upper()}"


def item(clearance: str, mass: float = 900.0, document: str = "COSU4117", **changes: Any) -> pb.AssessmentItem:
    consignment = Consignment(reference="NB-1", transport_document_number=document, total_gross_mass_kg=mass)
    consignment.items.add(number=1)
    content = consignment.SerializeToString()
    made = pb.AssessmentItem(
        request_id=str(uuid.uuid4()),
        clearance_number=clearance,
        version=1,
        consignment=content,
        consignment_digest=hashlib.sha256(content).digest(),
    )
    made.accept_time.GetCurrentTime()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def reason(status: Status) -> str:
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    assert info.domain == "clearance"
    return info.reason


def refusal(error: grpc.RpcError) -> str:
    trailing = dict(error.trailing_metadata())
    return reason(Status.FromString(trailing["grpc-status-details-bin"]))


def test_a_batch_is_answered_item_by_item_and_each_answer_proves_itself(gateway: Caller) -> None:
    items = [item(number()), item(number(), 600_000), item(number(), document=""), *(item(number()) for _ in range(4))]
    made = gateway.decisions(*items)
    assert [decision.verdict for decision in made] == [APPROVED, REFUSED, ASKED, *[APPROVED] * 4]
    for decision, asked in zip(made, items, strict=True):
        assert decision.clearance_number == asked.clearance_number
        assert decision.consignment_digest == asked.consignment_digest
        assert (decision.agency, decision.district, decision.revision) == ("port", "ningbo", 1)


def test_a_replay_gets_the_same_bytes_and_other_content_is_refused(gateway: Caller) -> None:
    first = item(number())
    (answer,) = gateway.assess(first)
    assert gateway.assess(first)[0].decision == answer.decision
    other = item(first.clearance_number, 901.0, request_id=first.request_id)
    assert reason(gateway.assess(other)[0].error) == "REQUEST_ID_REUSED"


def test_a_bad_item_harms_no_other(gateway: Caller) -> None:
    good, forged = item(number()), item(number(), consignment_digest=bytes(32))
    known = item(number(), version=2)
    assert gateway.decisions(known)[0].version == 2
    stale = item(known.clearance_number)
    changed = item(known.clearance_number, 905.0, version=2)
    answers = gateway.assess(forged, stale, good, changed)
    assert [answer.WhichOneof("answer") for answer in answers] == ["error", "error", "decision", "error"]
    told = [reason(answers[index].error) for index in (0, 1, 3)]
    assert told == ["DIGEST_MISMATCH", "STALE_VERSION", "DIGEST_MISMATCH"]


def test_an_amendment_is_decided_anew_and_revisions_grow_over_versions(gateway: Caller) -> None:
    clearance = number()
    first, second = item(clearance), item(clearance, 600_000, version=2)
    assert [decision.revision for decision in gateway.decisions(first, second)] == [1, 2]
    asked = pb.GetDecisionRequest(clearance_number=clearance, version=1)
    kept = gateway.stub.GetDecision(asked, timeout=5).decision
    assert gateway.verifier.verify(kept).verdict == APPROVED


def test_what_waits_for_the_scales_comes_through_the_feed_as_the_next_revision(gateway: Caller) -> None:
    heavy = item(number(), 30_000)
    (pending,) = gateway.decisions(heavy)
    assert pending.verdict == PENDING
    assert (pending.waiting[0].party, pending.waiting[0].fact_kind) == ("port", "weighing")
    after = LogPosition(log=pending.log, sequence=pending.sequence)
    fed = [gateway.verifier.verify(signed) for signed in gateway.follow(pending.sequence + 1, after)]
    (weighed,) = (decision for decision in fed if decision.clearance_number == heavy.clearance_number)
    assert (weighed.verdict, weighed.revision, weighed.version) == (APPROVED, 2, 1)
    assert gateway.decisions(heavy)[0].revision == 2


def test_the_log_is_a_chain_without_gaps(gateway: Caller) -> None:
    made = gateway.decisions(*(item(number()) for _ in range(3)))
    fed = gateway.follow(made[-1].sequence)
    assert [gateway.verifier.verify(signed).sequence for signed in fed] == list(range(1, len(fed) + 1))
    assert check_log(BatchSeal.FromString(fed[0].seal).log, fed) is None


def test_the_feed_shows_life_and_ends_by_itself_before_the_deadline(gateway: Caller) -> None:
    (made,) = gateway.decisions(item(number()))
    after = LogPosition(log=made.log, sequence=made.sequence)
    stream = gateway.stub.FollowDecisions(pb.FollowDecisionsRequest(positions=[after]), timeout=3)
    messages = list(stream)
    assert stream.code() == grpc.StatusCode.OK
    assert {len(message.decisions) for message in messages} == {0}
    assert len(messages) >= 2


def test_a_withdrawal_is_final_also_of_what_was_never_seen(gateway: Caller) -> None:
    seen, unseen = number(), number()
    gateway.decisions(item(seen))
    for clearance in (seen, unseen):
        ask = pb.WithdrawConsignmentRequest(request_id=str(uuid.uuid4()), clearance_number=clearance, version=1)
        first = gateway.stub.WithdrawConsignment(ask, timeout=5).withdrawal
        assert gateway.stub.WithdrawConsignment(ask, timeout=5).withdrawal == first
        assert reason(gateway.assess(item(clearance))[0].error) == "WITHDRAWN"


def test_a_lower_order_is_superseded_by_a_higher(gateway: Caller) -> None:
    def outcome(order: int) -> pb.Outcome:
        told = pb.Outcome(request_id=str(uuid.uuid4()), clearance_number=clearance, version=1, order_number=order)
        told.kind = pb.Outcome.KIND_RELEASED
        return told

    clearance = number()
    receipts = [
        gateway.stub.RecordOutcomes(pb.RecordOutcomesRequest(outcomes=[outcome(order)]), timeout=5).receipts[0]
        for order in (1, 2, 1, 2)
    ]
    assert [receipt.superseded for receipt in receipts] == [False, False, True, False]


def test_only_the_gateway_calls_and_always_with_a_deadline(gateway: Caller, port: int, certificates: Path) -> None:
    ask = pb.GetDecisionRequest(clearance_number="310020040000NONE")
    with pytest.raises(grpc.RpcError) as unknown:
        gateway.stub.GetDecision(ask, timeout=5)
    assert refusal(unknown.value) == "NOT_FOUND"
    with pytest.raises(grpc.RpcError) as endless:
        gateway.stub.GetDecision(ask)
    assert refusal(endless.value) == "DEADLINE_MISSING"
    with calling(port, certificates, "customs") as stranger, pytest.raises(grpc.RpcError) as foreign:
        stranger.stub.GetDecision(ask, timeout=5)
    assert refusal(foreign.value) == "CALLER_NOT_LISTED"


def test_kill_9_loses_nothing_that_was_answered(run_node_agency: Any, certificates: Path, tmp_path: Path) -> None:
    known, heavy = item(number()), item(number(), 30_000)
    with run_node_agency(tmp_path, certificates) as agency:
        with calling(agency.port, certificates) as gateway:
            answers = gateway.assess(known, heavy)
        agency.kill()
        with (tmp_path / "journal.jsonl").open("a") as journal:
            journal.write('{"batch":[{"torn')  # what a crash in the middle of a write leaves behind
        agency.start()
        assert agency.decisions_at_start == 2
        with calling(agency.port, certificates) as gateway:
            assert gateway.assess(known)[0].decision == answers[0].decision
            verdicts = [gateway.verifier.verify(signed).verdict for signed in gateway.follow(3)]
    assert verdicts == [APPROVED, PENDING, APPROVED]
