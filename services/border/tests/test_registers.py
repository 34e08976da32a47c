"""What carriers and officers lodge is what the rules then know, on both databases."""

from datetime import timedelta

from sqlalchemy import Connection

from agencykit.decisions.tables import metadata as kit_metadata
from agencykit.storage.migrations import drift
from agencykit.storage.times import to_micros
from agencykit.testing.statements import statements_of
from border.domain.consignment import Direction, Mode
from border.domain.expiry import expires
from border.domain.facts import EntryFormalities, Facts
from border.domain.interests import interests
from border.operations import lodging
from border.rpc import facts as wire
from border.storage.tables import metadata
from clearance.border.v1.conveyance_service_pb2 import Announcement, WatchEntry
from clearance.border.v1.conveyance_service_pb2 import EntryFormalities as WireEntryFormalities

from .lodged import CALL, NOW, SHIP, announcement, consignment, crew_list, known, permit, watched


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


def test_what_is_outside_the_remit_hears_of_nothing() -> None:
    posted = consignment()
    posted.mode = Mode.POST
    assert list(interests(posted, Facts())) == []


def test_a_batch_costs_one_query_for_each_table(connection: Connection) -> None:
    lodging.lodge_crew_lists(connection, [crew_list("E51830274")[0]], crew_list("E51830274")[1], 0)
    views = [consignment(identification=f"{9_319_466 + number}") for number in range(256)]
    with statements_of(connection) as statements:
        assert len(known(connection, *views, consignment())) == 257
    assert sum(statement.startswith("SELECT") for statement in statements) == 7, (
        "no consignment leaves, so that nobody asks what sailed"
    )


def test_the_record_of_departures_prevails_over_what_was_said_with_the_permit(connection: Connection) -> None:
    lodging.grant_permits(connection, [permit(sailed=True, movement=Announcement.MOVEMENT_DEPARTURE)])
    lodging.record_departures(connection, [{"call": CALL, "sail_time": to_micros(NOW + timedelta(hours=30))}])
    (facts,) = known(connection, consignment(Direction.EXPORT))
    assert facts.permit is not None
    assert facts.permit.sail_time == NOW + timedelta(hours=30)
    assert expires(consignment(Direction.EXPORT), facts) is None
    assert expires(consignment(), facts) is None, "an import rests on no exit permit"


def test_a_permit_of_entry_lets_nothing_leave_and_both_stand_side_by_side(connection: Connection) -> None:
    lodging.grant_permits(connection, [permit()])
    imported, exported = known(connection, consignment(), consignment(Direction.EXPORT))
    assert imported.permit is not None
    assert exported.permit is None
    lodging.grant_permits(connection, [permit(revoked=True, movement=Announcement.MOVEMENT_DEPARTURE)])
    imported, exported = known(connection, consignment(), consignment(Direction.EXPORT))
    assert (imported.permit and imported.permit.revoked, exported.permit and exported.permit.revoked) == (False, True)


def test_a_conveyance_has_come_by_the_harbours_record_or_because_border_was_aboard(connection: Connection) -> None:
    boarded = {"call": CALL, "movement": 1, "inspect_time": to_micros(NOW), "passed": False}
    lodging.record_inspections(connection, [boarded])
    imported, exported = known(connection, consignment(), consignment(Direction.EXPORT))
    assert (imported.entry, imported.inspected, exported.entry) == (EntryFormalities(NOW), False, None)
    came = WireEntryFormalities(**SHIP)
    came.arrive_time.FromDatetime(NOW - timedelta(hours=2))
    assert ("entry_formalities", CALL) in lodging.record_entry_formalities(
        connection, [wire.entry_formalities_entry(came)]
    )
    assert known(connection)[0].entry == EntryFormalities(NOW - timedelta(hours=2))
    came.complete_time.FromDatetime(NOW)
    lodging.record_entry_formalities(connection, [wire.entry_formalities_entry(came)])
    assert known(connection)[0].entry == EntryFormalities(NOW - timedelta(hours=2), NOW)
