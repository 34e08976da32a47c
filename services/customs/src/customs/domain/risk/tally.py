"""Counts of selections, period by period: the same for the live service's rows and for a back-test's run in memory."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from customs.domain.risk.profile import Lane
from customs.domain.risk.selection import Mark, Selection, Way
from customs.domain.risk.snapshot import Snapshot, Stratum

# What a mark counts as for its consignment: nothing, the one that was drawn red, or the one that makes it a candidate
# for the fill (the lane's number).
NOTHING, DRAWN_RED = 0, 1
Kind = TypeVar("Kind")


def role(selection: Selection) -> tuple[Mark | None, int]:
    """The added mark that counts for the consignment, and as what; each consignment counts once."""
    standing = selection.marks[: len(selection.marks) - len(selection.added)]
    if any(_drawn_red(mark) for mark in standing):
        return None, NOTHING
    drawn = next((mark for mark in selection.added if _drawn_red(mark)), None)
    if drawn is not None:
        return drawn, DRAWN_RED
    lane = None if standing else selection.candidate
    first = next((mark for mark in selection.added if mark.lane is lane), None)
    return (first, int(lane)) if first is not None and lane is not None else (None, NOTHING)


def _drawn_red(mark: Mark) -> bool:
    return mark.way is Way.DRAWN and mark.lane is Lane.RED


@dataclass(slots=True)
class Tally:
    """Counts by period, from which snapshots are taken."""

    declared: Counter[int] = field(default_factory=Counter)
    roles: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    inspected: defaultdict[int, Counter[Stratum]] = field(default_factory=lambda: defaultdict(Counter))
    found: defaultdict[int, Counter[Stratum]] = field(default_factory=lambda: defaultdict(Counter))

    def snapshot(self, period: int, window: int) -> Snapshot:
        """The counts of the `window` periods before this one."""
        roles = _sum(self.roles, period, window)
        inspected, found = (_sum(counts, period, window) for counts in (self.inspected, self.found))
        return Snapshot(
            period,
            declared=sum(self.declared[each] for each in self.declared if period - window <= each < period),
            drawn_red=roles[DRAWN_RED],
            candidates={lane: roles[lane] for lane in Lane if lane > Lane.GREEN and roles[lane]},
            results={stratum: (inspected[stratum], found[stratum]) for stratum in inspected},
        )


def _sum(by_period: Mapping[int, Counter[Kind]], period: int, window: int) -> Counter[Kind]:
    total: Counter[Kind] = Counter()
    for each, counts in by_period.items():
        if period - window <= each < period:
            total.update(counts)
    return total
