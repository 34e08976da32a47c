"""Two pairs of eyes (四眼): what one person proposes and only another may do."""

from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from gateway.domain.identifiers import Micros

# What may be proposed; as the table has it.
GUARANTEE_CLAIM = "guarantee_claim"
MANUAL_RELEASE = "manual_release"


class ProposalState(IntEnum):
    """OPEN → DONE | WITHDRAWN."""

    OPEN = 1
    DONE = 2
    WITHDRAWN = 3


@dataclass(frozen=True, slots=True)
class Proposal:
    """By whom, of what and why. `subject` says which of the case's things is meant: a use's
    generation, a manual release's serial."""

    number: str
    act: str
    subject: str
    proposer: str
    request_id: str
    reason: str
    propose_time: Micros
    state: ProposalState = ProposalState.OPEN
    # Who ended it, when, and by which request; empty while it is open.
    second: str = ""
    end_request_id: str = ""
    end_time: Micros | None = None


class Eyes(Enum):
    """Whose eyes they are that look at an act."""

    FIRST = auto()
    SECOND = auto()
    SAME = auto()


def eyes(standing: Proposal | None, person: str) -> Eyes:
    """The first pair proposes, the second does it, and the same pair again does nothing."""
    if standing is None:
        return Eyes.FIRST
    return Eyes.SAME if standing.proposer == person else Eyes.SECOND
