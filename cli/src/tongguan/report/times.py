"""How long clearances took, by mode, lane and holder (Time Release Study). Pure: clearances in, figures out.

The gateway knows no lanes: they are customs' own, and read here from the findings of its decisions, which keep what an
officer has resolved.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rich.table import Table

from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.report.commitments import Spread, fates, mode_name, spread, timed
from tongguan.report.tables import figures, share_of, table

CUSTOMS = "customs"
UNDECIDED, GREEN = "undecided", "green"
# Customs' rules that say to which lane selection led; a clearance that none of them found is in the green one.
LANES = {"CUS-181": "red", "CUS-182": "yellow", "CUS-183": "blue"}
ORDER = ("red", "yellow", "blue", GREEN, UNDECIDED)
GROSS, NET = "all", "all but the trader"


@dataclass(frozen=True, slots=True)
class Taken:
    """Time of clearances in one mode and lane: all of it (gross), all but the trader's (net), or one holder's part.

    Of a holder's row, met and missed are those of the clearances that it had at all.
    """

    mode: str
    lane: str
    holder: str
    met: int
    missed: int
    # Of clearances whose goods have left, in hours.
    times: Spread

    @property
    def share(self) -> float:
        """Share that met the commitment, of all met or missed."""
        return self.met / max(self.met + self.missed, 1)


def lane_of(clearance: Clearance) -> str:
    """Where customs' selection led."""
    for standing in clearance.agencies:
        if standing.agency == CUSTOMS and standing.HasField("decision"):
            found = (LANES.get(finding.rule_id) for finding in standing.decision.findings)
            return next(filter(None, found), GREEN)
    return UNDECIDED


def taken(clearances: Iterable[Clearance]) -> list[Taken]:
    """By mode and lane: the whole, gross and net, then each holder, the one with most time first."""
    groups: defaultdict[tuple[str, str], list[Clearance]] = defaultdict(list)
    for case in clearances:
        groups[mode_name(case.mode), lane_of(case)].append(case)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], ORDER.index(group[0][1])))
    return [row for (mode, lane), cases in ordered for row in _rows(mode, lane, cases)]


def _rows(mode: str, lane: str, cases: Sequence[Clearance]) -> Iterator[Taken]:
    gross = [(case, timed(case.clock.gross_duration)) for case in cases]
    net = [(case, timed(case.clock.net_duration)) for case in cases]
    yield Taken(mode, lane, GROSS, *fates(gross), _left(gross))
    yield Taken(mode, lane, NET, *fates(net), _left(net))
    parts: defaultdict[str, list[tuple[Clearance, timedelta]]] = defaultdict(list)
    for case in cases:
        for part in case.clock.shares:
            parts[part.holder].append((case, timed(part.duration)))
    sums = {holder: sum((time for _, time in had), timedelta()) for holder, had in parts.items()}
    for holder in sorted(parts, key=lambda holder: (-sums[holder], holder)):
        held_up = {case.number for case, _ in parts[holder]}
        whole = [(case, time) for case, time in gross if case.number in held_up]
        yield Taken(mode, lane, holder, *fates(whole), _left(parts[holder]))


def _left(times: Iterable[tuple[Clearance, timedelta]]) -> Spread:
    return spread([time for case, time in times if case.clock.left])


def times_table(rows: Iterable[Taken]) -> Table:
    """All of it."""
    columns = ("mode", "lane", "time of", "met", "missed", "share met", "left", "mean h", "median h", "p90 h")
    made = table("How long clearances took, to gate-out or loading", *columns, numbers=columns[3:])
    for row in rows:
        counts = [str(row.met), str(row.missed), share_of(row.met, row.missed)]
        made.add_row(row.mode, row.lane, row.holder, *counts, *figures(row.times))
    return made
