"""Customs transit, by one identity."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import uuid4

from google.protobuf.message import Message

from clearance.district.v1.movement_pb2 import Incident, SealState, UnloadingRemarks
from clearance.gateway.v1 import transit_service_pb2 as pb
from tongguan.channels import Peer
from tongguan.clearances import ANSWER_SECONDS, content_of, request_id

_SERVICE = "/clearance.gateway.v1.TransitService/"


def with_request_id(request: pb.DeclareMovementRequest) -> pb.DeclareMovementRequest:
    """Fills a missing request id by LRN and content, so that sending a file twice has one effect.

    Access codes count as no content, there as at the gateway.
    """
    if not request.request_id:
        grns = (guarantee.grn for guarantee in request.guarantees)
        request.request_id = request_id(
            "declare movement", request.declaration.lrn, content_of(request.declaration), *grns
        )
    return request


class Movements:
    """TransitService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def declare(self, request: pb.DeclareMovementRequest) -> pb.Movement:
        """Declares one, whose request id is filled in."""
        return self._call("DeclareMovement", request, pb.DeclareMovementResponse)

    def present(self, lrn: str) -> pb.Movement:
        """The goods that were declared before are here."""
        request = pb.PresentGoodsRequest(request_id=str(uuid4()), lrn=lrn)
        return self._call("PresentGoods", request, pb.PresentGoodsResponse)

    def amend(self, mrn: str, guarantees: list[tuple[str, str]]) -> pb.Movement:
        """Other guarantees (GRN, access code) after a refusal."""
        request = pb.AmendGuaranteeRequest(request_id=str(uuid4()), mrn=mrn)
        for grn, access_code in guarantees:
            request.guarantees.add(grn=grn, access_code=access_code)
        return self._call("AmendGuarantee", request, pb.AmendGuaranteeResponse)

    def decide(
        self,
        mrn: str,
        decision: "pb.DecideDepartureRequest.Decision.ValueType",
        release: pb.ReleaseTerms | None = None,
        reason: str = "",
    ) -> pb.Movement:
        """Control, release or refusal at the departure."""
        request = pb.DecideDepartureRequest(
            request_id=str(uuid4()), mrn=mrn, decision=decision, release=release, reason=reason
        )
        return self._call("DecideDeparture", request, pb.DecideDepartureResponse)

    def cancel(self, mrn: str, reason: str) -> pb.Movement:
        """Takes it back."""
        request = pb.CancelMovementRequest(request_id=str(uuid4()), mrn=mrn, reason=reason)
        return self._call("CancelMovement", request, pb.CancelMovementResponse)

    def divert(self, mrn: str, office: str) -> pb.Movement:
        """Sends it to another office."""
        request = pb.DivertMovementRequest(request_id=str(uuid4()), mrn=mrn, office_code=office)
        return self._call("DivertMovement", request, pb.DivertMovementResponse)

    def arrive(self, mrn: str, office: str, seals: "SealState.ValueType", at: datetime | None) -> pb.Movement:
        """It is here; without a time since now."""
        request = pb.ArriveMovementRequest(request_id=str(uuid4()), mrn=mrn, office_code=office, seal_state=seals)
        if at is not None:
            request.arrival_time.FromDatetime(at)
        return self._call("ArriveMovement", request, pb.ArriveMovementResponse)

    def passage(self, mrn: str, office: str, seals: "SealState.ValueType", at: datetime | None) -> pb.Movement:
        """It passes an office of transit; without a time now."""
        request = pb.ReportPassageRequest(request_id=str(uuid4()), mrn=mrn, office_code=office, seal_state=seals)
        if at is not None:
            request.passage_time.FromDatetime(at)
        return self._call("ReportPassage", request, pb.ReportPassageResponse)

    def unload(self, mrn: str) -> pb.Movement:
        """May be unloaded."""
        request = pb.PermitUnloadingRequest(request_id=str(uuid4()), mrn=mrn)
        return self._call("PermitUnloading", request, pb.PermitUnloadingResponse)

    def remark(self, mrn: str, remarks: UnloadingRemarks) -> pb.Movement:
        """What was found."""
        request = pb.RecordUnloadingRequest(request_id=str(uuid4()), mrn=mrn, remarks=remarks)
        return self._call("RecordUnloading", request, pb.RecordUnloadingResponse)

    def incident(self, mrn: str, incident: Incident | None) -> pb.Movement:
        """Something happened on the way, or what was reported is settled."""
        request = pb.ReportIncidentRequest(request_id=str(uuid4()), mrn=mrn, incident=incident)
        return self._call("ReportIncident", request, pb.ReportIncidentResponse)

    def enquire(
        self, mrn: str, step: "pb.EnquireMovementRequest.Step.ValueType", text: str, fraud: bool
    ) -> pb.Movement:
        """A step of an enquiry."""
        request = pb.EnquireMovementRequest(
            request_id=str(uuid4()), mrn=mrn, step=step, text=text, fraud_suspected=fraud
        )
        return self._call("EnquireMovement", request, pb.EnquireMovementResponse)

    def discharge(self, mrn: str, reason: str) -> pb.Movement:
        """Settles what stands before its discharge."""
        request = pb.DischargeMovementRequest(request_id=str(uuid4()), mrn=mrn, reason=reason)
        return self._call("DischargeMovement", request, pb.DischargeMovementResponse)

    def requeue(self, mrn: str) -> pb.Movement:
        """Messages that were set aside are tried again."""
        request = pb.RequeueMovementRequest(request_id=str(uuid4()), mrn=mrn)
        return self._call("RequeueMovement", request, pb.RequeueMovementResponse)

    def get(self, reference: str, side: "pb.Movement.Side.ValueType" = pb.Movement.SIDE_UNSPECIFIED) -> pb.Movement:
        """By MRN or LRN, with all that happened."""
        request = pb.GetMovementRequest(reference=reference, side=side)
        return self._call("GetMovement", request, pb.GetMovementResponse)

    def list(self, request: pb.ListMovementsRequest, limit: int) -> Iterator[pb.Movement]:
        """Up to `limit` movements, newest first; 0 means all."""
        return self._peer.pages(f"{_SERVICE}ListMovements", request, pb.ListMovementsResponse, "movements", limit)

    def _call(self, method: str, request: Message, response: Any) -> pb.Movement:
        movement: pb.Movement = self._peer.call(f"{_SERVICE}{method}", request, response, ANSWER_SECONDS).movement
        return movement
