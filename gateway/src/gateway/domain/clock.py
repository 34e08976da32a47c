"""The commitment clock: when it begins and ends, and how its time is divided. It never stops in between."""

from dataclasses import dataclass

from gateway.domain.attribution import TRADER, Interval, partition, totals
from gateway.domain.commitment import Commitment
from gateway.domain.history import History, Period, holds
from gateway.domain.identifiers import Micros
from gateway.domain.states import LEFT, RELEASING, State

# Fact kind by which an agency says that goods are not at the port yet.
ARRIVAL = "arrival"
HOUR = 3_600_000_000
# What ends a case without its goods having left.
OVER = frozenset({State.WITHDRAWN, State.EXPIRED, State.REFUSED})


@dataclass(frozen=True, slots=True)
class Clock:
    """One case's clock at one moment. `begin` is None while goods are still awaited; then no time has passed."""

    begin: Micros | None
    # When goods left, or the case ended without; None while it goes on.
    end: Micros | None
    # First release; None before.
    release: Micros | None
    # When the promise runs out; None where none was made, or the clock has not begun.
    due: Micros | None
    intervals: tuple[Interval, ...]
    # Whether goods left by gate or ship, so that the promise is kept or broken for good.
    left: bool
    # The moment at which it was read.
    read: Micros

    @property
    def gross(self) -> Micros:
        """Time passed, the sum of all intervals."""
        return sum(interval.length for interval in self.intervals)

    @property
    def net(self) -> Micros:
        """The same without what is charged to the trader."""
        return self.gross - totals(self.intervals).get(TRADER, 0)

    @property
    def late(self) -> bool:
        """Whether the promise has run out before the end."""
        return self.due is not None and (self.read if self.end is None else self.end) > self.due


def read_clock(history: History, commitment: Commitment, now: Micros) -> Clock:
    """The clock of a case as it stands at `now`."""
    ends = history.periods(LEFT)
    over = history.periods(OVER)[-1:] if history.state in OVER else []
    release = next((begin for begin, _ in history.periods(RELEASING)), None)
    begin = _begin(history, commitment, release, now)
    end = next((moment for moment, _ in [*ends, *over]), None)
    due = begin + commitment.hours * HOUR if begin is not None and commitment.hours else None
    intervals = partition(holds(history), begin, now if end is None else end) if begin is not None else ()
    return Clock(begin, end, release, due, intervals, bool(ends), now)


def _begin(history: History, commitment: Commitment, release: Micros | None, now: Micros) -> Micros | None:
    """The later of acceptance and goods at the port.

    They are there when no agency waits for their arrival any longer. Where none ever did, the declared arrival counts
    (`commitment.start_time`), unless it lies in the future, or after the release that shows them to be there.
    """
    awaited = _awaited(history)
    if awaited:
        ends = [end for _, end in awaited]
        return None if None in ends else max(history.versions[0].time, *(end for end in ends if end is not None))
    if release is not None:
        return min(commitment.start_time, release)
    return commitment.start_time if commitment.start_time <= now else None


def _awaited(history: History) -> list[Period]:
    """From when until when an agency waited for the goods' arrival."""
    found: list[Period] = []
    for agency in history.asked:
        since: Micros | None = None
        for decision in (each for each in history.decisions if each.agency == agency):
            waits = any(wait.fact_kind == ARRIVAL for wait in decision.waits)
            if waits and since is None:
                since = decision.record_time
            if not waits and since is not None:
                found.append((since, decision.record_time))
                since = None
        if since is not None:
            found.append((since, None))
    return found
