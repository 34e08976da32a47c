"""CoordinationService by one operator."""

from collections.abc import Mapping
from typing import Any

from clearance.gateway.v1 import coordination_service_pb2 as service
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.channels import Peer
from tongguan.clearances import request_id

_SERVICE = "/clearance.gateway.v1.CoordinationService/"
_MESSAGES: Mapping[str, tuple[Any, Any]] = {
    "ExpediteClearance": (service.ExpediteClearanceRequest, service.ExpediteClearanceResponse),
    "RelaxClearance": (service.RelaxClearanceRequest, service.RelaxClearanceResponse),
    "RetryClearance": (service.RetryClearanceRequest, service.RetryClearanceResponse),
    "EscalateClearance": (service.EscalateClearanceRequest, service.EscalateClearanceResponse),
    "SettleEscalation": (service.SettleEscalationRequest, service.SettleEscalationResponse),
    "RecordRecovery": (service.RecordRecoveryRequest, service.RecordRecoveryResponse),
    "CancelRecovery": (service.CancelRecoveryRequest, service.CancelRecoveryResponse),
}


def do(peer: Peer, act: str, before: Clearance, said: Mapping[str, str]) -> Clearance:
    """Does it to the clearance as it stood; the same command repeated before anything has changed is one act."""
    request_type, answer_type = _MESSAGES[act]
    act_id = request_id(act, before.number, before.etag, *said.values())
    request = request_type(request_id=act_id, number=before.number, **said)
    clearance: Clearance = peer.call(f"{_SERVICE}{act}", request, answer_type).clearance
    return clearance
