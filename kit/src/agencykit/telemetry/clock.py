"""What a guarded clock tells its operator: a line when it parts and one when it agrees again, metrics."""

from collections.abc import Callable

from agencykit.runtime.guarded import GuardedClock
from agencykit.telemetry import Telemetry

# What to do stands in the line itself: whoever reads it has no time to look it up.
MEANING = "terms and deadlines stand still until the clock agrees again, or until this service is restarted"


def watch_clock(clock: GuardedClock, telemetry: Telemetry) -> None:
    """From now on it is told when terms and deadlines stand still (`clock.ahead`, in seconds, is then not 0)."""
    log = telemetry.log

    def tell(ahead_seconds: float) -> None:
        if ahead_seconds:
            log.error("clock.wrong", interval_ms=round(ahead_seconds * 1000), effect=MEANING)
        else:
            log.warning("clock.agrees", effect="terms and deadlines go on")

    clock.on_change.append(tell)
    meaning = "seconds by which the wall clock is ahead of what has run, or of a peer; 0 while terms run"
    telemetry.metrics.watch("clock.ahead", "s", meaning, clock.ahead_seconds)


# Hears what time it is at a peer (seconds since 1970), and how long the round trip took.
Heard = Callable[[str, float, float], None]


def compares(clock: GuardedClock, telemetry: Telemetry) -> Heard:
    """Takes in peers' answers; one whose clock is apart is told once, and once more when it agrees again."""
    apart: dict[str, float] = {}

    def heard(peer: str, told: float, trip: float) -> None:
        off = clock.heard(peer, told, trip)
        if bool(off) == (peer in apart):
            return
        if off:
            apart[peer] = off
            telemetry.log.warning("clock.peer_apart", party=peer, interval_ms=round(off * 1000))
        else:
            del apart[peer]
            telemetry.log.info("clock.peer_agrees", party=peer)

    meaning = "peers whose clocks are more than 30 s apart from the own one"
    telemetry.metrics.watch("clock.peers_apart", "1", meaning, lambda: float(len(apart)))
    return heard
