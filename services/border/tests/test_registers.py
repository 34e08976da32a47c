"""What carriers and officers lodge is what the rules then know, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.decisions.requests import Claim
from agencykit.decisions.tables import metadata as kit_metadata
from agencykit.refusals import NotFound, StateForbids
from agencykit.storage.migrations import drift
from agencykit.storage.times import to_micros
from agencykit.testing.statements import statements_of
from border.domain.consignment import ConsignmentView, Direction, Mode
from border.domain.expiry import expires
from border.domain.facts import Facts, Hit
from border.domain.interests import interests
from border.operations import lodging
from border.operations.comparing import CLEARED, OPEN
from border.operations.watch_cases import decide_case, list_cases
from border.rpc import facts as wire
from border.rpc.consignments import read_consignment
from border.storage.facts import FactsReader
from border.storage.reference import read_lists
from border.storage.tables import metadata
from clearance.border.v1.conveyance_service_pb2 import Announcement, CrewList, Permit, WatchEntry
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.transport_pb2 import TransportMeans

NOW = datetime(2004, 6, 18, 6, tzinfo=UTC)
READER = FactsReader(read_lists(None, None))
SHIP = {"identification": "IMO 9319466", "voyage_number": "025W"}
CALL = "9319466/025W"


def consignment(direction: int = Consignment.DIRECTION_IMPORT, **transport: str) -> ConsignmentView:
    declared = Consignment(direction=direction, declaration_type=Consignment.DECLARATION_TYPE_STANDARD)
    means = {"identification": "9319466", "voyage_number": "025w", "nationality_code": "PA"} | transport
    declared.border_transport.CopyFrom(TransportMeans(mode=TransportMeans.MODE_SEA, **means))
    declared.trader.identifier = "3302910123"
    declared.consignor.identifier = "DE 811-569-869"
    return read_consignment(declared)


def known(connection: Connection, *views: ConsignmentView) -> list[Facts]:
    return READER(connection, views or (consignment(),), NOW)


def announcement(movement: int = Announcement.MOVEMENT_ARRIVAL, **changes: Any) -> dict[str, Any]:
    made = Announcement(**SHIP | changes, mode=TransportMeans.MODE_SEA, movement=movement)
    made.announce_time.FromDatetime(NOW - timedelta(days=8))
    made.expected_time.FromDatetime(NOW)
    return wire.announcement_entry(made)


def crew_list(*document_numbers: str) -> tuple[dict[str, Any], dict[str, Any]]:
    made = CrewList(**SHIP)
    made.lodge_time.FromDatetime(NOW)
    for number in document_numbers:
        made.members.add(name="Chen Haiming", document_number=number, nationality_code="CN")
    entry = wire.crew_list_entry(made)
    return entry, {entry["call"]: wire.crew_member_entries(made)}


def permit(revoked: bool = False, sailed: bool = False) -> dict[str, Any]:
    made = Permit(**SHIP, revoked=revoked)
    made.grant_time.FromDatetime(NOW)
    if sailed:
        made.sail_time.FromDatetime(NOW + timedelta(hours=3))
    return wire.permit_entry(made)


def watched(kind: int, subject: str, entry: str = "W-17", lifted: bool = False) -> dict[str, Any]:
    return wire.watch_entry(WatchEntry(id=entry, kind=kind, subject=subject, lifted=lifted))


def test_the_migrated_database_is_the_one_the_code_declares(database_url: str) -> None:
    assert drift(database_url, metadata, kit_metadata) == []


def test_nothing_is_known_of_a_call_that_nobody_announced(connection: Connection) -> None:
    (facts,) = known(connection)
    assert (facts.announcement, facts.crew_listed, facts.permit) == (None, False, None)
    assert facts.formalities.permit
    assert facts.conveyance_hits == facts.party_hits == facts.crew_hits == ()


def test_what_is_lodged_for_a_call_is_known_however_the_ship_is_written(connection: Connection) -> None:
    lodging.announce_conveyances(connection, [announcement(dangerous_goods_codes=["UN 1263", "1263", "1950"])])
    lodging.lodge_crew_lists(connection, [crew_list("E51830274")[0]], crew_list("E51830274")[1], 0)
    lodging.grant_permits(connection, [permit(sailed=True)])
    (facts,) = known(connection)
    assert facts.announcement is not None
    assert facts.permit is not None
    assert facts.announcement.expected_time - facts.announcement.announce_time == timedelta(days=8)
    assert facts.announcement.dangerous_goods == {"1263", "1950"}
    assert facts.crew_listed
    assert facts.permit.sail_time == NOW + timedelta(hours=3)


def test_an_arrival_announces_no_departure_and_both_stand_side_by_side(connection: Connection) -> None:
    lodging.announce_conveyances(connection, [announcement()])
    imported, exported = known(connection, consignment(), consignment(Direction.EXPORT))
    assert imported.announcement is not None
    assert exported.announcement is None
    lodging.announce_conveyances(connection, [announcement(Announcement.MOVEMENT_DEPARTURE)])
    assert all(facts.announcement for facts in known(connection, consignment(), consignment(Direction.EXPORT)))


def test_a_repeated_key_replaces_what_is_stored(connection: Connection) -> None:
    lodging.grant_permits(connection, [permit(sailed=True), permit()])
    lodging.grant_permits(connection, [permit(revoked=True)])
    (facts,) = known(connection)
    assert facts.permit is not None
    assert (facts.permit.revoked, facts.permit.sail_time) == (True, None)


def test_a_crew_list_replaces_the_one_before_it_as_a_whole(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "P7294416B")], 0)
    for crew, hits in ((("E51830274", "P7294416B"), (Hit("W-17", exact=True),)), (("E51830274",), ())):
        entry, members = crew_list(*crew)
        lodging.lodge_crew_lists(connection, [entry], members, 0)
        (facts,) = known(connection)
        assert facts.crew_hits == hits


@pytest.mark.parametrize(
    ("kind", "subject", "field", "exact"),
    [
        (WatchEntry.KIND_CONVEYANCE, "IMO9319466", "conveyance_hits", True),
        (WatchEntry.KIND_CONVEYANCE, "93I9466", "conveyance_hits", False),
        (WatchEntry.KIND_PARTY, "3302910123", "party_hits", True),
        (WatchEntry.KIND_PARTY, "de811569869", "party_hits", True),
        (WatchEntry.KIND_PARTY, "33O291O123", "party_hits", False),
        (WatchEntry.KIND_PERSON, "e-51830274", "crew_hits", True),
        (WatchEntry.KIND_PERSON, "E518302T4", "crew_hits", None),
        (WatchEntry.KIND_PERSON, "E51B3O274", "crew_hits", False),
    ],
)
def test_the_watch_list_is_met_exactly_by_a_look_alike_or_not(
    connection: Connection, kind: int, subject: str, field: str, exact: bool | None
) -> None:
    lodging.lodge_crew_lists(connection, [crew_list("E51830274")[0]], crew_list("E51830274")[1], 0)
    lodging.enter_watch_list(connection, [watched(kind, subject)], 0)
    (facts,) = known(connection)
    met = {name: getattr(facts, name) for name in ("conveyance_hits", "party_hits", "crew_hits")}
    expected = () if exact is None else (Hit("W-17", exact),)
    assert met == {name: expected if name == field else () for name in met}


def test_a_lifted_entry_no_longer_counts(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "3302910123")], 0)
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "3302910123", lifted=True)], 0)
    assert known(connection)[0].party_hits == ()


def test_a_party_is_not_taken_for_a_ship_of_the_same_number(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "9319466")], 0)
    assert known(connection)[0].conveyance_hits == ()


def test_every_fact_tells_those_whom_it_concerns(connection: Connection) -> None:
    entry, members = crew_list("E51830274")
    told = [
        lodging.announce_conveyances(connection, [announcement()]),
        lodging.lodge_crew_lists(connection, [entry], members, 0),
        lodging.grant_permits(connection, [permit()]),
        lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "ES1830274", "W-18")], 0),
        lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_CONVEYANCE, "9319466", "W-19")], 0),
        lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "33O2910123", "W-20")], 0),
    ]
    assert ("announcement", CALL) in told[0]
    assert ("crew_list", CALL) in told[1]
    assert ("permit", CALL) in told[2]
    concern = set(interests(consignment(), Facts()))
    assert all(concern & keys for keys in told)


def test_an_entry_that_changes_its_subject_is_news_for_both(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "3302910123")], 0)
    told = lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "3302910777")], 0)
    assert told == {("watched", "3302910123"), ("watched", "3302910777")}


def test_what_is_outside_the_remit_hears_of_nothing() -> None:
    posted = consignment()
    posted.mode = Mode.POST
    assert list(interests(posted, Facts())) == []


def test_a_batch_costs_one_query_for_each_table(connection: Connection) -> None:
    lodging.lodge_crew_lists(connection, [crew_list("E51830274")[0]], crew_list("E51830274")[1], 0)
    views = [consignment(identification=f"{9_319_466 + number}") for number in range(256)]
    with statements_of(connection) as statements:
        assert len(known(connection, *views, consignment())) == 257
    assert sum(statement.startswith("SELECT") for statement in statements) == 6, (
        "no consignment leaves, so that nobody asks what sailed"
    )


def cases_of(connection: Connection, state: int = OPEN) -> list[tuple[str, str, bool]]:
    return [(case.id, case.numbers, bool(case.exact)) for case in list_cases(connection, state, "", 10)]


def decide(connection: Connection, case: str, request_id: str = "decide-1") -> None:
    decide_case(connection, Claim("watch_case", "operator/wang", request_id, b""), case, CLEARED, "another face", 9)


def test_a_cleared_case_holds_nobody_until_what_was_compared_changes(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "E51B3O274")], 0)
    entry, members = crew_list("P7294416B", "E51830274")
    lodging.lodge_crew_lists(connection, [entry], members, 0)
    assert cases_of(connection) == [(f"W-17/C/{CALL}", "2", False)]
    decide(connection, f"W-17/C/{CALL}")
    assert known(connection)[0].crew_hits == ()
    lodging.lodge_crew_lists(connection, [entry], members, 0)
    assert cases_of(connection) == [], "the same list again asks nothing anew"
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "E51830274")], 0)
    assert cases_of(connection) == [(f"W-17/C/{CALL}", "2", True)], "now it is met exactly"
    assert known(connection)[0].crew_hits == (Hit("W-17", exact=True),)
    entry, members = crew_list("P7294416B")
    lodging.lodge_crew_lists(connection, [entry], members, 0)
    assert cases_of(connection) == cases_of(connection, CLEARED) == []


def test_a_case_is_decided_once(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "E51830274")], 0)
    entry, members = crew_list("E51830274")
    lodging.lodge_crew_lists(connection, [entry], members, 0)
    decide(connection, f"W-17/C/{CALL}")
    decide(connection, f"W-17/C/{CALL}")
    with pytest.raises(StateForbids):
        decide(connection, f"W-17/C/{CALL}", "decide-2")
    with pytest.raises(NotFound):
        decide(connection, "W-18/C/x", "decide-3")


def test_the_record_of_departures_prevails_over_what_was_said_with_the_permit(connection: Connection) -> None:
    lodging.grant_permits(connection, [permit(sailed=True)])
    lodging.record_departures(connection, [{"call": CALL, "sail_time": to_micros(NOW + timedelta(hours=30))}])
    (facts,) = known(connection, consignment(Direction.EXPORT))
    assert facts.permit is not None
    assert facts.permit.sail_time == NOW + timedelta(hours=30)
    assert expires(consignment(Direction.EXPORT), facts) is None
    lodging.grant_permits(connection, [permit()])
    assert expires(consignment(), facts) is None, "an import rests on no exit permit"
