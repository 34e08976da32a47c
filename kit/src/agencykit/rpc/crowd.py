"""Who is turned away for want of room: told once a second for each, however many calls that is.

A line and a span for each would cost more than the refusal itself, and let a flood fill the disk.
"""

from agencykit.runtime import Clock
from agencykit.telemetry.log import Log

TOLD_EVERY_SECONDS = 1.0
# So many are remembered; then it begins anew, and each may be told of once more.
_MOST_KEPT = 4096


class Crowd:
    """`overloaded` in the log, with how many calls since the last such line of the same caller."""

    def __init__(self, log: Log, clock: Clock) -> None:
        self._log, self._clock = log, clock
        # Identity -> (calls since it was told of, and when that was).
        self._untold: dict[str, tuple[int, float]] = {}

    def turned_away(self, identity: str, method: str) -> None:
        """One call was."""
        now = self._clock.monotonic()
        count, told = self._untold.get(identity, (0, float("-inf")))
        count += 1
        if now - told >= TOLD_EVERY_SECONDS:
            self._log.warning("overloaded", identity=identity, method=method, count=count)
            count, told = 0, now
        if len(self._untold) >= _MOST_KEPT:
            self._untold.clear()
        self._untold[identity] = (count, told)
