"""Whose turn it is among the replicas of one party: round and round, and for a while without those that failed.

Pure: times are the runtime's monotonic seconds. A replica that failed is left out for half a second, then twice as long
each time, to ten; but where all have failed, the one whose time is over first is tried all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

FIRST_SECONDS, LONGEST_SECONDS = 0.5, 10.0


@dataclass(slots=True)
class Rota:
    """`count` replicas, by their place."""

    count: int
    _next: int = 0
    # Place -> (until when it is left out, how often it failed in a row).
    _away: dict[int, tuple[float, int]] = field(default_factory=dict)

    def turn(self, now: float) -> Sequence[int]:
        """The places in the order in which to try them."""
        first, self._next = self._next, (self._next + 1) % self.count
        places = [(first + step) % self.count for step in range(self.count)]
        return sorted(places, key=lambda place: max(self._until(place) - now, 0.0))

    def failed(self, place: int, now: float) -> None:
        """It gave no answer of the contract."""
        _, failures = self._away.get(place, (0.0, 0))
        seconds = min(FIRST_SECONDS * 2 ** min(failures, 8), LONGEST_SECONDS)
        self._away[place] = (now + seconds, failures + 1)

    def answered(self, place: int) -> None:
        """It did, whatever it said."""
        self._away.pop(place, None)

    def _until(self, place: int) -> float:
        return self._away[place][0] if place in self._away else 0.0
