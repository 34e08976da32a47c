"""What a handler knows of the call it answers, beside the request."""

from dataclasses import dataclass

from agencykit.identity import Identity
from agencykit.runtime import Clock
from agencykit.telemetry.context import SpanName


@dataclass(slots=True)
class Call:
    """One call that has passed identity, authorisation, deadline and validation."""

    # Who calls, from the certificate's URI SAN and nowhere else.
    identity: Identity
    # `/clearance.agency.v1.AgencyService/AssessConsignments`
    method: str
    # When the answer must be there, on the clock's monotonic scale, the margin for the way back already taken off.
    deadline: float
    # The server span.
    trace: SpanName | None
    clock: Clock
    # The request as it came, for digests: another serialisation of the same message may differ.
    request_bytes: bytes = b""

    def remaining(self) -> float:
        """Seconds left, never below zero. What is called on behalf of this call gets this as its timeout."""
        return max(self.deadline - self.clock.monotonic(), 0.0)
