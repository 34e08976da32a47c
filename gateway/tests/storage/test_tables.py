"""The database is what the code says it is, and leases are what they promise."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from agencykit.refusals import Unavailable
from agencykit.storage import Database
from agencykit.storage.engines import make_engine
from agencykit.storage.migrations import drift
from agencykit.storage.rows import rows_in, run
from agencykit.testing.postgres import postgres_server
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.commitment import Commitment
from gateway.domain.policy import AppliedPolicy
from gateway.domain.states import State
from gateway.storage.asks import from_text, to_text
from gateway.storage.cases import FencedOff, Hold, insert_cases, load_cases, update_cases
from gateway.storage.changes import last_change, take_changes
from gateway.storage.leases import (
    claim_due,
    claim_parked,
    holds_duty,
    lease_now,
    leave_duties,
    parked_at,
    reclaim,
    take_duties,
    wake_cases,
)
from gateway.storage.tables import cases, metadata

MINUTE = 60_000_000
NOW = 1_100_649_600_000_000
POLICY = AppliedPolicy("2004-1", ("customs",), {"customs": "spiffe://ningbo.clearance/customs"})


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = make_engine(database_url, connections=1)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def test_migrations_make_the_tables_that_the_code_declares(database_url: str) -> None:
    assert drift(database_url, metadata) == []


def stored(connection: Connection, *numbers: str, due: int | None = None, until: int = 0, **fields: Any) -> None:
    """Cases free and due as said."""
    for number in numbers:
        case = Case(
            *(number, "spiffe://ningbo.clearance/broker/3104980001", number, State.IN_PROGRESS, 1, b"\x01" * 32),
            *(POLICY, Commitment(24, "COMMIT-SEA", NOW), "", NOW, NOW),
        )
        for name, value in fields.items():
            setattr(case, name, value)
        insert_cases(connection, [(case, Hold("one" if until else "", until, due, 1))])


def test_cases_are_read_as_they_were_written(connection: Connection) -> None:
    stored(connection, "310020040A", "310020040B")
    found = load_cases(connection, ["310020040B", "310020040A", "310020049Z"], lock=True)
    assert sorted(found) == ["310020040A", "310020040B"]
    case = found["310020040A"]
    assert (case.state, case.policy, case.digest, case.epoch) == (State.IN_PROGRESS, POLICY, b"\x01" * 32, 1)


def test_whoever_lost_the_case_can_write_nothing(connection: Connection) -> None:
    stored(connection, "310020040A")
    mine = load_cases(connection, ["310020040A"])["310020040A"]
    assert claim_due(connection, "two", NOW, MINUTE, 5) == []
    wake_cases(connection, ["310020040A"], NOW)
    assert claim_due(connection, "two", NOW, MINUTE, 5) == ["310020040A"]
    with pytest.raises(FencedOff):
        update_cases(connection, [(mine, mine, Hold("one", NOW + MINUTE, None, 2))])


def test_due_cases_are_claimed_once_urgent_ones_first(connection: Connection) -> None:
    stored(connection, "310020040A", "310020040B", due=NOW - 5)
    stored(connection, "310020040C", due=NOW, urgent=True)
    stored(connection, "310020040D", due=NOW + MINUTE)
    stored(connection, "310020040E")
    assert claim_due(connection, "one", NOW, MINUTE, 2) == ["310020040C", "310020040A"]
    assert claim_due(connection, "two", NOW, MINUTE, 9) == ["310020040B"]
    assert claim_due(connection, "two", NOW, MINUTE, 9) == []
    later = NOW + MINUTE + 1
    assert sorted(claim_due(connection, "three", later, MINUTE, 9)) == [
        *("310020040A", "310020040B", "310020040C", "310020040D"),
    ], "a lease that has ended is anybody's"


def test_a_case_woken_while_it_is_held_is_due_when_its_lease_ends(connection: Connection) -> None:
    stored(connection, "310020040A", due=NOW + MINUTE, until=NOW + MINUTE)
    assert wake_cases(connection, ["310020040A", "310020049Z"], NOW) == {"310020040A"}
    assert claim_due(connection, "two", NOW, MINUTE, 9) == []
    assert claim_due(connection, "two", NOW + MINUTE, MINUTE, 9) == ["310020040A"]


def test_parked_cases_are_claimed_by_their_agency(connection: Connection) -> None:
    put, parked = (Ask("customs", "assess", 1, state, due_time=NOW) for state in (AskState.PUT, AskState.PARKED))
    stored(connection, "310020040A", asks=(put,))
    stored(connection, "310020040B", asks=(put._replace(state=AskState.ANSWERED),))
    becomes(connection, "310020040A", asks=(parked._replace(park_reason="超时"),))
    assert load_cases(connection, ["310020040A"])["310020040A"].asks == (parked._replace(park_reason="超时"),)
    assert parked_at(connection) == {"customs"}
    assert claim_parked(connection, "port", "one", NOW, MINUTE, 9) == []
    assert claim_parked(connection, "customs", "one", NOW - 1, MINUTE, 9) == []
    assert claim_parked(connection, "customs", "one", NOW, MINUTE, 9) == ["310020040A"]
    assert claim_parked(connection, "customs", "two", NOW, MINUTE, 9) == [], "held"
    becomes(connection, "310020040A", asks=(put,))
    assert parked_at(connection) == set()


def test_asks_whose_request_ids_were_derived_otherwise_are_not_read() -> None:
    text = to_text((Ask("customs", "assess", 1),))
    assert from_text(text) == (Ask("customs", "assess", 1),)
    with pytest.raises(ValueError, match="derivation 2; this gateway knows 1"):
        from_text(text.replace("[1,", "[2,", 1))


def becomes(connection: Connection, number: str, **fields: Any) -> None:
    before = load_cases(connection, [number])[number]
    update_cases(connection, [(before, before.changed(**fields), Hold("", 0, None, 2))])


def test_a_replica_that_starts_again_frees_what_it_held_and_nobody_elses(connection: Connection) -> None:
    stored(connection, "310020040A", due=NOW + MINUTE, until=NOW + MINUTE)
    assert reclaim(connection, "two", NOW) == 0
    assert reclaim(connection, "one", NOW) == 1
    assert load_cases(connection, ["310020040A"])["310020040A"].epoch == 2
    assert claim_due(connection, "two", NOW, MINUTE, 9) == ["310020040A"]


def test_one_replica_at_a_time_has_a_duty(connection: Connection) -> None:
    names = ["follow:customs", "tell:customs"]
    assert take_duties(connection, names, "one", NOW, MINUTE) == dict.fromkeys(names, 1)
    assert take_duties(connection, names, "two", NOW, MINUTE) == {}
    assert take_duties(connection, names, "one", NOW + 5, MINUTE) == dict.fromkeys(names, 1)
    after = NOW + 5 + MINUTE
    assert take_duties(connection, names, "two", after, MINUTE) == dict.fromkeys(names, 2)
    assert not holds_duty(connection, names[0], 1)
    assert holds_duty(connection, names[0], 2)
    leave_duties(connection, "two")
    assert take_duties(connection, names, "one", after, MINUTE) == dict.fromkeys(names, 3)


def test_changes_are_counted_without_gaps(connection: Connection) -> None:
    assert last_change(connection) == 0
    assert [take_changes(connection, 3), take_changes(connection, 1)] == [1, 4]
    assert last_change(connection) == 4


def test_rows_are_found_by_one_column_or_several(connection: Connection) -> None:
    stored(connection, "310020040A", "310020040B")
    assert rows_in(connection, cases, ("number",), ("number",), []) == []
    by_number = rows_in(connection, cases, ("reference",), ("number",), ["310020040B", "310020049'Z"])
    assert [tuple(row) for row in by_number] == [("310020040B",)]
    keys = [("310020040A", 1), ("310020040B", 2)]
    by_both = rows_in(connection, cases, ("number", "version"), ("number", "version"), keys)
    assert [tuple(row) for row in by_both] == [("310020040A", 1)]


def test_leases_are_judged_by_the_databases_clock_where_replicas_share_a_server(connection: Connection) -> None:
    moment = lease_now(connection, NOW)
    assert (moment == NOW) == (connection.dialect.name == "sqlite")
    assert moment >= NOW


def test_a_drivers_error_is_told_as_sqlalchemys(connection: Connection) -> None:
    with pytest.raises(DBAPIError):
        run(connection, "SELECT nothing FROM nowhere")


def test_a_broken_constraint_is_told_as_such(connection: Connection) -> None:
    stored(connection, "310020040A")
    with pytest.raises(IntegrityError):
        stored(connection, "310020040A")


async def test_a_connection_that_the_server_cut_is_replaced(runtime: Any) -> None:
    server = postgres_server()
    url = server.database("gateway.migrations")
    database = Database(url, runtime, connections=1)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await database.write(run, "SELECT pg_terminate_backend(pg_backend_pid())")
        assert await database.write(last_change) == 0
    await database.close()
    server.drop(url)
