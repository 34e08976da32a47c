"""Arbitration (仲裁) of complaints by the port office (口岸办): what binds agencies, and how many officers it takes.

It orders agencies to act by a date. It is no decision on goods: nothing here knows of verdicts, and nothing that
releases reads what is decided here.
"""

from dataclasses import dataclass
from enum import IntEnum

from gateway.domain.identifiers import Micros


class ArbitrationState(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Arbitration.State)."""

    PROPOSED = 1
    DECIDED = 2
    WITHDRAWN = 3


class Ruling(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.Arbitration.Outcome)."""

    UPHELD = 1
    PARTLY_UPHELD = 2
    DISMISSED = 3


class MeasureKind(IntEnum):
    """Numbers are the contract's. None of them says which way an agency is to decide."""

    DECIDE = 1
    ANSWER = 2
    CORRECT = 3
    CHANGE_PROCEDURE = 4
    MAKE_GOOD = 5


@dataclass(frozen=True, slots=True)
class Measure:
    """What one agency has to do, by when."""

    agency: str
    kind: MeasureKind
    text: str
    due_time: Micros


@dataclass(frozen=True, slots=True)
class Arbitration:
    """One, from its proposal on."""

    number: str
    serial: int
    ruling: Ruling
    reasons: tuple[str, ...]
    measures: tuple[Measure, ...]
    proposer: str
    propose_time: Micros
    # Whose answer it judges; empty where nobody was to answer.
    agency: str
    clearance_number: str
    state: ArbitrationState = ArbitrationState.PROPOSED
    second: str = ""
    decide_time: Micros | None = None
    # Place in the list of all that are decided; 0 while it is not.
    position: int = 0
    # Agencies that know of it.
    receipted: frozenset[str] = frozenset()

    @property
    def takes_two(self) -> bool:
        """Whether it overrides an agency, or orders one to act: that takes two pairs of eyes."""
        return self.ruling is not Ruling.DISMISSED or bool(self.measures)

    @property
    def bound(self) -> tuple[str, ...]:
        """Whom it binds."""
        named = dict.fromkeys([self.agency, *(each.agency for each in self.measures)])
        return tuple(sorted(each for each in named if each))

    def bars(self, officer: str, answerer: str) -> bool:
        """Whether that officer may not decide it: he answered the complaint, or proposed it himself."""
        return officer == answerer or (self.takes_two and officer == self.proposer)
