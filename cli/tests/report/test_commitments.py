"""How the public commitments were kept: 24 hours by sea, 10 by air, 8 in special areas."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clearance.common.v1.transport_pb2 import TransportMeans
from clearance.gateway.v1.clearance_pb2 import Clearance, Commitment, KeyTarget
from tongguan.console import PlainConsole
from tongguan.report.clocks import commitment_line, commitments_report, fate, length, overdue_row, shares_table
from tongguan.report.commitments import held, kept, mode_name
from tongguan.report.keys import keys_kept, keys_table

Make = Callable[..., Clearance]


def shown(renderable: object) -> str:
    screen = io.StringIO()
    PlainConsole(file=screen, width=140, color_system=None).print(renderable)
    return screen.getvalue()


def test_goods_that_left_in_time_met_it_and_those_that_left_or_lie_there_later_missed_it(timed: Make) -> None:
    cases = [
        timed("COLLECTED", customs=20),
        timed("COLLECTED", customs=10, trader=15),
        timed("RELEASED", port=2, trader=30),
        timed("IN_PROGRESS", carrier=5),
        timed("REFUSED", customs=99),
    ]
    [sea] = kept(cases)
    assert (sea.met, sea.missed, sea.running, sea.over) == (1, 2, 1, 1)
    assert sea.share == pytest.approx(1 / 3)
    assert (sea.met_net, sea.missed_net) == (2, 0), "without the trader's time the second was in time"
    assert (sea.gross.count, sea.gross.mean, sea.gross.median, sea.gross.p90) == (2, 22.5, 22.5, 25.0)
    assert sea.net.mean == 15.0


def test_each_mode_and_commitment_stands_by_itself_and_the_unpromised_in_none(timed: Make) -> None:
    air = Commitment(hours=10, rule_id="COMMIT-AIR")
    special = Commitment(hours=8, rule_id="COMMIT-SPECIAL-AREA")
    by_air = TransportMeans.MODE_AIR
    cases = [timed("COLLECTED", air, by_air), timed("COLLECTED", special, by_air), timed("COLLECTED")]
    cases.append(timed("COLLECTED", Commitment(), TransportMeans.MODE_RAIL))
    rows = kept(cases)
    assert [(one.mode, one.hours) for one in rows] == [("sea", 24), ("air", 10), ("air", 8)]
    text = shown(commitments_report(rows, []))
    assert all(text.count(rule) == 4 for rule in ("COMMIT-SEA", "COMMIT-AIR", "COMMIT-SPECIAL-AREA")), "in each row"


def test_time_to_release_stands_beside_the_time_to_the_gate(timed: Make, noon: datetime) -> None:
    case = timed("COLLECTED", customs=1, trader=3)
    case.release_time.FromDatetime(noon + timedelta(hours=1))
    [sea] = kept([case])
    assert (sea.release.mean, sea.gross.mean) == (1.0, 4.0)


def test_holders_shares_are_of_all_time_and_the_bottleneck_stands_first(timed: Make) -> None:
    customs, port, trader = sorted(
        held([timed("COLLECTED", customs=1, port=6), timed("COLLECTED", customs=2, trader=1)]),
        key=lambda one: one.holder,
    )
    assert (customs.share, port.share, trader.share) == (0.3, 0.6, 0.1)
    assert (customs.each.count, customs.each.median) == (2, 1.5)
    assert held([timed("COLLECTED", customs=1, port=6)])[0].holder == "port"


@pytest.mark.parametrize(
    ("state", "hours", "said"),
    [
        ("COLLECTED", 3, "met"),
        ("COLLECTED", 25, "missed"),
        ("REFUSED", 3, "over"),
        ("RELEASED", 3, "in time"),
        ("RELEASED", 25, "OVERDUE"),
    ],
)
def test_a_promise_is_said_in_a_word(timed: Make, state: str, hours: float, said: str) -> None:
    assert fate(timed(state, customs=hours).clock) == said


def test_one_clearance_shows_its_promise_and_whose_the_time_was(timed: Make) -> None:
    case = timed("RELEASED", customs=1, trader=3)
    assert commitment_line(case).startswith("24 h from ")
    assert commitment_line(case).endswith(", in time")
    table = shown(shares_table(case.clock))
    assert "customs  " in table
    assert "25.0%" in table
    case.clock.ClearField("begin_time")
    case.clock.ClearField("due_time")
    assert commitment_line(case) == "24 h from when goods are at the port (COMMIT-SEA)"


def test_who_is_late_is_listed_with_who_had_it_longest(timed: Make) -> None:
    row = overdue_row(timed("RELEASED", customs=1, carrier=26))
    assert row[-1] == "carrier 26:00:00"


def test_the_report_prints_also_where_nothing_has_left(timed: Make) -> None:
    cases = [timed("IN_PROGRESS", carrier=5)]
    text = shown(commitments_report(kept(cases), held(cases)))
    assert "Commitments kept" in text
    assert "100.0%" in text
    assert mode_name(99) == "99"
    assert mode_name(0) == "unstated"


def test_lengths_are_read_as_hours_minutes_and_seconds() -> None:
    assert length(timedelta(milliseconds=12)) == "0.012 s"
    assert length(timedelta(hours=26, minutes=3, seconds=7)) == "26:03:07"


def test_a_key_is_shown_against_its_own_target_and_a_step_by_its_holders_time(timed: Make) -> None:
    port = KeyTarget(id="PORT-BEILUN", kind=KeyTarget.KIND_PORT, target_minutes=1200)
    step = KeyTarget(id="STEP-CUSTOMS", kind=KeyTarget.KIND_STEP, holder="customs", target_minutes=240, priority=True)
    cases = [
        timed("COLLECTED", customs=3, trader=10),
        timed("COLLECTED", customs=5, port=18),
        timed("IN_PROGRESS", customs=1),
        timed("COLLECTED", port=1),
    ]
    for case in cases[:3]:
        case.key_ids.append("PORT-BEILUN")
    at_port, at_customs = keys_kept([port, step], cases)
    assert (at_port.met, at_port.missed, at_port.running, at_port.times.median) == (1, 1, 1, 18.0)
    assert (at_customs.met, at_customs.missed, at_customs.running, at_customs.times.mean) == (1, 1, 1, 4.0)
    table = shown(keys_table([at_port, at_customs]))
    assert "50.0%" in table
    assert "goes before others" in table
