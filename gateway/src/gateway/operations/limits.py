"""Limits on everything that gathers, waits or repeats."""

from dataclasses import dataclass, field

from gateway.domain.breaker import BreakerLimits


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in items and bytes, times in seconds."""

    # A convoy closes at either; the contract lets an agency refuse more.
    convoy_items: int = 256
    convoy_bytes: int = 2 * 2**20
    # Convoys under way at most, where agencies are slow.
    convoys: int = 8
    # Submissions waiting for a convoy.
    queue_items: int = 4096
    queue_bytes: int = 64 * 2**20
    # How long one call to an agency may take, and how many calls one agency gets at a time.
    call_budget: float = 2.0
    calls: int = 8
    # A lease outlasts the call budget and the recording by this margin.
    lease_margin: float = 6.0
    # A caller is answered this long before his deadline.
    answer_margin: float = 0.1
    # An item that is refused so often is set aside.
    refusals: int = 5
    # Convoys of parked and due cases under way at a time.
    recovery_convoys: int = 2
    recovery_interval: float = 0.25
    # Leases of followers and tellers; a dead replica's duties are free after it.
    duty_lease: float = 6.0
    breaker: BreakerLimits = field(default_factory=BreakerLimits)

    @property
    def lease(self) -> float:
        """How long a case is held for one pass."""
        return self.call_budget + self.lease_margin
