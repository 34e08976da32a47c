"""What earlier traffic says at the beginning of a period. Taken once, kept, and the same for the whole period.

So quotas and throttle do not hang on the order in which consignments of one hour come, and a decision can be replayed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from customs.domain.risk.profile import MILLION, Criterion, Lane, Profile

PERIOD_SECONDS = 3600

Stratum = tuple[str, int]
"""Id and version of a criterion, or of the random minimum."""


def period_of(moment: datetime) -> int:
    """The hour of a moment, counted from 1970."""
    return int(moment.timestamp()) // PERIOD_SECONDS


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Counts over the window before a period. `drawn_red`: selected for examination by criteria or at random.

    `candidates`: those not drawn red that met a criterion, by the gravest lane of what they met.
    `results`: for each stratum how many were inspected, and with how many something was found.
    """

    period: int
    declared: int = 0
    drawn_red: int = 0
    candidates: Mapping[Lane, int] = field(default_factory=dict)
    results: Mapping[Stratum, tuple[int, int]] = field(default_factory=dict)

    def throttled(self, criterion: Criterion, profile: Profile) -> bool:
        """Whether the criterion has had its chances and found nothing."""
        inspected, found = self.results.get((criterion.id, criterion.version), (0, 0))
        return inspected >= profile.throttle.inspected and not found

    def rate(self, criterion: Criterion, profile: Profile) -> int:
        """The criterion's rate as it is drawn now."""
        throttled = self.throttled(criterion, profile)
        return criterion.rate * profile.throttle.rate // MILLION if throttled else criterion.rate

    def fill_rates(self, profile: Profile) -> dict[Lane, int]:
        """At which rate candidates of each lane are examined so that the expected rate is reached: red first."""
        if self.declared < profile.least_declared:
            return {}
        missing = self.declared * profile.expected_rate // MILLION - self.drawn_red
        rates: dict[Lane, int] = {}
        for lane in (Lane.RED, Lane.YELLOW, Lane.BLUE):
            waiting = self.candidates.get(lane, 0)
            if missing > 0 and waiting:
                rates[lane] = min(MILLION, missing * MILLION // waiting)
                missing -= waiting
        return rates
