"""Emergencies (应急): declared by two officers, by a measure of the plan (应急预案).

In force until they end by themselves or by order:

PROPOSED → DECLARED | WITHDRAWN     a second officer declares what the first proposed; or it is taken back
DECLARED → ENDED                    two officers end it; by itself it ends without a state, when its time is over
"""

from dataclasses import dataclass
from enum import IntEnum

from gateway.domain.identifiers import Micros
from gateway.domain.proposal import Proposal

# As proposals have it.
DECLARE, END = "emergency_declare", "emergency_end"


class EmergencyState(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Emergency.State)."""

    PROPOSED = 1
    DECLARED = 2
    ENDED = 3
    WITHDRAWN = 4


@dataclass(frozen=True, slots=True)
class Emergency:
    """One emergency, with the caps of its measure as they were when it was proposed."""

    number: str
    plan_version: str
    measure: str
    state: EmergencyState
    hours: int
    most_releases: int
    most_units: int
    currency: str
    # Who proposed it and who declared it.
    declaring: Proposal
    # Who proposed to end it and who did.
    ending: Proposal | None = None
    # From its declaration on, and at the latest until.
    begin_time: Micros | None = None
    end_time: Micros | None = None
    releases: int = 0
    units: int = 0

    def in_force(self, now: Micros) -> bool:
        """Whether anything may be released under it."""
        if self.state is not EmergencyState.DECLARED or self.begin_time is None or self.end_time is None:
            return False
        return self.begin_time <= now < self.end_time
