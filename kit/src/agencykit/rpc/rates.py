"""How often one identity may call: a bucket of tokens for each, so that a short burst passes and a flood does not."""

from collections.abc import Hashable

from agencykit.runtime import Clock

# So many buckets are kept; a full one says nothing and need not be.
_MOST_KEPT = 4096


class CallRates:
    """Each caller has a second's worth of calls, and gets it back over a second. 0 a second: no bound."""

    def __init__(self, per_second: int, clock: Clock) -> None:
        self._per_second, self._clock = per_second, clock
        self._buckets: dict[Hashable, tuple[float, float]] = {}

    def take(self, caller: Hashable) -> bool:
        """Whether the caller may call now; it then has one call less."""
        if not self._per_second:
            return True
        now = self._clock.monotonic()
        left, since = self._buckets.get(caller, (float(self._per_second), now))
        left = min(left + (now - since) * self._per_second, self._per_second)
        if left < 1:
            return False
        if len(self._buckets) >= _MOST_KEPT and caller not in self._buckets:
            self._forget_full(now)
        self._buckets[caller] = (left - 1, now)
        return True

    def wait(self, caller: Hashable) -> float:
        """In how many seconds a caller who may not call now may."""
        left, since = self._buckets.get(caller, (1.0, 0.0))
        return max((1 - left) / self._per_second - (self._clock.monotonic() - since), 0.0) if self._per_second else 0.0

    def _forget_full(self, now: float) -> None:
        self._buckets = {each: held for each, held in self._buckets.items() if now - held[1] < 1}
