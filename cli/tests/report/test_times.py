"""How long clearances took, by mode, lane and holder."""

from collections.abc import Callable

import pytest

from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.gateway.v1.clearance_pb2 import AgencyStanding, Clearance, Commitment
from customs.domain.rules.risk import BLUE_RULE, RED_RULE, YELLOW_RULE
from tongguan.report.times import LANES, lane_of, taken, times_table

Make = Callable[..., Clearance]
Standing = Callable[..., AgencyStanding]


@pytest.fixture
def in_lane(timed: Make, standing: Standing) -> Make:
    """`in_lane("CUS-181", "COLLECTED", customs=3)`; what was found is resolved since. No rule: the green lane."""

    def make(rule_id: str, state: str, **fields: object) -> Clearance:
        made = timed(state, **fields)
        said = made.agencies.add()
        said.CopyFrom(standing("customs", "APPROVED", 80))
        said.decision.findings.add(rule_id="CUS-141")
        if rule_id:
            said.decision.findings.add(rule_id=rule_id, resolved=True)
        return made

    return make


def test_lanes_are_those_of_customs_rules() -> None:
    assert LANES == {RED_RULE: "red", YELLOW_RULE: "yellow", BLUE_RULE: "blue"}


def test_the_lane_stays_when_an_officer_has_resolved_what_was_found(in_lane: Make, timed: Make) -> None:
    assert lane_of(in_lane(RED_RULE, "COLLECTED", customs=3)) == "red"
    assert lane_of(in_lane("", "COLLECTED", customs=3)) == "green"
    assert lane_of(timed("IN_PROGRESS", customs=3)) == "undecided"


def test_each_mode_and_lane_has_its_times_gross_net_and_by_holder(in_lane: Make) -> None:
    rows = taken(
        [
            in_lane(RED_RULE, "COLLECTED", customs=20, trader=10),
            in_lane(RED_RULE, "COLLECTED", customs=4, port=2),
            in_lane("", "COLLECTED", port=1),
        ]
    )
    by = {(row.lane, row.holder): row for row in rows}
    assert [row.lane for row in rows] == ["red"] * 5 + ["green"] * 3, "the red lane first"
    assert [row.holder for row in rows[:5]] == ["all", "all but the trader", "customs", "trader", "port"]
    assert (by["red", "all"].times.median, by["red", "all but the trader"].times.median) == (18.0, 13.0)
    assert (by["red", "all"].share, by["red", "all but the trader"].share) == (0.5, 1.0)
    assert (by["red", "customs"].times.count, by["red", "customs"].times.mean) == (2, 12.0)
    assert (by["red", "port"].met, by["red", "port"].missed) == (1, 0), "of what the port had, all was in time"
    assert (by["red", "trader"].met, by["red", "trader"].missed) == (0, 1)
    assert by["green", "all"].times.p90 == 1.0


def test_what_goes_on_counts_where_it_is_late_and_has_no_time_yet(in_lane: Make) -> None:
    whole, _, customs = taken([in_lane(YELLOW_RULE, "IN_PROGRESS", customs=30)])
    assert (whole.met, whole.missed, whole.times.count) == (0, 1, 0)
    assert (customs.missed, customs.times.count) == (1, 0)


def test_times_are_told_also_where_nothing_is_promised(in_lane: Make) -> None:
    rows = taken([in_lane("", "COLLECTED", promised=Commitment(), mode=TransportMeans.MODE_RAIL, customs=2)])
    assert [(row.mode, row.met, row.missed, row.times.mean) for row in rows[:1]] == [("rail", 0, 0, 2.0)]
    assert times_table(rows).row_count == 3
