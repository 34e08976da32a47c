"""What risk selection keeps, on both databases: secret, profiles, snapshots, marks, results."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from sqlalchemy import Connection

from agencykit.agency import Holder, WorkDone
from agencykit.storage.rows import run
from agencykit.testing.statements import statements_of
from agencykit.testing.virtual import virtual_time
from customs.app import LISTS
from customs.domain.facts import Facts
from customs.domain.risk.matching import Matcher
from customs.domain.risk.profile import RANDOM, Lane
from customs.domain.risk.selection import Mark, Risk, Selection, Station, Way
from customs.domain.risk.snapshot import Snapshot, period_of
from customs.domain.schemes import Scheme
from customs.operations.selecting import Selecting
from customs.rpc.consignments import read_bytes
from customs.storage import risk, risk_report, standings
from customs.storage.risk_profile import parse_profile

BROKER, TRADER = "3104980001", "3302961234"
NOON = datetime(2004, 11, 22, 12, 10, tzinfo=UTC)
DEFAULT = (LISTS / "risk.toml").read_text("utf-8")
QUIET = (LISTS / "risk_nothing.toml").read_text("utf-8")
RED = Mark(("R-7", 2), Lane.RED, Way.DRAWN, 17, 100_000)
MET = Mark(("R-8", 1), Lane.BLUE, Way.MET, 400_000, 100_000)


STATION = Station(Matcher(parse_profile(QUIET)), Snapshot(period_of(NOON)), b"key")


def decided(number: str, *marks: Mark, new: bool = True) -> Holder:
    facts = Facts(None, ())  # type: ignore[arg-type]
    facts.risk, facts.selection = Risk(STATION), Selection(Lane.RED if marks else Lane.GREEN, marks, marks)
    view = SimpleNamespace(broker_licence=BROKER)
    return Holder(number, 1, "spiffe://ningbo.clearance/broker/1", NOON, view, facts, not new)


def done(number: str, cleared: bool = True, finds: int = 0) -> WorkDone:
    found = tuple([(3, "发票价格不实", (1,))] * finds)
    return WorkDone("w", number, 1, ("CUS-181",), cleared, found, "officer", NOON)


def test_the_first_secret_stays(connection: Connection) -> None:
    assert risk.keep_secret(connection, b"first") == b"first"
    assert risk.keep_secret(connection, b"second") == b"first"


def test_a_changed_profile_is_in_force_from_then_on_and_the_first_from_the_beginning(connection: Connection) -> None:
    for content, day in ((DEFAULT, 0), (DEFAULT, 1), (QUIET, 2), (DEFAULT, 3)):
        risk.keep_profile(connection, content, parse_profile(content).edition, NOON + timedelta(days=day))
    begun = [(begin, profile.version) for begin, profile in risk.profiles(connection)]
    assert begun == [
        (NOON + timedelta(days=3), "2004-1"),
        (NOON + timedelta(days=2), "nothing"),
        (datetime(1970, 1, 1, tzinfo=UTC), "2004-1"),
    ]


def test_marks_stand_under_the_clearance_and_the_green_lane_leaves_only_a_count(connection: Connection) -> None:
    risk.keep_marks(connection, "customs/1", [decided("NB1", RED, MET), decided("NB2")])
    risk.keep_marks(connection, "customs/1", [decided("NB3"), decided("NB1", RED, new=False)])
    assert risk.standing_marks(connection, ["NB1", "NB2"]) == {"NB1": {("R-7", 2): RED, ("R-8", 1): MET}}
    hour = period_of(NOON)
    counted = risk.counted(connection, hour, hour + 1)
    assert (counted.declared, counted.drawn_red, counted.candidates) == (3, 1, {})
    assert risk.counted(connection, hour + 1, hour + 2).declared == 0


def test_a_consignment_that_only_met_a_criterion_is_a_candidate_for_the_fill(connection: Connection) -> None:
    risk.keep_marks(connection, "customs/1", [decided("NB4", MET), decided("NB5", MET)])
    assert risk.counted(connection, 0, 10**6).candidates == {Lane.BLUE: 2}


def test_results_count_for_each_stratum_that_selected_and_for_no_other(connection: Connection) -> None:
    at_random = Mark((RANDOM, 1), Lane.RED, Way.DRAWN, 3, 20_000)
    risk.keep_marks(connection, "customs/1", [decided("NB1", RED, MET), decided("NB2", RED, at_random), decided("NB3")])
    for one in (done("NB1", finds=1), done("NB2"), done("NB3", cleared=False)):
        risk.keep_result(connection, one, BROKER, TRADER)
    assert risk.counted(connection, 0, 10**6).results == {("R-7", 2): (2, 1), (RANDOM, 1): (1, 0)}


def test_a_criterion_led_to_another_lane_without_a_new_version_still_counts_all_of_its_marks(
    connection: Connection,
) -> None:
    blue, red = (replace(RED, lane=lane) for lane in (Lane.BLUE, Lane.RED))
    risk.keep_marks(connection, "customs/1", [decided("NB1", blue), decided("NB2", red), decided("NB3", red)])
    counts = risk_report.strata(connection, (0, 10**6))[RED.stratum]
    assert (counts.lane, counts.declared, counts.selected) == (Lane.RED, 3, 3)


def test_how_schemes_stand_is_kept_for_those_entitled_and_replaced_by_the_next_decision(
    connection: Connection,
) -> None:
    entitled, other = decided("NB1"), decided("NB2")
    key = (period_of(NOON), "NB1")
    for reason in ("CUS-122", ""):
        entitled.facts.standings = [(Scheme.ADVANCE, reason), (Scheme.URGENT, "NOT_ASKED")]
        standings.keep(connection, [entitled, other])
        stood = {"NB1": {Scheme.ADVANCE: reason, Scheme.URGENT: "NOT_ASKED"}}
        assert standings.before(connection, [key, (period_of(NOON), "NB2")]) == stood
    hour = period_of(NOON)
    assert standings.counted(connection, (hour, hour + 1)) == [
        ((Scheme.ADVANCE, ""), 1),
        ((Scheme.URGENT, "NOT_ASKED"), 1),
    ]
    assert standings.counted(connection, (hour + 1, hour + 9)) == []


def test_a_refusal_is_a_find_and_a_find_stays_one(connection: Connection) -> None:
    risk.keep_marks(connection, "customs/1", [decided("NB0", RED)])
    risk.keep_result(connection, done("NB0", cleared=False), BROKER, TRADER)
    risk.keep_result(connection, done("NB0", cleared=True), BROKER, TRADER)
    assert risk.counted(connection, 0, 10**6).results == {("R-7", 2): (1, 1)}


def test_a_snapshot_once_taken_is_the_periods_whatever_comes_later(connection: Connection) -> None:
    hour = period_of(NOON) + 1
    risk.keep_marks(connection, "customs/1", [decided("NB1", RED, MET), decided("NB6", MET)])
    risk.keep_result(connection, done("NB1", finds=1), BROKER, TRADER)
    first, stood = risk.kept_snapshot(connection, hour, 24)
    assert not stood
    risk.keep_marks(connection, "customs/1", [decided("NB7", RED)])
    assert risk.kept_snapshot(connection, hour, 24) == (first, True)
    assert (first.declared, first.drawn_red, first.candidates) == (2, 1, {Lane.BLUE: 1})
    assert first.results == {("R-7", 2): (1, 1)}
    assert risk.kept_snapshot(connection, hour + 1, 24)[0].declared == 3


def test_a_batch_costs_a_statement_for_each_table_beside_the_first_of_the_hour(connection: Connection) -> None:
    with virtual_time(1) as world:
        selecting = Selecting(DEFAULT, "customs/1", "ningbo", world.runtime, read_bytes)
        selecting.open(connection, NOON)
        batch = [decided(f"NB{n}", RED) for n in range(30)]
        for _ in range(2):  # the first takes the hour's snapshot, the second learns that it stands
            selecting.load(connection, batch, NOON)
        with statements_of(connection) as statements:
            selecting.load(connection, batch, NOON)
            selecting.store(connection, batch, NOON)
    assert len([text for text in statements if "INSERT" not in text]) == 0
    assert {text.split()[2] for text in statements} == {"risk_traffic", "broker_traffic", "risk_marks"}
    assert run(connection, "SELECT declared FROM risk_traffic") == [(30,)]
