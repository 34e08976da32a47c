"""Whether an agency is worth calling now: one breaker per agency, on the monotonic clock.

closed      calls go out
open        its service did not answer several times in a row; nothing is sent before `retry_at`
half open   one call may try; its success closes the breaker, its failure opens it for longer

Who tries is work that nobody waits for (parked cases, outcomes to tell). A caller's own submission tries only once
another sign says that the service has come back.
"""

from dataclasses import dataclass

# However long an outage lasts: a wait that doubled for ever would not be a number any more.
MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """After `failures` in a row the breaker opens for `first_seconds`, doubling up to `most_seconds`."""

    failures: int = 3
    first_seconds: float = 0.25
    most_seconds: float = 3.0


@dataclass(slots=True)
class Breaker:
    """`jitter` values are between 0 and 1 and come from the runtime's randomness."""

    limits: BreakerLimits
    failures: int = 0
    retry_at: float = 0.0
    _trying: bool = False
    _returned: bool = False

    @property
    def closed(self) -> bool:
        return self.failures < self.limits.failures

    def permits(self, now: float, *, patient: bool) -> bool:
        """Whether a call may go out; claims the one try of a half-open breaker. `patient`: nobody waits for it."""
        if self.closed:
            return True
        if not self.would_permit(now) or not (patient or self._returned):
            return False
        self._trying = True
        return True

    def would_permit(self, now: float) -> bool:
        """Whether a patient call may go out; claims nothing."""
        return self.closed or (now >= self.retry_at and not self._trying)

    def tried(self) -> None:
        """The call that `permits` let out has ended, however."""
        self._trying = False

    def succeeded(self) -> None:
        """The service answered, whatever it said."""
        self.failures, self.retry_at, self._trying, self._returned = 0, 0.0, False, False

    def failed(self, now: float, jitter: float) -> None:
        """The service gave no answer of the contract."""
        self.failures += 1
        self._trying = self._returned = False
        if not self.closed:
            opened = self.failures - self.limits.failures
            self.retry_at = now + back_off_seconds(opened, jitter, self.limits.most_seconds, self.limits.first_seconds)

    def returned(self) -> None:
        """Another sign says that the service has come back (its feed, which was lost, is there): any call may try."""
        self.retry_at, self._returned = 0.0, True


def back_off_seconds(attempts: int, jitter: float, most_seconds: float = 5.0, first_seconds: float = 0.1) -> float:
    """How long to wait after so many tries in vain: doubling from the first, at least half of it. Every wait that grows
    is reckoned here.
    """
    return float(min(first_seconds * 2 ** min(attempts, MOST_DOUBLINGS), most_seconds)) * (0.5 + 0.5 * jitter)
