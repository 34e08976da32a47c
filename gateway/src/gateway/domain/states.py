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


# Agencies are still deciding, or one of them has something to ask for.
OPEN = frozenset({State.IN_PROGRESS, State.INFORMATION_REQUIRED, State.EXAMINATION, State.ON_HOLD})
# From these a case may be amended or withdrawn.
BEFORE_RELEASE = OPEN | {State.RECEIVED, State.REFUSED}
RELEASED = frozenset({State.RELEASED, State.RELEASED_ON_GUARANTEE})

# Goods have left the port: imports by the gate, exports by ship or aircraft.
LEFT = frozenset({State.COLLECTED, State.DEPARTED, State.CLOSED})

_LEFT = {State.COLLECTED, State.DEPARTED}
_DECIDED = OPEN | {State.RELEASED, State.REFUSED, State.WITHDRAWN}

TRANSITIONS: dict[State, frozenset[State]] = {
    State.RECEIVED: _DECIDED,
    State.IN_PROGRESS: _DECIDED - {State.IN_PROGRESS},
    State.INFORMATION_REQUIRED: _DECIDED - {State.INFORMATION_REQUIRED},
    State.EXAMINATION: _DECIDED - {State.EXAMINATION},
    State.ON_HOLD: _DECIDED - {State.ON_HOLD},
    # Final unless the agency's next revision, or an amendment, changes it.
    State.REFUSED: _DECIDED - {State.REFUSED},
    State.RELEASED: frozenset({State.RELEASE_STOPPED, *_LEFT}),
    State.RELEASED_ON_GUARANTEE: frozenset({State.RELEASE_STOPPED, *_LEFT}),
    # Every required agency agrees again: a new order with a higher number. Or goods had left when it was stopped.
    State.RELEASE_STOPPED: frozenset({State.RELEASED, *_LEFT}),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
    State.COLLECTED: frozenset(),
    State.DEPARTED: frozenset(),
    State.CLOSED: frozenset(),
}

# What the arrival in a state orders, and what the agencies are told of it.
ORDERS = {State.RELEASED: OrderKind.RELEASE, State.RELEASE_STOPPED: OrderKind.STOP}
OUTCOMES = {
    State.RELEASED: OutcomeKind.RELEASED,
    State.RELEASE_STOPPED: OutcomeKind.STOPPED,
    State.WITHDRAWN: OutcomeKind.WITHDRAWN,
    State.REFUSED: OutcomeKind.REFUSED,
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
