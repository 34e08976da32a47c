"""Room: how much of a resource there is in each slot of time, how much is taken, and whether more fits.

Times are microseconds since 1970; slots begin at whole multiples of their length since then, which is midnight UTC.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

MINUTE = 60_000_000
# The last moment that a time can say: the end of the year 9999.
CALENDAR_END = 253_402_300_799_999_999


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
    """Units taken from start to end, the end not included, by one appointment or several alike."""

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

    def slots_of(self, resource: Resource) -> range:
        """The begins of its slots."""
        return range(self.start, self.end(resource), resource.slot)


@dataclass(frozen=True, slots=True)
class Full:
    """The first slot without room, and what is free in it."""

    start: int
    free: int


def yard_of(resources: Iterable[Resource], place_code: str) -> str:
    """The yard whose room a place takes up; empty where the list of resources has none for it.

    A place names its yard (`BEILUN-2/YARD-A/C07`), or its terminal (`BEILUN-2/C07`) where that has only one.
    """
    yards = [each for each in resources if each.kind is Kind.YARD]
    named = [each.code for each in yards if f"{place_code}/".startswith(f"{each.code}/")]
    if named:
        return max(named, key=len)
    only = [each.code for each in yards if f"{place_code}/".startswith(f"{each.terminal}/")]
    return only[0] if len(only) == 1 else ""


def slot_of(resource: Resource, moment: int) -> int:
    """The begin of the slot that holds the moment."""
    return moment - moment % resource.slot


def booked(resource: Resource, taken: Iterable[Taken]) -> Counter[int]:
    """Units taken in each slot, by the slot's begin.

    Appointments begin and end with slots, so within one slot all that touch it are there at once.
    """
    found: Counter[int] = Counter()
    for each in taken:
        for begin in range(slot_of(resource, each.start), each.end, resource.slot):
            found[begin] += each.units
    return found


def no_room(resource: Resource, units: Mapping[int, int], wish: Wish) -> Full | None:
    """The first slot in which the wish does not fit beside the units `booked`; None where it fits."""
    for start in wish.slots_of(resource):
        free = resource.capacity - units.get(start, 0)
        if wish.units > free:
            return Full(start, max(free, 0))
    return None


def what_is_wrong(resource: Resource, wish: Wish, now: int) -> str:
    """Why the time itself cannot be booked; empty where it can."""
    if wish.start % resource.slot:
        return f"does not begin with a slot of {resource.slot_minutes} minutes"
    if wish.end(resource) > CALENDAR_END:
        return "ends beyond the calendar"
    return "lies in the past" if wish.start + resource.slot <= now else ""
