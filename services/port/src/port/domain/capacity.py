"""Room: how much of a resource there is in each slot of time, how much is taken, and whether more fits.

Times are microseconds since 1970; slots begin at whole multiples of their length since then, which is midnight UTC.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

MINUTE = 60_000_000


class Kind(StrEnum):
    """What has room."""

    BERTH = "BERTH"
    YARD = "YARD"
    GATE = "GATE"
    SCANNER = "SCANNER"


@dataclass(frozen=True, slots=True)
class Resource:
    """A berth, a yard, a gate or a scanner."""

    code: str
    kind: Kind
    terminal: str
    slot_minutes: int
    capacity: int

    @property
    def slot(self) -> int:
        """Length of a slot."""
        return self.slot_minutes * MINUTE


@dataclass(frozen=True, slots=True)
class Taken:
    """Units taken from start to end, the end not included; `id` is the appointment's."""

    id: str
    start: int
    end: int
    units: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Room that is wanted: so many slots from a moment on, so many units in each."""

    start: int
    slots: int
    units: int

    def end(self, resource: Resource) -> int:
        """When it ends."""
        return self.start + self.slots * resource.slot


@dataclass(frozen=True, slots=True)
class Full:
    """The first slot without room, and what is free in it."""

    start: int
    free: int


def slot_of(resource: Resource, moment: int) -> int:
    """The begin of the slot that holds the moment."""
    return moment - moment % resource.slot


def booked(taken: Iterable[Taken], start: int, end: int) -> int:
    """The most units that are taken at one time between start and end.

    Appointments begin and end with slots, so within one slot all that touch it are there at once.
    """
    return sum([each.units for each in taken if each.start < end and each.end > start])


def no_room(resource: Resource, taken: Sequence[Taken], wish: Wish) -> Full | None:
    """The first slot in which the wish does not fit beside what is taken; None where it fits."""
    for start in range(wish.start, wish.end(resource), resource.slot):
        free = resource.capacity - booked(taken, start, start + resource.slot)
        if wish.units > free:
            return Full(start, max(free, 0))
    return None


def what_is_wrong(resource: Resource, wish: Wish, now: int) -> str:
    """Why the time itself cannot be booked; empty where it can."""
    if wish.start % resource.slot:
        return f"does not begin with a slot of {resource.slot_minutes} minutes"
    return "lies in the past" if wish.start + resource.slot <= now else ""
