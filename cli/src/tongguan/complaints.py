"""Complaints (投诉) and their arbitration (仲裁), by one identity."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from clearance.gateway.v1 import complaint_pb2 as messages
from clearance.gateway.v1 import complaint_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.clearances import content_of, request_id
from tongguan.failures import Misused
from tongguan.resuming import resumed

_COMPLAINTS = "/clearance.gateway.v1.ComplaintService/"
_DESK = "/clearance.gateway.v1.ComplaintDeskService/"
_ARBITRATION = "/clearance.gateway.v1.ArbitrationService/"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
TOKEN_LENGTH = 26


def new_token() -> str:
    """130 bits by chance. Whoever has it may follow the complaint, and act as whoever complains."""
    return "".join(secrets.choice(_CROCKFORD) for _ in range(TOKEN_LENGTH))


class Complaints:
    """ComplaintService, ComplaintDeskService and ArbitrationService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def file(self, request: pb.FileComplaintRequest) -> messages.Complaint:
        """Files it; under the same token it is the same complaint."""
        request.request_id = request_id("complaint", content_of(request))
        return self._peer.call(f"{_COMPLAINTS}FileComplaint", request, pb.FileComplaintResponse).complaint

    def get(self, number: str, token: str) -> messages.Complaint:
        """How it stands."""
        request = pb.GetComplaintRequest(number=number, token=token)
        return self._peer.call(f"{_COMPLAINTS}GetComplaint", request, pb.GetComplaintResponse).complaint

    def accept(self, number: str, token: str) -> messages.Complaint:
        """Accepts the answer."""
        request = pb.AcceptAnswerRequest(number=number, token=token, request_id=_once("accept", number, token))
        return self._peer.call(f"{_COMPLAINTS}AcceptAnswer", request, pb.AcceptAnswerResponse).complaint

    def escalate(self, number: str, token: str, said: Sequence[str]) -> messages.Complaint:
        """Brings it before the port office."""
        act = _once("escalate", number, token, *said)
        request = pb.EscalateComplaintRequest(number=number, token=token, paragraphs=said, request_id=act)
        return self._peer.call(f"{_COMPLAINTS}EscalateComplaint", request, pb.EscalateComplaintResponse).complaint

    def withdraw(self, number: str, token: str) -> messages.Complaint:
        """Takes it back."""
        request = pb.WithdrawComplaintRequest(number=number, token=token, request_id=_once("withdraw", number, token))
        return self._peer.call(f"{_COMPLAINTS}WithdrawComplaint", request, pb.WithdrawComplaintResponse).complaint

    def kinds(self) -> pb.DescribeComplaintsResponse:
        """The table."""
        request = pb.DescribeComplaintsRequest()
        return self._peer.call(f"{_COMPLAINTS}DescribeComplaints", request, pb.DescribeComplaintsResponse)

    def figures(self, months: int) -> Sequence[messages.ComplaintFigures]:
        """By month, kind and agency."""
        request = pb.ReportComplaintsRequest(months=months)
        return self._peer.call(f"{_COMPLAINTS}ReportComplaints", request, pb.ReportComplaintsResponse).figures

    def list(self, wanted: Mapping[str, Any], limit: int) -> Iterator[messages.Complaint]:
        """The newest first."""
        request = pb.ListComplaintsRequest(**wanted)
        yield from self._peer.pages(f"{_DESK}ListComplaints", request, pb.ListComplaintsResponse, "complaints", limit)

    def contact(self, number: str) -> messages.ComplaintContact:
        """How whoever complains can be reached; that it was asked is recorded."""
        request = pb.GetComplaintContactRequest(number=number)
        return self._peer.call(f"{_DESK}GetComplaintContact", request, pb.GetComplaintContactResponse).contact

    def assign(self, number: str, agency: str) -> messages.Complaint:
        """Says whose it is."""
        act = _once("assign", number, agency, datetime.now().isoformat())
        request = pb.AssignComplaintRequest(number=number, agency=agency, request_id=act)
        return self._peer.call(f"{_DESK}AssignComplaint", request, pb.AssignComplaintResponse).complaint

    def answer(self, number: str, outcome: int, said: Sequence[str]) -> messages.Complaint:
        """Answers it."""
        act = _once("answer", number, outcome, *said)
        request = pb.AnswerComplaintRequest(number=number, paragraphs=said, request_id=act)
        request.outcome = outcome  # type: ignore[assignment]  # a number of the enum
        return self._peer.call(f"{_DESK}AnswerComplaint", request, pb.AnswerComplaintResponse).complaint

    def arbitrate(self, request: pb.ArbitrateComplaintRequest) -> messages.Complaint:
        """Proposes it, or decides it where one officer suffices."""
        request.request_id = _once("arbitrate", request.number, content_of(request).hex(), datetime.now().isoformat())
        return self._peer.call(f"{_DESK}ArbitrateComplaint", request, pb.ArbitrateComplaintResponse).complaint

    def confirm(self, number: str, serial: int) -> messages.Complaint:
        """Decides what another has proposed."""
        request = pb.ConfirmArbitrationRequest(
            number=number, serial=serial, request_id=_once("confirm", number, serial)
        )
        return self._peer.call(f"{_DESK}ConfirmArbitration", request, pb.ConfirmArbitrationResponse).complaint

    def take_back(self, number: str, serial: int) -> messages.Complaint:
        """Takes a proposal back."""
        request = pb.WithdrawArbitrationRequest(number=number, request_id=_once("take back", number, serial))
        return self._peer.call(f"{_DESK}WithdrawArbitration", request, pb.WithdrawArbitrationResponse).complaint

    def follow(self, position: int, seconds: float) -> Iterator[messages.Arbitration]:
        """Arbitrations as they are decided; a stream that ends is resumed where it ended."""
        request, answer = pb.FollowArbitrationsRequest(position=position), pb.FollowArbitrationsResponse
        for part in resumed(self._peer, f"{_ARBITRATION}FollowArbitrations", request, answer, "position", seconds):
            yield from part.arbitrations

    def receipt(self, number: str) -> messages.Arbitration:
        """Says that the agency knows of it."""
        request = pb.ReceiptArbitrationRequest(number=number)
        return self._peer.call(f"{_ARBITRATION}ReceiptArbitration", request, pb.ReceiptArbitrationResponse).arbitration


def measure_of(text: str) -> messages.ArbitrationMeasure:
    """`customs,decide,+72,三日内决定`: agency, kind, by when, in words; raises Misused."""
    from tongguan.as_of import from_now

    agency, _, rest = text.partition(",")
    kind, _, rest = rest.partition(",")
    due, _, words = rest.partition(",")
    known = {name.removeprefix("KIND_").replace("_", "-").lower(): number for name, number in _kinds()}
    if kind not in known or not words:
        raise Misused(f"--measure {text}: not understood", f"write AGENCY,KIND,TIME,WORDS; KIND: {', '.join(known)}")
    made = messages.ArbitrationMeasure(agency=agency, text=words, kind=known[kind])
    made.due_time.FromDatetime(from_now(due, "--measure"))
    return made


def _kinds() -> list[tuple[str, messages.ArbitrationMeasure.Kind.ValueType]]:
    return [(name, number) for name, number in messages.ArbitrationMeasure.Kind.items() if number]


def _once(act: str, *content: str | int) -> str:
    return request_id(f"complaint {act}", *content)
