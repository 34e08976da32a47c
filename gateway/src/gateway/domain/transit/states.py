"""States of a movement and events (codes: NCTS messages). Which event leads where stands in the tables beside."""

from enum import Enum, IntEnum, auto


class Side(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Movement.Side)."""

    DEPARTURE = 1
    DESTINATION = 2
    # Offices of transit of one district.
    TRANSIT = 3


class State(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Movement.State); UNKNOWN: this side has no such movement."""

    UNKNOWN = 0
    SUBMITTED = 1
    MRN_ALLOCATED = 2
    UNDER_CONTROL = 3
    GUARANTEE_UNDER_AMENDMENT = 4
    RELEASED = 5
    INCIDENT = 6
    DIVERTED = 7
    OVERDUE = 8
    STATUS_REQUESTED = 9
    ENQUIRY = 10
    RECOVERY = 11
    CANCELLING = 12
    EXPECTED = 13
    RECORD_REQUESTED = 14
    RECORD_REFUSED = 15
    ARRIVED = 16
    UNLOADING = 17
    CONTROL_REPORTED = 18
    DISCREPANCY = 19
    DISCHARGED = 20
    NOT_RELEASED = 21
    CANCELLED = 22
    PASSED = 23


class Event(Enum):
    """What happens to a movement."""

    # At the departure, by brokers, officers, customs' ledger or a timer.
    DECLARE = auto()
    PRESENT = auto()
    AMEND_GUARANTEE = auto()
    GUARANTEE_CONFIRMED = auto()
    GUARANTEE_REFUSED = auto()
    CONTROL = auto()
    RELEASE = auto()
    REFUSE = auto()
    CANCEL = auto()
    INVALIDATE = auto()
    DIVERT = auto()
    SETTLE_INCIDENT = auto()
    TIME_LIMIT = auto()
    REQUEST_STATUS = auto()
    ENQUIRE = auto()
    REMIND = auto()
    RECOVER = auto()
    RECOVERED = auto()
    SETTLE = auto()
    # At the departure, by what a destination says.
    RECORD_REQUEST = auto()
    ARRIVAL_ADVICE = auto()
    CONFORM = auto()
    DISCREPANT = auto()
    STATUS_ANSWER = auto()
    ENQUIRY_ANSWER = auto()
    INVALIDATED = auto()
    INVALIDATION_REFUSED = auto()
    # At the departure, by what an office of transit says, or its receipt where it is asked to expect nothing more.
    PASSAGE = auto()
    NOT_PASSED = auto()
    HAS_PASSED = auto()
    # At all.
    INCIDENT = auto()
    # At a destination, by brokers or officers.
    ARRIVE = auto()
    PERMIT_UNLOADING = auto()
    REPORT_CONFORM = auto()
    REPORT_DISCREPANT = auto()
    ANSWER_ENQUIRY = auto()
    # At a destination, by what the departure says.
    ANTICIPATED = auto()
    RECORD = auto()
    RECORD_REFUSED = auto()
    FORWARDED = auto()
    INVALIDATION = auto()
    STATUS_REQUEST = auto()
    ENQUIRY = auto()
    RECOVERY = auto()
    DISCHARGE = auto()
    # At offices of transit, by what the departure says, and by officers. Its end there is DISCHARGE, or INVALIDATION
    # said twice: it is asked whether anything has passed, and told once nothing will.
    PASSAGE_ANTICIPATED = auto()
    PASS = auto()


# Nothing happens to it any more.
ENDED = frozenset({State.DISCHARGED, State.NOT_RELEASED, State.CANCELLED})
# It may not have left.
BEFORE_RELEASE = frozenset({State.SUBMITTED, State.MRN_ALLOCATED, State.UNDER_CONTROL, State.GUARANTEE_UNDER_AMENDMENT})
