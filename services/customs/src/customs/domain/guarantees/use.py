"""What a case has taken up, and from which guarantees."""

from dataclasses import dataclass, field

from customs.domain.guarantees.account import UseKey
from customs.domain.guarantees.kinds import OPEN, UseState


@dataclass(frozen=True, slots=True)
class Part:
    """What one guarantee gives to a use: `units` = outstanding + returned + claimed."""

    grn: str
    units: int
    outstanding: int
    returned: int = 0
    claimed: int = 0

    def less(self, units: int, *, claimed: bool) -> "Part":
        """After so many units came back or were claimed."""
        if not 0 < units <= self.outstanding:
            raise ValueError(f"{units} of {self}")
        back = (0, units) if claimed else (units, 0)
        return Part(self.grn, self.units, self.outstanding - units, self.returned + back[0], self.claimed + back[1])


@dataclass(slots=True)
class Use:
    """A use of one case and generation. A tombstone has no parts: it was cancelled before it came."""

    key: UseKey
    state: UseState
    currency_code: str = ""
    # Identity that asked for it, and SHA-256 of what it asked.
    caller: str = ""
    content: bytes = b""
    # In the order in which they were taken.
    parts: tuple[Part, ...] = ()
    # Microseconds since 1970.
    hold_time: int = 0
    expire_time: int = 0
    end_time: int | None = None
    # Whether this transaction has changed it.
    changed: bool = field(default=False, compare=False)

    @property
    def units(self) -> int:
        """What was asked for."""
        return sum(part.units for part in self.parts)

    @property
    def outstanding(self) -> int:
        """What is still in use."""
        return sum(part.outstanding for part in self.parts)

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def move(self, state: UseState, parts: tuple[Part, ...], now: int) -> None:
        """Into its next state."""
        self.state, self.parts, self.changed = state, parts, True
        self.end_time = None if state in OPEN else now


def shares(parts: tuple[Part, ...], units: int) -> list[tuple[Part, int]]:
    """Which parts `units` come from: what topped up comes back first, so that the next case finds it."""
    taken = []
    for part in reversed(parts):
        share = min(part.outstanding, units)
        if share:
            taken.append((part, share))
        units -= share
    if units:
        raise ValueError(f"{units} more than is outstanding")
    return taken
