"""A wall clock that cannot be moved by who sets it: a step ends no term early, and none late without a word.

A machine has two clocks, one that people and daemons set and one that only runs. As long as they go together, the wall
clock is right, and small corrections are taken over. When they part by more than STEP_SECONDS at once, nobody here can
tell which of the two is wrong. Then

- `now()` goes on from the last moment at which they agreed, by the clock that only runs: leases, back-off, times of
  audit rows neither jump nor go back;
- `legal_now()` stands still: nothing that the law or a deadline attaches to the time of day happens by itself, until
  both agree again, or the service is restarted, by which its operator says that the wall clock is right.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from agencykit.runtime import Clock

STEP_SECONDS = 30.0
_STEP = timedelta(seconds=STEP_SECONDS)
# Hears by how many seconds the wall clock is ahead when it parts from the other, and 0 once both agree again.
Listener = Callable[[float], None]


class GuardedClock:
    """See Clock. `of` makes one of any clock, and leaves one that is guarded as it is."""

    def __init__(self, true: Clock) -> None:
        self._true = true
        self._wall, self._ran = true.now(), true.monotonic()
        self._ahead = timedelta()
        # Of peers whose clocks this one does not agree with: name → by how many seconds this one is ahead.
        self._skews: dict[str, float] = {}
        self._stopped: datetime | None = None
        self.on_change: list[Listener] = []

    @classmethod
    def of(cls, clock: Clock) -> "GuardedClock":
        """The clock, guarded."""
        return clock if isinstance(clock, cls) else cls(clock)

    def now(self) -> datetime:
        """The time of day; while the clocks disagree, as it was when they last agreed and what has run since."""
        wall, ran = self._true.now(), self._true.monotonic()
        steady = self._wall + timedelta(seconds=ran - self._ran)
        ahead = wall - steady
        if -_STEP <= ahead <= _STEP:
            # Small corrections, and the drift of one against the other, are taken over as they come.
            self._wall, self._ran = wall, ran
            if self._ahead:
                self._ahead = timedelta()
                self._tell(wall)
            return wall
        stepped = not self._ahead
        self._ahead = ahead
        if stepped:
            self._tell(steady)
        return steady

    def now_ns(self) -> int:
        """The same in nanoseconds since 1970."""
        self.now()
        return self._true.now_ns() - round(self._ahead / timedelta(microseconds=1)) * 1000

    def monotonic(self) -> float:
        """See Clock."""
        return self._true.monotonic()

    def legal_now(self) -> datetime:
        """The time of day for terms and deadlines: it stands still while nobody can say what time it is."""
        now = self.now()
        return now if self._stopped is None else min(now, self._stopped)

    @property
    def suspended(self) -> bool:
        """Whether terms and deadlines stand still."""
        self.now()
        return self._stopped is not None

    def ahead_seconds(self) -> float:
        """By how much the wall clock is ahead of what it should say, or else of a peer's; 0 where all agree."""
        self.now()
        return self._ahead.total_seconds() or max(self._skews.values(), key=abs, default=0.0)

    def compared(self, peer: str, ahead_seconds: float) -> None:
        """A peer's clock was seen: this one is ahead by so much. More than STEP_SECONDS suspends, less ends that."""
        if abs(ahead_seconds) > STEP_SECONDS:
            self._skews[peer] = ahead_seconds
        elif self._skews.pop(peer, None) is None:
            return
        self._tell(self.now())

    def _tell(self, now: datetime) -> None:
        wrong = bool(self._ahead or self._skews)
        if wrong == (self._stopped is not None):
            return
        self._stopped = now if wrong else None
        for listener in self.on_change:
            listener(self.ahead_seconds() if wrong else 0.0)
