"""Whom and what the watch list meets, exactly or by a look-alike, and the cases of it, on both databases."""

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, delete

from agencykit.decisions.requests import Claim
from agencykit.refusals import NotFound, StateForbids
from agencykit.retention.declared import Tally
from agencykit.retention.rounds import removed
from agencykit.storage.engines import make_engine
from agencykit.testing.racing import overtaking
from border.domain.facts import Hit
from border.operations import lodging
from border.operations.comparing import CLEARED, CONFIRMED, OPEN, pairs
from border.operations.watch_cases import decide_case, list_cases
from border.storage.retention import KEEPING
from border.storage.tables import crew_lists, persons, watch_cases, watch_entries
from clearance.border.v1.conveyance_service_pb2 import WatchEntry

from .lodged import CALL, crew_list, known, watched


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


def test_an_entry_that_changes_its_subject_is_news_for_both(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "3302910123")], 0)
    told = lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PARTY, "3302910777")], 0)
    assert told == {("watched", "3302910123"), ("watched", "3302910777")}


def cases_of(connection: Connection, state: int = OPEN) -> list[tuple[str, str, bool]]:
    return [(case.id, case.numbers, bool(case.exact)) for case in list_cases(connection, state, "", 10)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("entry_first", [True, False], ids=["entry first", "list first"])
def test_a_list_and_an_entry_that_come_at_once_do_not_miss_each_other(database_url: str, entry_first: bool) -> None:
    entry, members = crew_list("G77204158")
    entries = [watched(WatchEntry.KIND_PERSON, "G77204158", "W-31")]
    acts: list[Any] = [
        lambda connection: lodging.enter_watch_list(connection, entries, 0),
        lambda connection: lodging.lodge_crew_lists(connection, [entry], members, 0),
    ]
    overtaking(database_url, *(acts if entry_first else acts[::-1]))
    engine = make_engine(database_url, connections=1)
    with engine.begin() as connection:
        found = cases_of(connection)
        for table in (watch_cases, watch_entries, persons, crew_lists):
            connection.execute(delete(table))
    engine.dispose()
    assert found == [(f"W-31/C/{CALL}", "1", True)]


def test_nobody_is_compared_with_entries_he_shares_nothing_with() -> None:
    def row(name: str, look_alike: str, name_key: str, birth_date: int) -> Any:
        return SimpleNamespace(id=name, look_alike=look_alike, name_key=name_key, birth_date=birth_date)

    aboard = [row(f"person {day}", f"E{day}", f"CHEN {day}", 19500101 + day) for day in range(200)]
    aboard += [row("unknown", "", "", 0)]
    entries = [row("document", "E7", "", 0), row("name", "", "CHEN 7", 0), row("all", "E9", "CHEN 9", 19500110)]
    entries += [row("nothing known", "", "", 0)]
    found = [(person.id, entry.id) for person, entry in pairs(aboard, entries)]
    assert found == [("person 7", "document"), ("person 7", "name"), ("person 9", "all")]


def decide(connection: Connection, case: str, request_id: str = "decide-1", state: int = CLEARED) -> None:
    decide_case(connection, Claim("watch_case", "operator/wang", request_id, b""), case, state, "looked at", 9)


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


def test_a_confirmed_hit_outlasts_the_names_of_its_list_until_the_entry_is_lifted(connection: Connection) -> None:
    lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "E51830274")], 0)
    entry, members = crew_list("E51830274")
    lodging.lodge_crew_lists(connection, [entry], members, 0)
    decide(connection, f"W-17/C/{CALL}", state=CONFIRMED)
    (of_persons,) = (subject for subject in KEEPING.subjects if subject.name == "persons")
    removed(connection, of_persons, [(CALL,)], Tally(10))
    told = lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "E51830274")], 11)
    assert (told, known(connection)[0].crew_hits) == (set(), (Hit("W-17", exact=True),)), (
        "the same entry, entered again"
    )
    told = lodging.enter_watch_list(connection, [watched(WatchEntry.KIND_PERSON, "E51830274", lifted=True)], 12)
    assert (told, known(connection)[0].crew_hits) == ({("call", CALL)}, ())
