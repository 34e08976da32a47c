"""Fair shares of a room that may be too small for all who want in. Pure: it counts, and knows no time.

A room holds so much (calls, items, bytes). Whoever comes first may take what is idle, to three quarters of it; the last
quarter is kept for callers below their share. A share is what the three quarters give to each who has something in the
room, by weight, the newcomer among them. So one caller alone has three quarters; a second is let in at once although
the first fills them, and as the first one's work ends both come to the same. Nobody ever has more in than the room.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Caller = TypeVar("Caller", bound=Hashable)
# One part in so many of a room is kept for those below their share.
KEPT_PART = 4


def _alike(_caller: Hashable) -> int:
    return 1


@dataclass(slots=True)
class Shares(Generic[Caller]):
    """`room` for all, of which one caller has `most_each` at most; `weight_of` says how many shares a caller has."""

    room: int
    most_each: int | None = None
    weight_of: Callable[[Caller], int] = _alike
    used: int = 0
    _held: dict[Caller, int] = field(default_factory=dict)
    # Of all who hold something.
    _weights: int = 0

    @property
    def open(self) -> int:
        """What anybody may take while it is idle."""
        return self.room - self.room // KEPT_PART

    def held(self, caller: Caller) -> int:
        """How much this caller has in the room."""
        return self._held.get(caller, 0)

    def share(self, caller: Caller) -> float:
        """What is due to this caller, beside all who have something in the room now."""
        own = self.weight_of(caller)
        return self.open * own / (self._weights + (0 if caller in self._held else own))

    def fits(self, caller: Caller, amount: int) -> bool:
        """Whether so much more of this caller may come in now. What is larger than the room comes in alone."""
        held = self._held.get(caller, 0)
        if self.most_each is not None and held + amount > self.most_each and held:
            return False
        used = self.used + amount
        if used <= self.open or not self.used:
            return True
        # Who has nothing in is below his share, whatever he brings at once.
        return used <= self.room and (not held or held + amount <= self.share(caller))

    def take(self, caller: Caller, amount: int) -> None:
        """It comes in; ask `fits` before."""
        held = self._held.get(caller)
        if held is None:
            held, self._weights = 0, self._weights + self.weight_of(caller)
        self._held[caller] = held + amount
        self.used += amount

    def give(self, caller: Caller, amount: int) -> None:
        """So much of it has left."""
        left = self._held[caller] - amount
        self.used -= amount
        if left > 0:
            self._held[caller] = left
        else:
            del self._held[caller]
            self._weights -= self.weight_of(caller)
