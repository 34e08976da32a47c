"""The clearance's states, and the one table of transitions; what is not in it is refused."""

from enum import IntEnum


class State(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Clearance.State)."""

    RECEIVED = 1
    IN_PROGRESS = 2
    INFORMATION_REQUIRED = 3
    EXAMINATION = 4
    ON_HOLD = 5
    RELEASED = 6
    RELEASED_ON_GUARANTEE = 7
    RELEASE_STOPPED = 8
    REFUSED = 9
    WITHDRAWN = 10
    EXPIRED = 11
    COLLECTED = 12
    DEPARTED = 13
    CLOSED = 14
    PARTLY_RELEASED = 15
    GUARANTEE_AMENDMENT = 16
    RELEASED_MANUALLY = 17


class OrderKind(IntEnum):
    """Numbers are the contract's (clearance.common.v1.ReleaseOrder.Kind)."""

    RELEASE = 1
    STOP = 2


class OutcomeKind(IntEnum):
    """Numbers are the contract's (clearance.agency.v1.Outcome.Kind)."""

    RELEASED = 1
    STOPPED = 2
    WITHDRAWN = 3
    REFUSED = 4
    CLOSED = 5
    REOPENED = 6


# Agencies are still deciding, or one of them has something to ask for.
OPEN = frozenset(
    {
        State.IN_PROGRESS,
        State.INFORMATION_REQUIRED,
        State.EXAMINATION,
        State.ON_HOLD,
        State.GUARANTEE_AMENDMENT,
    }
)
# From these a case may be amended or withdrawn.
BEFORE_RELEASE = OPEN | {State.RECEIVED, State.REFUSED}
RELEASED = frozenset({State.RELEASED, State.RELEASED_ON_GUARANTEE, State.RELEASED_MANUALLY})
# An order lets goods go: all of them, or a part.
RELEASING = RELEASED | {State.PARTLY_RELEASED}

# Goods have left the port: imports by the gate, exports by ship or aircraft.
LEFT = frozenset({State.COLLECTED, State.DEPARTED, State.CLOSED})

_LEFT = {State.COLLECTED, State.DEPARTED}
_DECIDED = OPEN | RELEASING | {State.REFUSED, State.WITHDRAWN}

TRANSITIONS: dict[State, frozenset[State]] = {
    State.RECEIVED: _DECIDED,
    State.IN_PROGRESS: _DECIDED - {State.IN_PROGRESS},
    State.INFORMATION_REQUIRED: _DECIDED - {State.INFORMATION_REQUIRED},
    State.EXAMINATION: _DECIDED - {State.EXAMINATION},
    State.ON_HOLD: _DECIDED - {State.ON_HOLD},
    # Other guarantees are named, the time for it has passed, or what was open is settled.
    State.GUARANTEE_AMENDMENT: _DECIDED - {State.GUARANTEE_AMENDMENT},
    # Final unless the agency's next revision, or an amendment, changes it.
    State.REFUSED: _DECIDED - {State.REFUSED},
    # Each order has a higher number and says all that may go from then on: more, less, nothing. Goods may have left
    # when it came.
    State.RELEASED: frozenset({State.PARTLY_RELEASED, State.RELEASE_STOPPED, *_LEFT}),
    State.RELEASED_ON_GUARANTEE: frozenset({State.PARTLY_RELEASED, State.RELEASE_STOPPED, *_LEFT}),
    # Of goods that officers released (人工放行); which of these a case goes to is settled by how it was released first.
    State.RELEASED_MANUALLY: frozenset({State.PARTLY_RELEASED, State.RELEASE_STOPPED, *_LEFT}),
    State.PARTLY_RELEASED: frozenset({*RELEASED, State.RELEASE_STOPPED, *_LEFT}),
    State.RELEASE_STOPPED: frozenset({*RELEASING, *_LEFT}),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
    State.COLLECTED: frozenset({State.CLOSED}),
    State.DEPARTED: frozenset({State.CLOSED}),
    # Recalled although the goods are gone.
    State.CLOSED: frozenset(_LEFT),
}

# What the arrival in a state orders, and what the agencies are told of it.
ORDERS = {
    State.RELEASED: OrderKind.RELEASE,
    State.RELEASED_ON_GUARANTEE: OrderKind.RELEASE,
    State.RELEASED_MANUALLY: OrderKind.RELEASE,
    State.PARTLY_RELEASED: OrderKind.RELEASE,
    State.RELEASE_STOPPED: OrderKind.STOP,
}
OUTCOMES = {
    State.RELEASED: OutcomeKind.RELEASED,
    State.RELEASED_ON_GUARANTEE: OutcomeKind.RELEASED,
    State.RELEASED_MANUALLY: OutcomeKind.RELEASED,
    State.PARTLY_RELEASED: OutcomeKind.RELEASED,
    State.RELEASE_STOPPED: OutcomeKind.STOPPED,
    State.WITHDRAWN: OutcomeKind.WITHDRAWN,
    State.REFUSED: OutcomeKind.REFUSED,
    State.CLOSED: OutcomeKind.CLOSED,
    # By a decision these are reached from CLOSED only; of goods that leave the port tells whom it concerns.
    State.COLLECTED: OutcomeKind.REOPENED,
    State.DEPARTED: OutcomeKind.REOPENED,
}


class TransitionRefused(Exception):
    """The table does not know this transition: a fault of ours, never a caller's."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"no transition from {before.name} to {after.name}")


def moved(before: State, after: State) -> State:
    """`after`, if the table allows it or nothing changes; else TransitionRefused."""
    if before != after and after not in TRANSITIONS[before]:
        raise TransitionRefused(before, after)
    return after
