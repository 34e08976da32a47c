"""The gateway's public face as the commands use it."""

import time
from collections.abc import Iterator, Sequence
from uuid import NAMESPACE_URL, uuid5

from google.protobuf.message import Message
from google.rpc.code_pb2 import Code

from clearance.common.v1.consignment_pb2 import Consignment
from clearance.gateway.v1 import clearance_service_pb2 as service
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.channels import Peer
from tongguan.failures import Unavailable

PAGE = 500
ANSWER_SECONDS = 20.0  # for what asks the agencies; the gateway answers with the state so far when it nears
WATCH_SECONDS = 25.0  # no longer than a gateway keeps a stream
PATIENCE_SECONDS = 30.0
PAUSE_SECONDS = 0.5
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

    def page(self, request: service.ListClearancesRequest) -> service.ListClearancesResponse:
        """One page, newest first."""
        return self.peer.call(f"{_SERVICE}ListClearances", request, service.ListClearancesResponse)

    def list(self, request: service.ListClearancesRequest, limit: int) -> Iterator[Clearance]:
        """Up to `limit` clearances over as many pages as that takes; 0 means all."""
        shown = 0
        while True:
            request.page_size = min(PAGE, limit - shown) if limit else PAGE
            answer = self.page(request)
            yield from answer.clearances
            shown += len(answer.clearances)
            if not answer.next_page_token or shown == limit:
                return
            request.page_token = answer.next_page_token

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

        A stream that the gateway ends is resumed where it ended; an outage is ridden out for `PATIENCE_SECONDS`.
        """
        end = time.monotonic() + seconds if seconds else float("inf")
        resume_token, heard = "", time.monotonic()
        while (left := end - time.monotonic()) > 0:
            request = service.WatchClearancesRequest(numbers=numbers, resume_token=resume_token)
            stream = self.peer.stream(
                f"{_SERVICE}WatchClearances", request, service.WatchClearancesResponse, min(left, WATCH_SECONDS)
            )
            try:
                for answer in stream:
                    resume_token, heard = answer.resume_token, time.monotonic()
                    yield from answer.clearances
            except Unavailable as failure:
                late = failure.status is not None and failure.status.code == Code.DEADLINE_EXCEEDED
                if not late and time.monotonic() - heard > PATIENCE_SECONDS:
                    raise
                time.sleep(0 if late else PAUSE_SECONDS)

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
