"""The attribution ledger: whose the time was (归责). Its intervals partition the time exactly, in whole microseconds.

Several parties can hold a case at once. Time is cut wherever somebody begins or ends to hold it; each interval keeps
all who held it then, and is charged to one of them:

1. who finished last: without the others it would not have gone faster, without him it would;
2. who has not finished is later than all who have, and of several the one who waits longest is charged;
3. ties go by the published order (`ORDER`).

An interval that nobody holds is charged to `outage`: nobody was waited for, so the district's own machines were.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gateway.domain.identifiers import Micros

OUTAGE, CARRIER, TRADER, BROKER, PARTNER_DISTRICT = "outage", "carrier", "trader", "broker", "partner_district"
# Who holds a case beside the agencies, by the contract's names of parties.
PARTIES = frozenset({CARRIER, TRADER, BROKER, PARTNER_DISTRICT})
# Ties: machines first, then agencies as the plan names them, those that joined later by name, then the parties.
ORDER = (OUTAGE, "customs", "inspection", "border", "port", "*", PARTNER_DISTRICT, CARRIER, BROKER, TRADER)


@dataclass(frozen=True, slots=True)
class Hold:
    """One holder has the case from `begin` on, until `end`; None: he still has it."""

    holder: str
    begin: Micros
    end: Micros | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """Time between two moments, the second not included, charged to one of its holders (in published order)."""

    begin: Micros
    end: Micros
    charged: str
    holders: tuple[str, ...]

    @property
    def length(self) -> Micros:
        """In microseconds."""
        return self.end - self.begin


def partition(holds: Iterable[Hold], begin: Micros, end: Micros) -> tuple[Interval, ...]:
    """The intervals from `begin` to `end`, in their order and without a gap; none where `end` is not later.

    Neighbours alike in holders and charge are one interval.
    """
    joined = _joined(holds)
    cuts = {begin, end}
    for hold in joined:
        cuts.update(moment for moment in (hold.begin, hold.end) if moment is not None and begin < moment < end)
    moments = sorted(cuts) if begin < end else []
    found: list[Interval] = []
    for first, second in pairwise(moments):
        present = [hold for hold in joined if hold.begin <= first and (hold.end is None or hold.end >= second)]
        holders = tuple(sorted({hold.holder for hold in present}, key=place))
        interval = Interval(first, second, _charged(present), holders)
        if found and (found[-1].charged, found[-1].holders) == (interval.charged, interval.holders):
            interval = Interval(found.pop().begin, second, interval.charged, holders)
        found.append(interval)
    return tuple(found)


def totals(intervals: Iterable[Interval]) -> dict[str, Micros]:
    """Holder -> microseconds charged, in published order; they sum to the time partitioned."""
    sums: dict[str, Micros] = {}
    for interval in intervals:
        sums[interval.charged] = sums.get(interval.charged, 0) + interval.length
    return {holder: sums[holder] for holder in sorted(sums, key=place)}


def place(holder: str) -> tuple[int, str]:
    """Where a holder stands in the published order."""
    return (ORDER.index(holder) if holder in ORDER else ORDER.index("*"), holder)


def _charged(present: Sequence[Hold]) -> str:
    if not present:
        return OUTAGE
    still = [hold for hold in present if hold.end is None]
    if still:
        return min(still, key=lambda hold: (hold.begin, place(hold.holder))).holder
    return min(present, key=lambda hold: (-(hold.end or 0), place(hold.holder))).holder


def _joined(holds: Iterable[Hold]) -> list[Hold]:
    """Holds of one holder that touch or overlap are one: he finishes when the last of them ends."""
    found: list[Hold] = []
    for hold in sorted(holds, key=lambda hold: (hold.holder, hold.begin)):
        last = found[-1] if found else None
        if last is None or last.holder != hold.holder or (last.end is not None and last.end < hold.begin):
            found.append(hold)
        elif last.end is not None:
            end = None if hold.end is None else max(last.end, hold.end)
            found[-1] = Hold(hold.holder, last.begin, end)
    return found
