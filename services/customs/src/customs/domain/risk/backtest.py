"""A profile run over past traffic, hour by hour, with the quotas and the throttle that it would have brought about.

What it takes from the past: consignments, facts, keys, and what officers found in those they examined. A consignment
that nobody examined has no result, although the profile tried would have had it examined.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from customs.domain.consignment import ConsignmentView
from customs.domain.facts import Facts
from customs.domain.risk.figures import Counts
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import RANDOM, Lane, Profile
from customs.domain.risk.selection import Mark, Risk, Selection, Station, Way, select
from customs.domain.risk.snapshot import Snapshot, Stratum
from customs.domain.risk.tally import Tally, role


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of the past: what was declared, what was known, when that version was accepted."""

    view: ConsignmentView
    facts: Facts
    accept_time: datetime
    is_first: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """An officer's result: in which period, with a find or not."""

    period: int
    found: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One consignment of the past: its decisions in order, and the examination if there was one."""

    clearance_number: str
    period: int
    decisions: Sequence[Decided]
    examined: Examined | None = None
    standing: Lane = Lane.GREEN
    """Where it was led at the time."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Where the profile leads a consignment, by which strata, and where it stands."""

    clearance_number: str
    lane: Lane
    standing: Lane
    strata: tuple[Stratum, ...]


@dataclass
class Backtest:
    """The run. Consignments are to be given in the order of their periods."""

    profile: Profile
    key_of: Callable[[int], bytes]
    """The day's key, for a period."""
    declared: int = 0
    counted: dict[Stratum, Counts] = field(default_factory=dict)
    predictions: list[Prediction] = field(default_factory=list)
    _tally: Tally = field(default_factory=Tally)
    _station: Station | None = None

    def __post_init__(self) -> None:
        self._matcher = Matcher(self.profile)

    def run(self, past: Past) -> None:
        """Selects one consignment and counts it."""
        station = self._station
        if station is None or station.snapshot.period != past.period:
            snapshot = self._tally.snapshot(past.period, self.profile.window_periods)
            station = self._station = Station(self._matcher, snapshot, self.key_of(past.period))
        standing: dict[Stratum, Mark] = {}
        selection = Selection(Lane.GREEN)
        for decided in past.decisions:
            risk = Risk(station, dict(standing), decided.is_first)
            selection = select(decided.view, decided.facts, risk, decided.accept_time)
            standing |= {mark.stratum: mark for mark in selection.added}
            self._tally.roles[past.period][role(selection)[1]] += 1
        self.declared += 1
        self._tally.declared[past.period] += 1
        self._count(past, standing)
        if past.standing is not Lane.GREEN or selection.lane is not Lane.GREEN:
            strata = tuple([mark.stratum for mark in selection.reasons])
            self.predictions.append(Prediction(past.clearance_number, selection.lane, past.standing, strata))

    def recent(self, period: int) -> Snapshot:
        """What the run has counted before this period."""
        return self._tally.snapshot(period, self.profile.window_periods)

    def _count(self, past: Past, marks: Mapping[Stratum, Mark]) -> None:
        result = past.examined
        for stratum, mark in marks.items():
            counts = self.counted.setdefault(stratum, Counts(mark.lane))
            counts.declared += stratum[0] != RANDOM
            counts.selected += bool(mark.way)
            counts.filled += mark.way is Way.FILLED
            if mark.way and result is not None:
                counts.inspected += 1
                counts.found += result.found
                self._tally.inspected[result.period][stratum] += 1
                self._tally.found[result.period][stratum] += result.found
