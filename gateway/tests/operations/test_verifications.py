"""What the port does for a home, in the transactions that do it, on both databases."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.refusals import DistrictMismatch, NotFound, StateForbids, Withdrawn
from agencykit.rules import Verdict
from agencykit.storage.engines import make_engine
from agencykit.storage.rows import run
from gateway.domain.commitment import Commitments, Journey
from gateway.domain.decision import Decision
from gateway.domain.exit import Exit
from gateway.domain.policy import ConfiguredAgency, Policy
from gateway.operations.accept import Accepted, Submission, accept
from gateway.operations.amend import Amendment, amend
from gateway.operations.context import Context
from gateway.operations.limits import Limits
from gateway.operations.recover import load_cargos
from gateway.operations.verification.hearing import bar, hear_orders
from gateway.operations.verification.speaking import BATCH, Found, Saying, look, say, speak, stored_place
from gateway.storage.decisions import Received, insert_decisions, read_inbox
from gateway.storage.exits import insert_exits
from gateway.storage.outcomes import Outcome, forget_untold, insert_untold, put_in_outbox
from gateway.storage.verifications import CHANGED, EXITS, exits_after, newest_said, said_after

NOW = 1_100_649_600_000_000
NUMBER, OTHER = "290020040PX7K3M9QZ2B", "290020040PX7K3M9QZ3C"
GATEWAY = "spiffe://hangzhou.clearance/gateway"
CONTENT = b"rivet nuts"
DIGEST = sha256(CONTENT).digest()
POLICY = Policy(
    {"version": "1", "required": [{"agencies": ["border", "port"]}]},
    [ConfiguredAgency(name, f"spiffe://ningbo.clearance/{name}") for name in ("border", "port")],
    {"hangzhou": GATEWAY, "shanghai": "spiffe://shanghai.clearance/gateway"},
)
GIVEN = Decision("hangzhou_customs", 1, 1, Verdict.APPROVED, b"\x05" * 32, signed=b"as signed")


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = make_engine(database_url, connections=1)
    with engine.begin() as opened:
        yield opened
    engine.dispose()


def context() -> Context:
    return Context(
        NOW, "1", POLICY, Commitments("1", ()), Limits(), "ningbo", lambda met, now: [b"asserted"] * len(met)
    )


def submission(number: str = NUMBER, home: str = "hangzhou", version: int = 1) -> Submission:
    way = Journey("import", "sea", "", None, declared_at=home)
    broker, request_id = f"spiffe://{home}.clearance/broker/3301980001", f"{number}-{version}"
    own = (number, request_id, broker, f"HZ-{number}", way, CONTENT, DIGEST, "00-trace")
    return Submission(*own, version=version, given=(GIVEN,))


def approve(connection: Connection, *agencies: str, number: str = NUMBER) -> None:
    decisions = [Decision(agency, 1, 1, Verdict.APPROVED, b"\x01" * 32, record_time=NOW) for agency in agencies]
    insert_decisions(connection, [(number, decision) for decision in decisions])


def order(revision: int, verdict: Verdict, number: str = NUMBER) -> Received:
    decision = Decision("hangzhou", 1, revision, verdict, bytes([revision]) * 32, log=f"gateway/{number}")
    decision.sequence = revision
    return Received(number, decision, DIGEST, GATEWAY)


class Signed:
    """Signs by writing down what was to be signed."""

    def __init__(self) -> None:
        self.said: list[tuple[str, int, str, int]] = []

    def __call__(
        self, home: str, sayings: Sequence[Saying], first: int, head: bytes, now: int
    ) -> tuple[list[bytes], bytes]:
        told = [(home, first + place, each.said.verdict.name, each.said.obeyed) for place, each in enumerate(sayings)]
        self.said += told
        return [f"{each.number} {each.revision}".encode() for each in sayings], bytes([head[0] + 1]) * 32


def speaks(connection: Connection) -> list[tuple[str, int, str, int]]:
    signed = Signed()
    speak(connection, [NUMBER], signed, "port", context())
    return signed.said


def test_what_is_said_is_said_once_in_order_and_read_from_a_position(connection: Connection) -> None:
    accept(connection, [submission(), submission(OTHER)], context())
    assert speaks(connection) == [("hangzhou", 1, "PENDING", 0)]
    assert speaks(connection) == []
    approve(connection, "border", "port")
    assert speaks(connection) == [("hangzhou", 2, "APPROVED", 0)]
    assert said_after(connection, "hangzhou", 1, 9) == [(2, f"{NUMBER} 2".encode())]
    assert said_after(connection, "shanghai", 0, 9) == []
    assert newest_said(connection, [NUMBER, OTHER]) == {NUMBER: (f"{NUMBER} 2".encode(), 1)}


def test_changed_cases_are_found_and_what_was_looked_at_is_left_alone(connection: Connection) -> None:
    assert not look(connection, 0).numbers
    accept(connection, [submission(), submission(OTHER)], context())
    found = look(connection, stored_place(connection))
    signed = Signed()
    assert say(connection, found, signed, "port", context()) == 2
    assert not look(connection, stored_place(connection)).numbers
    assert [(home, place) for home, place, _, _ in signed.said] == [("hangzhou", 1), ("hangzhou", 2)]


def test_a_look_passes_over_cases_that_nobody_has_verified_here_and_looks_at_each_once(connection: Connection) -> None:
    own = [f"{NUMBER[:-3]}{place:03}" for place in range(2 * BATCH)]
    accept(connection, [submission(number, home="") for number in own], context())
    accept(connection, [submission()], context())
    looked: list[Found] = []
    while not looked or looked[-1].more:
        looked.append(look(connection, looked[-1].place if looked else 0))
    assert [sorted(each.numbers) for each in looked] == [[], [], [NUMBER]]
    assert [each.place for each in looked] == [BATCH, 2 * BATCH, 2 * BATCH + 1]


def plan_of(connection: Connection, text: str, parameters: tuple[object, ...]) -> str:
    """How the rows are found, of however many there are."""
    postgresql = connection.dialect.name == "postgresql"
    if postgresql:
        run(connection, "SET LOCAL enable_seqscan = off")
    explained = run(connection, f"EXPLAIN {'' if postgresql else 'QUERY PLAN '}{text}", parameters)
    return " ".join(str(row[-1]) for row in explained)


def test_exits_and_changes_are_found_by_an_index_from_their_place_on(connection: Connection) -> None:
    assert "exits_by_home" in plan_of(connection, EXITS, ("hangzhou", 7, 9))
    assert "cases_by_change" in plan_of(connection, CHANGED, (7, 9))


def test_an_order_to_stop_is_obeyed_once_nothing_is_left_to_tell_the_gate(connection: Connection) -> None:
    accept(connection, [submission()], context())
    approve(connection, "border", "port")
    stop = Outcome(NUMBER, 2, 1, 2, NOW)
    insert_untold(connection, [stop])
    insert_decisions(connection, [(NUMBER, order(2, Verdict.RECALLED).decision)])
    assert speaks(connection) == [("hangzhou", 1, "APPROVED", 0)]
    put_in_outbox(connection, [("port", stop), ("border", stop)], NOW)
    forget_untold(connection, [stop])
    assert look(connection, 99).numbers == {NUMBER}, "it is looked at again"
    assert speaks(connection) == []
    connection.exec_driver_sql("DELETE FROM outbox WHERE agency = 'port'")
    assert speaks(connection) == [("hangzhou", 2, "APPROVED", 2)]
    assert speaks(connection) == []


def test_orders_wake_their_case_and_are_taken_all_or_none(connection: Connection) -> None:
    accept(connection, [submission(), submission(OTHER, "shanghai")], context())
    with pytest.raises(DistrictMismatch):
        hear_orders(connection, "hangzhou", [order(1, Verdict.APPROVED, OTHER)], [], context())
    with pytest.raises(NotFound):
        hear_orders(connection, "hangzhou", [order(1, Verdict.APPROVED, f"{NUMBER[:-1]}9")], [], context())
    for _ in range(2):
        assert hear_orders(connection, "hangzhou", [order(1, Verdict.APPROVED)], [], context()) == 1
    assert [each.decision.revision for each in read_inbox(connection, [NUMBER, OTHER])] == [1]


def test_what_was_withdrawn_before_it_came_is_refused_for_good_and_another_homes_number_too(
    connection: Connection,
) -> None:
    assert bar(connection, NUMBER, "hangzhou", 3)
    assert bar(connection, NUMBER, "hangzhou", 3)
    [refused] = accept(connection, [submission()], context())
    assert isinstance(refused, Withdrawn)
    accept(connection, [submission(OTHER)], context())
    assert not bar(connection, OTHER, "hangzhou", 1)
    [refused] = accept(connection, [submission(OTHER, "shanghai", 2)], context())
    assert isinstance(refused, DistrictMismatch)
    assert speak(connection, [NUMBER], Signed(), "port", context()) == 0


def test_the_ports_agencies_are_given_what_home_decided_also_after_a_restart(connection: Connection) -> None:
    [accepted] = accept(connection, [submission(version=4)], context())
    assert isinstance(accepted, Accepted)
    assert accepted.case is not None
    assert (accepted.case.version, [ask.agency for ask in accepted.case.asks]) == (4, ["border", "port"])
    insert_decisions(connection, [(NUMBER, Decision("hangzhou_customs", 4, 2, 1, b"\x06" * 32, signed=b"newer"))])
    [cargo] = load_cargos(connection, [NUMBER])
    assert cargo.decided == {"hangzhou_customs": b"newer"}


def test_nobody_but_home_amends_what_home_declared(connection: Connection) -> None:
    accept(connection, [submission()], context())
    told = submission(version=2)
    without_home = Journey("import", "sea", "", None)
    for way in (without_home, replace(told.journey, declared_at="shanghai")):
        amendment = Amendment("r-2", told.broker, NUMBER, 1, told.reference, way, b"changed", DIGEST)
        with pytest.raises(StateForbids):
            amend(connection, amendment, context())
    by_home = Amendment("r-3", told.broker, NUMBER, 1, told.reference, told.journey, b"changed", DIGEST)
    cargo = amend(connection, by_home, context())
    assert cargo is not None
    assert cargo.case.policy.declared_at == "hangzhou"


def test_exits_are_told_to_the_home_of_the_goods_alone(connection: Connection) -> None:
    accept(connection, [submission(), submission(OTHER, "shanghai")], context())
    left: list[Any] = [Exit(number, place, 1, 1, "", 1, NOW, True) for place, number in enumerate((OTHER, NUMBER), 7)]
    insert_exits(connection, left, NOW, {NUMBER: "hangzhou", OTHER: "shanghai"})
    assert exits_after(connection, "hangzhou", 0, 9) == [left[1]]
    assert exits_after(connection, "shanghai", 7, 9) == []
