"""What was set aside (搁置): single items that failed a bounded number of times although what they were put to works.

Each stops its own clearance or movement only. Its name follows from what it is: one that comes back is the same one.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from gateway.domain.identifiers import Micros

# Of its content so much is kept.
MOST_BYTES = 64 * 2**10
ID_LENGTH = 16


class Kind(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.QuarantinedItem.Kind)."""

    QUESTION = 1
    OUTCOME = 2
    CALLED_OFF = 3
    LETTER = 4
    DECISION = 5
    EXIT = 6
    CLEARANCE = 7
    GUARANTEE = 8
    MOVEMENT_GUARANTEE = 9
    MOVEMENT = 10
    VERIFICATION = 11


class Standing(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.QuarantinedItem.State)."""

    SET_ASIDE = 1
    # Somebody has it tried again, and it has not come back.
    REQUEUED = 2
    # It is no longer to be worked on, or went through after all.
    SETTLED = 3


@dataclass(frozen=True, slots=True)
class Poison:
    """An item that has failed so often that it is set aside now."""

    kind: Kind
    # Agency or district; empty where it concerns nobody else.
    party: str
    # Of the clearance or movement; empty where it cannot be told.
    number: str
    # Which one of that.
    subject: str
    # A refusal's reason, a gRPC code, or the name of an error.
    reason: str
    # How often it failed since it was last tried by hand, or at all.
    tries: int
    # A traceparent.
    trace: str = ""
    content: bytes = b""

    @property
    def id(self) -> str:
        """Its name."""
        return item_id(self.kind, self.party, self.number, self.subject)


@dataclass(frozen=True, slots=True)
class Item:
    """One item as it stands."""

    id: str
    kind: Kind
    party: str
    number: str
    subject: str
    state: Standing
    reason: str
    # Since it was first set aside.
    tries: int
    first_time: Micros
    last_time: Micros
    trace: str
    # SHA-256 and size of the whole content; both empty where it has none of its own.
    digest: bytes
    size: int
    content: bytes
    requeues: int = 0
    # Identity of who had it tried again last, why, under which request id, and when.
    requeuer: str = ""
    requeue_reason: str = ""
    request_id: str = ""
    requeue_time: Micros | None = None


def item_id(kind: Kind, party: str, number: str, subject: str) -> str:
    """The same for ever."""
    return hashlib.sha256(f"{int(kind)}\n{party}\n{number}\n{subject}".encode()).hexdigest()[:ID_LENGTH]


def reason_of(error: Exception) -> str:
    """What is told of an error that is none of the contract's: its name, never its words."""
    return type(error).__name__
