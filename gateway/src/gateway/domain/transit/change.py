"""What an event does to a movement."""

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from gateway.domain.identifiers import Micros
from gateway.domain.transit.content import (
    ArrivalAdvice,
    Content,
    DepartureRecord,
    Incident,
    MovementRecord,
    Passage,
    UnloadingRemarks,
)
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event


class Destination(NamedTuple):
    """Where it is to arrive."""

    district: str
    office_code: str


@dataclass(frozen=True, slots=True)
class Happening:
    """An event with what was said: by whom (an identity, `district/…`, `timer`), and when by this district's clock."""

    event: Event
    by: str
    time: Micros
    # Which of these an event needs, its handler in departure or destination says.
    departure: DepartureRecord | None = None
    destination: Destination | None = None
    arrival: ArrivalAdvice | None = None
    remarks: UnloadingRemarks | None = None
    incident: Incident | None = None
    record: MovementRecord | None = None
    passage: Passage | None = None
    # Offices of transit that are to be passed.
    office_codes: tuple[str, ...] = ()
    text: str = ""
    fraud_suspected: bool = False
    found: bool = False
    # District whose message this is, and the trace that it carries; empty where no message is.
    sender: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to say to a district."""

    district: str
    content: Content


class Wish(Enum):
    """What is to become of the guarantee."""

    STAYS = auto()
    RETURN = auto()
    CLAIM = auto()


@dataclass(frozen=True, slots=True)
class Change:
    """The movement after an event, and what follows from it."""

    after: Movement
    letters: tuple[Letter, ...] = ()
    wish: Wish = Wish.STAYS


@dataclass(frozen=True, slots=True)
class OutOfSequence:
    """The state it met forbids the event. `marked`: the movement, where the refusal shows a conflict."""

    marked: Movement | None = field(default=None)
