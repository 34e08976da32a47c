"""Submissions in which every text that may hold one has a canary."""

from uuid import uuid4

from agencykit.rpc.validation import violations
from agencykit.testing.messages import places, put
from clearance.gateway.v1.clearance_service_pb2 import SubmitClearanceRequest

CANARY = "KANARIE"
# Who acts and the number of the case are told in logs and spans, as every record of them is.
_TOLD = {"request_id", "broker_licence", "traceparent"}


def sung(request: SubmitClearanceRequest) -> int:
    """Puts a canary into every text that may hold one; how many sit there."""
    count, tag = 0, uuid4().hex[:6].upper()
    for place in places(request):
        holder, of, index = place
        if of.type != of.TYPE_STRING or of.name in _TOLD:
            continue
        before = getattr(holder, of.name) if index is None else getattr(holder, of.name)[index]
        put(place, f"{CANARY}{tag}{count}")
        if violations(request):
            put(place, before)
        else:
            count += 1
    return count
