"""Joint examinations (联合查验): one appointment, one opening, for all agencies that want to open the goods.

    step        action                      undo
    propose     record the intent           –
    slot        book it at the port         cancel it there
    agencies    propose it to each          tell each that it is called off
    arrange     record that all accepted    CancelExamination

Every step is repeated under the same request id, so that whoever asks again after an outage resumes where it stopped.
"""

from dataclasses import dataclass, replace
from enum import IntEnum

from gateway.domain.identifiers import Micros, RequestId, derived_request_id


class ExaminationState(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.JointExamination.State)."""

    PROPOSED = 1
    ARRANGED = 2
    DECLINED = 3
    CANCELLED = 4
    OPENED = 5


# An appointment that still stands; there is at most one of a case.
STANDING = frozenset({ExaminationState.PROPOSED, ExaminationState.ARRANGED})
TRANSITIONS = {
    ExaminationState.PROPOSED: frozenset(
        {ExaminationState.ARRANGED, ExaminationState.DECLINED, ExaminationState.CANCELLED}
    ),
    ExaminationState.ARRANGED: frozenset({ExaminationState.CANCELLED, ExaminationState.OPENED}),
    ExaminationState.DECLINED: frozenset(),
    ExaminationState.CANCELLED: frozenset(),
    ExaminationState.OPENED: frozenset(),
}


PROPOSE = "propose"


def step_request_id(number: str, version: int, round_number: int, party: str, purpose: str) -> RequestId:
    """The request id of one step of one examination at one party."""
    return derived_request_id(number, version, party, f"examination.{round_number}.{purpose}")


@dataclass(frozen=True, slots=True)
class CalledOff:
    """An examination that an agency must be told will not take place as it was proposed."""

    number: str
    round: int
    version: int
    time: Micros
    # How often the agency refused it before.
    attempts: int = 0
    trace: str = ""

    @property
    def size(self) -> int:
        """About how many bytes it takes in a call."""
        return 128

    @property
    def subject(self) -> str:
        """Which one of its case."""
        return str(self.round)

    def proposal_request_id(self, agency: str) -> RequestId:
        """The request id under which it was proposed."""
        return step_request_id(self.number, self.version, self.round, agency, PROPOSE)


@dataclass(frozen=True, slots=True)
class Opening:
    """What was recorded when the goods were opened."""

    opener: str
    open_time: Micros
    found_seals: tuple[str, ...] = ()
    new_seals: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """One joint examination of one case."""

    number: str
    round: int
    version: int
    state: ExaminationState
    agencies: tuple[str, ...]
    containers: tuple[str, ...]
    resource: str
    start_time: Micros
    operator: str
    request_id: str
    appointment_id: str = ""
    decline_reason: str = ""
    opening: Opening | None = None

    def request_id_for(self, party: str, purpose: str) -> RequestId:
        """The request id of a step at an agency or the port's slots, the same whenever it is taken."""
        return step_request_id(self.number, self.version, self.round, party, purpose)

    @property
    def is_off(self) -> bool:
        """Whether agencies may have accepted what will not take place; without a slot none was asked."""
        declined = self.state is ExaminationState.DECLINED and bool(self.appointment_id)
        return declined or self.state is ExaminationState.CANCELLED

    def moved(self, state: ExaminationState, **fields: object) -> "Examination | None":
        """In another state; None where the table does not know the way."""
        if state not in TRANSITIONS[self.state]:
            return None
        return replace(self, state=state, **fields)  # type: ignore[arg-type]  # names of its own fields
