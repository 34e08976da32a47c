"""Figures over a set of clearances. Pure: clearances in, numbers out."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.report.names import moment, waiting_kind_name
from tongguan.report.settled import FINAL


@dataclass(frozen=True, slots=True)
class Wait:
    """Clearances that wait for one party and one kind of fact, and since when the first of them does."""

    kind: str  # person or machine
    party: str
    fact_kind: str
    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class AgencyTime:
    """From the first question to the recording of the current decision, in milliseconds; and what is parked."""

    agency: str
    decided: int
    median_ms: float
    p90_ms: float
    parked: int
    parked_since: datetime | None


@dataclass(frozen=True, slots=True)
class Commitment:
    """Clearances under one public commitment (24 h sea, 10 h air, 8 h special areas), by what became of them."""

    hours: int
    within: int
    late: int
    open: int

    @property
    def share(self) -> float:
        """Share released within the hours, of all under the commitment."""
        return self.within / max(self.within + self.late + self.open, 1)


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it."""

    states: Counter[int]
    waits: Sequence[Wait]
    agencies: Sequence[AgencyTime]
    commitments: Sequence[Commitment]


def summarise(clearances: Iterable[Clearance], now: datetime) -> Summary:
    """`now` decides whether an open clearance is late."""
    cases = list(clearances)
    states = Counter(int(case.state) for case in cases)
    return Summary(states, _waits(cases), _agencies(cases), _commitments(cases, now))


def _waits(cases: Sequence[Clearance]) -> list[Wait]:
    """A clearance counts once for each party and kind of fact it waits for."""
    since: defaultdict[tuple[str, str, str], dict[str, datetime | None]] = defaultdict(dict)
    for case in cases:
        for wait in case.waiting if case.state not in FINAL else ():
            begin = moment(wait.since_time) if wait.HasField("since_time") else None
            entry = since[waiting_kind_name(wait.kind), wait.party, wait.fact_kind]
            entry[case.number] = _earlier(entry.get(case.number), begin)
    waits = [Wait(*key, len(begins), _earliest(begins.values())) for key, begins in since.items()]
    return sorted(waits, key=lambda wait: (wait.kind != "machine", -wait.count, wait.party, wait.fact_kind))


def _agencies(cases: Sequence[Clearance]) -> list[AgencyTime]:
    times: defaultdict[str, list[float]] = defaultdict(list)
    parked: defaultdict[str, list[datetime | None]] = defaultdict(list)
    for standing in (standing for case in cases for standing in case.agencies):
        times[standing.agency] += []  # it is named even if it has decided nothing
        if standing.HasField("decision") and standing.HasField("ask_time") and standing.HasField("record_time"):
            taken = moment(standing.record_time) - moment(standing.ask_time)
            times[standing.agency].append(taken / timedelta(milliseconds=1))
        if standing.HasField("park_time"):
            parked[standing.agency].append(moment(standing.park_time))
    return [
        AgencyTime(agency, len(taken), *_median_and_p90(taken), len(parked[agency]), _earliest(parked[agency]))
        for agency, taken in times.items()
    ]


def _commitments(cases: Sequence[Clearance], now: datetime) -> list[Commitment]:
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for case in cases:
        if case.commitment.hours and case.commitment.HasField("start_time"):
            limit = moment(case.commitment.start_time) + timedelta(hours=case.commitment.hours)
            released = moment(case.release_time) if case.HasField("release_time") else None
            fate = "late" if (released or now) > limit else "within" if released else "open"
            counts[case.commitment.hours][fate] += 1
    return [
        Commitment(hours, fates["within"], fates["late"], fates["open"])
        for hours, fates in sorted(counts.items(), reverse=True)
    ]


def _median_and_p90(values: Sequence[float]) -> tuple[float, float]:
    """Nearest rank for the p90; zeros where there is nothing."""
    if not values:
        return 0.0, 0.0
    ordered = sorted(values)
    return statistics.median(ordered), ordered[-(-9 * len(ordered) // 10) - 1]


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time), default=None)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return _earliest((one, other))
