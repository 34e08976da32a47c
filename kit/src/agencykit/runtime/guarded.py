"""A wall clock that cannot be moved by who sets it: a step ends no term early, and none late without a word.

A machine has two clocks, one that people and daemons set and one that only runs. As long as they go together, the wall
clock is right, and small corrections are taken over. When they part by more than STEP_SECONDS at once, nobody here can
tell which of the two is wrong. Then

- `now()` goes on from the last moment at which they agreed, by the clock that only runs: leases, back-off, times of
  audit rows neither jump nor go back;
- `legal_now()` stands still: nothing that the law or a deadline attaches to the time of day happens by itself, until
  both agree again, or the service is restarted, by which its operator says that the wall clock is right.

It stands still, too, while others' clocks say that this one is wrong (agencykit.runtime.voices), and for the first
seconds, until they have been asked: a clock that was wrong before the service began shows no step. Others can make time
stand still and nothing else: `now()` never follows them, and no term ends by what they say. One case apart: a clock
that they called wrong from the first is set, and they call it right. Then what was set is the time.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from agencykit.runtime import Clock
from agencykit.runtime.voices import APART_SECONDS, Voices

STEP_SECONDS = APART_SECONDS
# So long the first answers of others are waited for.
ASKING_SECONDS = 10.0
_STEP = timedelta(seconds=STEP_SECONDS)
# Nothing was due by then.
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Hears by how many seconds the wall clock is ahead when it parts from the others, and 0 once all agree again.
Listener = Callable[[float], None]


class GuardedClock:
    """See Clock. `of` makes one of any clock, and leaves one that is guarded as it is."""

    def __init__(self, true: Clock) -> None:
        self._true = true
        self._wall, self._ran = true.now(), true.monotonic()
        self._ahead = timedelta()
        self.voices = Voices()
        self._skew = 0.0
        # Whether others ever said that it is right.
        self._agreed = False
        self._asked: set[str] = set()
        self._ask_until = 0.0
        self._stopped: datetime | None = None
        # Whether its operator says that it is right whatever others say.
        self.sure = False
        self.on_change: list[Listener] = []

    @classmethod
    def of(cls, clock: Clock) -> "GuardedClock":
        """The clock, guarded."""
        return clock if isinstance(clock, cls) else cls(clock)

    def expects(self, peers: Iterable[str]) -> None:
        """Nothing ends by itself until these were heard, or ASKING_SECONDS have run."""
        self._asked, self._ask_until = set() if self.sure else set(peers), self._true.monotonic() + ASKING_SECONDS

    def now(self) -> datetime:
        """The time of day; while the clocks disagree, as it was when they last agreed and what has run since."""
        wall, ran = self._true.now(), self._true.monotonic()
        steady = self._wall + timedelta(seconds=ran - self._ran)
        ahead = wall - steady
        if -_STEP <= ahead <= _STEP or self._cured(wall, ran):
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
        if self._asking:
            return _NEVER
        return now if self._stopped is None else min(now, self._stopped)

    @property
    def suspended(self) -> bool:
        """Whether terms and deadlines stand still."""
        return self.wrong or self._asking

    @property
    def wrong(self) -> bool:
        """Whether they do because the clock has stepped, or because others say that it is wrong."""
        self.now()
        return self._stopped is not None

    def ahead_seconds(self) -> float:
        """By how much the wall clock is ahead of what has run, or of others; 0 where all agree."""
        self.now()
        return self._ahead.total_seconds() or self._skew

    def heard(self, peer: str, told: float, trip: float, *, alone: bool = False) -> float:
        """A peer has just answered that it is `told` (seconds since 1970), after a round trip of so many seconds.

        Returns by how much this clock is ahead of it; 0 where that is no more than may be.
        """
        self._asked.discard(peer)
        now, ran = self.now(), self.monotonic()
        self.voices.heard(peer, told, trip, ran, alone=alone)
        found = self.voices.ahead(now.timestamp(), ran)
        if found is not None and not self.sure:
            self._skew = found
            self._agreed = self._agreed or not (found or self._ahead)
            self._tell(self.now())
        return self.voices.apart(peer, now.timestamp(), ran)

    def middle(self) -> float:
        """What time it is by the middle one of all clocks that were compared, this among them; seconds since 1970."""
        return self.voices.middle(self.now().timestamp(), self.monotonic())

    @property
    def _asking(self) -> bool:
        return bool(self._asked) and self._true.monotonic() < self._ask_until

    def _cured(self, wall: datetime, ran: float) -> bool:
        """A clock that others called wrong from the first was set to what they say. Where they had called it right
        before, both it and they may have been set wrong: then a step is a step.
        """
        cured = bool(self._skew) and not self._agreed and self.voices.ahead(wall.timestamp(), ran) == 0.0
        if cured:
            self._skew, self._agreed = 0.0, True
            self._tell(wall)
        return cured

    def _tell(self, now: datetime) -> None:
        wrong, before = bool(self._ahead or self._skew), self._stopped
        # Whoever is ahead must not have ended what others say is still to come.
        stopped = now - timedelta(seconds=max(self._skew, 0.0)) if wrong else None
        self._stopped = min(stopped, before) if stopped and before else stopped
        if wrong == (before is not None):
            return
        for listener in self.on_change:
            listener(self._ahead.total_seconds() or self._skew)
