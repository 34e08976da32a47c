"""Figures over clearances, and the tables they are shown in."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clearance.common.v1.decision_pb2 import Waiting
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance, Commitment
from tongguan.console import PlainConsole
from tongguan.report.summary import Summary, summarise
from tongguan.report.tables import summary_tables

Make = Callable[..., Clearance]
Standing = Callable[..., AgencyStanding]
Wait = Callable[..., Waiting]


def shown(summary: Summary) -> list[str]:
    """The tables as lines, without the white space at their ends."""
    screen = io.StringIO()
    PlainConsole(file=screen, width=120, color_system=None).print(summary_tables(summary))
    return [line.rstrip() for line in screen.getvalue().splitlines()]


def test_median_and_p90_are_those_of_the_agency(clearance: Make, standing: Standing, noon: datetime) -> None:
    cases = [clearance("RELEASED", agencies=[standing("customs", "APPROVED", took)]) for took in range(10, 110, 10)]
    [customs] = summarise(cases, noon).agencies
    assert (customs.agency, customs.decided, customs.median_ms, customs.p90_ms) == ("customs", 10, 55.0, 90.0)


def test_an_agency_that_never_answered_is_named_with_what_is_parked_and_since_when(
    clearance: Make, standing: Standing, noon: datetime
) -> None:
    later = noon + timedelta(seconds=7)
    cases = [clearance("IN_PROGRESS", agencies=[standing("port", parked=time)]) for time in (later, noon)]
    [port] = summarise(cases, noon).agencies
    assert (port.decided, port.parked, port.parked_since) == (0, 2, noon)


def test_persons_and_machines_are_counted_apart_and_a_case_once_for_each(
    clearance: Make, waiting: Wait, noon: datetime
) -> None:
    two_documents = [waiting("broker", "certificate"), waiting("broker", "certificate")]
    cases = [
        clearance("INFORMATION_REQUIRED", waiting=two_documents),
        clearance("IN_PROGRESS", waiting=[waiting("broker", "certificate", since=noon - timedelta(hours=3))]),
        clearance("IN_PROGRESS", waiting=[waiting("customs", "answer", machine=True)]),
        clearance("RELEASED", waiting=[waiting("carrier", "arrival")]),
    ]
    told = [(wait.kind, wait.party, wait.fact_kind, wait.count, wait.since) for wait in summarise(cases, noon).waits]
    assert told == [
        ("machine", "customs", "answer", 1, noon),
        ("person", "broker", "certificate", 2, noon - timedelta(hours=3)),
    ]


@pytest.mark.parametrize(
    ("released_after", "now_after", "expected"),
    [(23, 30, (1, 0, 0)), (25, 30, (0, 1, 0)), (None, 23, (0, 0, 1)), (None, 25, (0, 1, 0))],
    ids=["released in time", "released late", "open in time", "open and late"],
)
def test_a_commitment_is_kept_open_or_broken(
    released_after: int | None, now_after: int, expected: tuple[int, int, int], clearance: Make, noon: datetime
) -> None:
    promise = Commitment(hours=24, rule_id="COM-SEA")
    promise.start_time.FromDatetime(noon)
    case = clearance("RELEASED" if released_after else "IN_PROGRESS", commitment=promise)
    if released_after:
        case.release_time.FromDatetime(noon + timedelta(hours=released_after))
    [kept] = summarise([case], noon + timedelta(hours=now_after)).commitments
    assert (kept.within, kept.late, kept.open) == expected


def test_the_tables_say_all_of_it(clearance: Make, standing: Standing, waiting: Wait, noon: datetime) -> None:
    promise = Commitment(hours=10, rule_id="COM-AIR")
    promise.start_time.FromDatetime(noon)
    released = clearance("RELEASED", agencies=[standing("customs", "APPROVED", 12)], commitment=promise)
    released.release_time.FromDatetime(noon + timedelta(hours=1))
    parked = clearance(
        "IN_PROGRESS",
        agencies=[standing("customs", parked=noon)],
        waiting=[waiting("customs", "answer", machine=True), waiting("carrier", "crew_list")],
    )
    lines = shown(summarise([released, parked], noon))
    cells = {tuple(line.split()) for line in lines}
    clock = noon.astimezone().strftime("%H:%M:%S")
    assert ("RELEASED", "1") in cells
    assert ("all", "2") in cells
    assert ("carrier", "crew_list", "1", clock) in cells
    assert ("customs", "answer", "1", clock) in cells
    assert ("customs", "1", "12.0", "12.0", "1", clock) in cells
    assert ("10", "h", "1", "0", "0", "100.0%") in cells


def test_nothing_at_all_is_no_error(noon: datetime) -> None:
    summary = summarise([], noon)
    assert (summary.states.total(), summary.waits, summary.agencies, summary.commitments) == (0, [], [], [])
