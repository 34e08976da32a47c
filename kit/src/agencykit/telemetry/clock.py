"""What a guarded clock tells its operator: a line when it parts and one when it agrees again, a metric."""

from agencykit.runtime.guarded import GuardedClock
from agencykit.telemetry import Telemetry

# What to do stands in the line itself: whoever reads it has no time to look it up.
MEANING = "terms and deadlines stand still until the clock agrees again, or until this service is restarted"


def watch_clock(clock: GuardedClock, telemetry: Telemetry) -> None:
    """From now on it is told when terms and deadlines stand still (`clock.ahead`, in seconds, is then not 0)."""
    log = telemetry.log

    def tell(ahead_seconds: float) -> None:
        if ahead_seconds:
            log.error("clock.stepped", interval_ms=round(ahead_seconds * 1000), effect=MEANING)
        else:
            log.warning("clock.agrees", effect="terms and deadlines go on")

    clock.on_change.append(tell)
    meaning = "seconds by which the wall clock is ahead of what has run, or of a peer; 0 while terms run"
    telemetry.metrics.watch("clock.ahead", "s", meaning, clock.ahead_seconds)
