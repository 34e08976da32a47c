"""What time others say it is, and what follows for the own clock. Pure: times are seconds, told and run.

One clock against one other proves nothing about either. So of peers more than half, and at least two, must disagree
with the own clock to the same side before it is held to be wrong: no agency and no partner brings that about alone.
What the round trip of a question can explain is no disagreement. Two voices count alone, since they are no peers': the
own database's clock, and to an agency its gateway's word, which is the middle one of the whole district's clocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

APART_SECONDS = 30.0
# A peer that has said nothing for so long has no voice.
HEARD_SECONDS = 600.0
# No clock is believed to be further off: times stay within what a calendar can hold.
_FURTHEST = 1e9


@dataclass(frozen=True, slots=True)
class Voice:
    """One answer: what it said, less what had run here; `doubt` is half the round trip."""

    base: float
    doubt: float
    heard: float
    alone: bool

    def ahead(self, own: float) -> float:
        """By how much `own`, less what has run, is ahead of it for certain; below 0: behind."""
        off = max(-_FURTHEST, min(own - self.base, _FURTHEST))
        return max(off - self.doubt, 0.0) if off > 0 else min(off + self.doubt, 0.0)


@dataclass(slots=True)
class Voices:
    """By name."""

    known: dict[str, Voice] = field(default_factory=dict)

    def heard(self, name: str, told: float, trip: float, ran: float, *, alone: bool = False) -> None:
        """It has just answered `told`, after a round trip of so many seconds."""
        lately = {each: one for each, one in self.known.items() if ran - one.heard < HEARD_SECONDS}
        # Another thread may be reading: it has the one dictionary or the other.
        self.known = {**lately, name: Voice(told + trip / 2 - ran, trip / 2, ran, alone)}

    def ahead(self, own: float, ran: float) -> float | None:
        """By how much the own clock is ahead of the right time, 0 where it may be it; None: too few have spoken."""
        alone = [one.ahead(own - ran) for one in self.known.values() if one.alone]
        if off := max(filter(_apart, alone), key=abs, default=0.0):
            return off
        peers = [one.ahead(own - ran) for one in self.known.values() if not one.alone]
        if not alone and len(peers) < 2:
            return None
        for side in (1.0, -1.0):
            disagree = [each for each in peers if _apart(each) and each * side > 0]
            if len(disagree) >= 2 and 2 * len(disagree) > len(peers):
                return min(disagree, key=abs)
        return 0.0

    def apart(self, name: str, own: float, ran: float) -> float:
        """By how much the own clock is ahead of this one's; 0 where that is no more than may be."""
        voice = self.known.get(name)
        off = voice.ahead(own - ran) if voice else 0.0
        return off if _apart(off) else 0.0

    def middle(self, own: float, ran: float) -> float:
        """What time it is by the middle one of all clocks, the own among them: no single one moves it far."""
        return own - _middle(sorted([0.0, *(one.ahead(own - ran) for one in self.known.values())]))


def _apart(seconds: float) -> bool:
    return abs(seconds) > APART_SECONDS


def _middle(values: Sequence[float]) -> float:
    """Of an even number the one nearer to the own clock."""
    half = len(values) // 2
    return values[half] if len(values) % 2 else min(values[half - 1], values[half], key=abs)
