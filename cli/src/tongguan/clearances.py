"""The gateway's public face as the commands use it."""

from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5

from google.protobuf.message import Message

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.evidence_pb2 import ClearanceEvidence
from clearance.gateway.v1 import clearance_service_pb2 as service
from clearance.gateway.v1.clearance_pb2 import Clearance, PublishedCommitments
from tongguan.channels import Peer
from tongguan.resuming import resumed

ANSWER_SECONDS = 20.0  # for what asks the agencies; the gateway answers with the state so far when it nears
_SERVICE = "/clearance.gateway.v1.ClearanceService/"


def request_id(purpose: str, *content: str | int | bytes) -> str:
    """A UUID that the same act always gets, so that repeating a command is a replay and not a second act."""
    parts = (part.hex() if isinstance(part, bytes) else str(part) for part in content)
    return str(uuid5(NAMESPACE_URL, "\n".join((f"tongguan:{purpose}", *parts))))


def content_of(message: Message) -> bytes:
    """Bytes that two equal messages share, for request ids only; digests are taken elsewhere, of the bytes sent."""
    return message.SerializeToString(deterministic=True)


class Clearances:
    """ClearanceService by one identity."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def get(self, number: str = "", reference: str = "") -> Clearance:
        """By number, or by the calling broker's own reference; raises Refused (NOT_FOUND)."""
        request = service.GetClearanceRequest(number=number, reference=reference)
        return self.peer.call(f"{_SERVICE}GetClearance", request, service.GetClearanceResponse).clearance

    def evidence(self, number: str) -> ClearanceEvidence:
        """All that proves who decided what; raises Refused (NOT_FOUND)."""
        request = service.GetEvidenceRequest(number=number)
        return self.peer.call(f"{_SERVICE}GetEvidence", request, service.GetEvidenceResponse).evidence

    def list(self, request: service.ListClearancesRequest, limit: int) -> Iterator[Clearance]:
        """Up to `limit` clearances, newest first; 0 means all."""
        return self.peer.pages(
            f"{_SERVICE}ListClearances", request, service.ListClearancesResponse, "clearances", limit
        )

    def batch_submit(
        self, requests: Sequence[service.SubmitClearanceRequest], seconds: float = ANSWER_SECONDS
    ) -> Sequence[service.SubmissionAnswer]:
        """1 to 256 submissions, answered in their order."""
        request = service.BatchSubmitClearancesRequest(requests=requests)
        answer = self.peer.call(
            f"{_SERVICE}BatchSubmitClearances", request, service.BatchSubmitClearancesResponse, seconds
        )
        return answer.answers

    def watch(self, numbers: Sequence[str], seconds: float) -> Iterator[Clearance]:
        """Clearances as they change from now on, for so many seconds (0 means for ever).

        A stream that the gateway ends is resumed where it ended; an outage is ridden out for a while.
        """
        request = service.WatchClearancesRequest(numbers=numbers)
        method = f"{_SERVICE}WatchClearances"
        for answer in resumed(self.peer, method, request, service.WatchClearancesResponse, "resume_token", seconds):
            yield from answer.clearances

    def commitments(self) -> PublishedCommitments:
        """What the district promises, and its keys."""
        request, answer = service.DescribeCommitmentsRequest(), service.DescribeCommitmentsResponse
        return self.peer.call(f"{_SERVICE}DescribeCommitments", request, answer).commitments

    def amend(self, number: str, version: int, consignment: Consignment) -> Clearance:
        """Replaces the consignment of that version."""
        request = service.AmendClearanceRequest(
            request_id=request_id("amend", number, version, content_of(consignment)),
            number=number,
            version=version,
            consignment=consignment,
        )
        answer = self.peer.call(f"{_SERVICE}AmendClearance", request, service.AmendClearanceResponse, ANSWER_SECONDS)
        return answer.clearance

    def withdraw(self, number: str, version: int, reason: str) -> Clearance:
        """Withdraws that version for good."""
        request = service.WithdrawClearanceRequest(
            request_id=request_id("withdraw", number, version, reason), number=number, version=version, reason=reason
        )
        answer = self.peer.call(
            f"{_SERVICE}WithdrawClearance", request, service.WithdrawClearanceResponse, ANSWER_SECONDS
        )
        return answer.clearance
