"""Selection in figures: for each stratum what it declared, selected, inspected and found."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from customs.domain.risk.profile import MILLION, RANDOM, RANDOM_VERSION, Criterion, Lane, Profile
from customs.domain.risk.snapshot import Snapshot, Stratum


@dataclass(slots=True)
class Counts:
    """One stratum over a span of time; each counts consignments."""

    lane: Lane
    declared: int = 0
    selected: int = 0
    filled: int = 0
    inspected: int = 0
    found: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a stratum with what the profile says of it; `criterion` is None where it is not the profile's."""

    stratum: Stratum
    counts: Counts
    criterion: Criterion | None
    setting_rate: int
    current_rate: int
    throttled: bool = False

    @property
    def standard_error(self) -> float:
        """Of the selection rate, were every consignment drawn at the setting."""
        rate, declared = self.setting_rate / MILLION, self.counts.declared
        return sqrt(rate * (1 - rate) / declared) if declared else 0.0


def share(part: int, whole: int) -> float:
    """0 to 1; 0 of nothing."""
    return part / whole if whole else 0.0


def figures(profile: Profile, counted: Mapping[Stratum, Counts], declared: int, recent: Snapshot) -> list[Figures]:
    """The random minimum, then all criteria by id, also those of other profiles; `recent` sets the throttle."""
    at_random = (RANDOM, RANDOM_VERSION)
    chance = counted.get(at_random, Counts(Lane.RED))
    chance.declared = declared
    rate = profile.random_rate
    found = [Figures(at_random, chance, None, rate, rate)]
    own = {(one.id, one.version): one for one in profile.criteria}
    for stratum in sorted({*own, *counted} - {at_random}):
        criterion = own.get(stratum)
        if criterion is None:
            found.append(Figures(stratum, counted[stratum], None, 0, 0))
            continue
        counts = counted.get(stratum, Counts(criterion.lane))
        now, throttled = recent.rate(criterion, profile), recent.throttled(criterion, profile)
        found.append(Figures(stratum, counts, criterion, criterion.rate, now, throttled))
    return found
