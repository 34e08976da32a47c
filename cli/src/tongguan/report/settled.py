"""When a clearance needs no machine any more: released, refused, or waiting for a named person."""

from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance
from tongguan.report.names import clock, state_name

FINAL = frozenset(
    {
        Clearance.STATE_RELEASED,
        Clearance.STATE_RELEASED_ON_GUARANTEE,
        Clearance.STATE_RELEASED_MANUALLY,
        Clearance.STATE_REFUSED,
        Clearance.STATE_WITHDRAWN,
        Clearance.STATE_EXPIRED,
        Clearance.STATE_COLLECTED,
        Clearance.STATE_DEPARTED,
        Clearance.STATE_CLOSED,
    }
)


def why_unsettled(clearance: Clearance) -> str:
    """What is still to come; empty when the clearance is settled. Parked on a machine is not settled."""
    if clearance.state in FINAL:
        return ""
    if clearance.state in (Clearance.STATE_UNSPECIFIED, Clearance.STATE_RECEIVED):
        return f"still {state_name(clearance.state)}"
    reasons = [reason for standing in clearance.agencies if (reason := _open(standing))]
    if reasons:
        return "; ".join(reasons)
    machines = sorted({wait.party for wait in clearance.waiting if wait.kind == Waiting.KIND_MACHINE})
    if machines:
        return f"waits for the service of {', '.join(machines)}"
    if not any(wait.kind == Waiting.KIND_PERSON and wait.party for wait in clearance.waiting):
        return f"{state_name(clearance.state)}, and nobody is named"
    return ""


def _open(standing: AgencyStanding) -> str:
    if standing.set_aside:
        return f"{standing.agency} set aside ({standing.park_reason or 'poison'})"
    if standing.HasField("park_time"):
        return f"{standing.agency} parked since {clock(standing.park_time)} ({standing.park_reason or 'no answer'})"
    if not standing.HasField("decision"):
        return f"{standing.agency} has not answered"
    return ""
