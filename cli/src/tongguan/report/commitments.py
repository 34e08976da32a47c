"""How the public commitments were kept, and whose the time was. Pure: clearances with their clocks in, figures out.

Commitments and attribution come from one ledger, the gateway's, so that the figures cannot disagree.
"""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration

from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.gateway.v1.clearance_pb2 import Clearance

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, median and p90 (nearest rank) of so many times, in hours."""

    count: int
    mean: float
    median: float
    p90: float


@dataclass(frozen=True, slots=True)
class Kept:
    """One commitment in one mode. Missed: goods left later, or are still here although it has run out."""

    mode: str
    hours: int
    rule_id: str
    met: int
    missed: int
    # The same without the trader's time.
    met_net: int
    missed_net: int
    # Neither met nor missed: still in time, or not begun, or over without having left (refused, withdrawn).
    running: int
    over: int
    # Of clearances whose goods have left.
    gross: Spread
    net: Spread
    # From the clock's beginning to the first release, of all released.
    release: Spread

    @property
    def share(self) -> float:
        """Share met, of all met or missed."""
        return self.met / max(self.met + self.missed, 1)

    @property
    def share_net(self) -> float:
        """Share met without the trader's time."""
        return self.met_net / max(self.met_net + self.missed_net, 1)


@dataclass(frozen=True, slots=True)
class Held:
    """Time charged to one holder: in how many clearances, what share of all time, and how much in each of those."""

    holder: str
    share: float
    hours: float
    each: Spread


def kept(clearances: Iterable[Clearance]) -> list[Kept]:
    """By mode and commitment; those to whom nothing is promised are left out."""
    groups: defaultdict[tuple[str, int, str], list[Clearance]] = defaultdict(list)
    for case in clearances:
        promised = case.commitment
        if promised.hours:
            groups[mode_name(case.mode), promised.hours, promised.rule_id].append(case)
    return [_kept(*key, cases) for key, cases in sorted(groups.items(), key=lambda group: (-group[0][1], group[0]))]


def _kept(mode: str, hours: int, rule_id: str, cases: Sequence[Clearance]) -> Kept:
    gross = [(case, timed(case.clock.gross_duration)) for case in cases]
    net = [(case, timed(case.clock.net_duration)) for case in cases]
    fates_gross, fates_net = fates(gross), fates(net)
    over = sum(case.clock.HasField("end_time") and not case.clock.left for case in cases)
    return Kept(
        *(mode, hours, rule_id, *fates_gross, *fates_net),
        running=len(cases) - sum(fates_gross) - over,
        over=over,
        gross=spread([time for case, time in gross if case.clock.left]),
        net=spread([time for case, time in net if case.clock.left]),
        release=spread([time for case in cases if (time := _to_release(case)) is not None]),
    )


def fates(times: Iterable[tuple[Clearance, timedelta]]) -> tuple[int, int]:
    """How many met what they were promised, and how many missed it; those to whom nothing is promised do neither."""
    met = missed = 0
    for case, time in times:
        limit = case.commitment.hours * HOUR
        if not limit:
            continue
        going_on = not case.clock.HasField("end_time")
        met += case.clock.left and time <= limit
        missed += (case.clock.left or going_on) and time > limit
    return met, missed


def _to_release(case: Clearance) -> timedelta | None:
    if not case.HasField("release_time") or not case.clock.HasField("begin_time"):
        return None
    begin, release = case.clock.begin_time, case.release_time
    passed = timedelta(seconds=release.seconds - begin.seconds, microseconds=(release.nanos - begin.nanos) / 1000)
    return max(passed, timedelta())


def held(clearances: Iterable[Clearance]) -> list[Held]:
    """By holder, the one with most time first."""
    times: defaultdict[str, list[timedelta]] = defaultdict(list)
    for case in clearances:
        for share in case.clock.shares:
            times[share.holder].append(timed(share.duration))
    sums = {holder: sum(each, timedelta()) for holder, each in times.items()}
    whole = sum(sums.values(), timedelta()) or HOUR
    found = [Held(holder, sums[holder] / whole, sums[holder] / HOUR, spread(each)) for holder, each in times.items()]
    return sorted(found, key=lambda one: (-one.share, one.holder))


def spread(times: Sequence[timedelta]) -> Spread:
    """Zeros where there is nothing."""
    if not times:
        return Spread(0, 0.0, 0.0, 0.0)
    hours = sorted(time / HOUR for time in times)
    return Spread(len(hours), statistics.fmean(hours), statistics.median(hours), hours[-(-9 * len(hours) // 10) - 1])


def timed(duration: Duration) -> timedelta:
    """As a time; finer parts than microseconds are never sent."""
    return timedelta(seconds=duration.seconds, microseconds=duration.nanos // 1000)


def mode_name(mode: int) -> str:
    """`sea`; a mode that this version does not know shows as its number."""
    known = {int(number): name.removeprefix("MODE_").lower() for name, number in TransportMeans.Mode.items()}
    return known.get(mode, str(mode)) if mode else "unstated"
