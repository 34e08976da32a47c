"""At the gate, on both databases: real orders, signed and told as the gateway does, and what leaves against them."""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.decisions.completeness import Complete
from agencykit.decisions.messages import told
from agencykit.decisions.outcomes import record_outcomes
from agencykit.decisions.requests import Claim
from agencykit.decisions.tables import consignments
from agencykit.evidence.certificates import key_id_of
from agencykit.identity import Identity
from agencykit.refusals import NotFound, NotReleased, OrderUnverified, OutOfScope, Refusal, RequestIdReused
from agencykit.storage.bulk import insert_rows
from agencykit.testing.consignments import sea_import
from agencykit.testing.running import DISTRICT, certificates, tls_files
from agencykit.testing.statements import statements_of
from clearance.agency.v1.agency_service_pb2 import Outcome
from port.domain.gate import Report, Way
from port.operations import lodging
from port.operations.clerk import look_up
from port.operations.gate import Gate, Reported, report_gate_outs
from port.operations.releases import Readers
from port.rpc.readers import Prover, read_goods, read_scope
from port.storage.releases import GateOut, exits_after

NOW = 1_100_660_000_000_000
NUMBER = "310020041117AAAA"
TERMINAL, CSQU, MSKU = "operator/terminal", "CSQU3054383", "MSKU1234565"
_ids = count(1)


def consignment(number: str = NUMBER) -> bytes:
    """A sea import in two boxes, under the bill of lading HLCU<number>."""
    made = sea_import(number)
    made.containers.add(number=MSKU)
    return made.SerializeToString(deterministic=True)


@pytest.fixture
def gate() -> Gate:
    gateway = Identity.of_district(DISTRICT, "gateway")
    tls_files("gateway", signs=True)
    authorities = (certificates() / "ca.pem").read_bytes()
    return Gate(str(gateway), 60, Readers(Prover(gateway, authorities), read_goods, read_scope))


@pytest.fixture
def port(connection: Connection, order_gateway: Any) -> Callable[..., None]:
    """Tells the port outcomes, with the word that these are all, and the consignments they are about."""

    def tell(*outcomes: Outcome) -> None:
        rows = [_assessed(number) for number in {each.clearance_number for each in outcomes}]
        names = ("clearance_number", "version", "digest", "consignment", "originator", "accept_time",
                 "traceparent", "tracestate", "create_time")  # fmt: skip
        insert_rows(connection, consignments, rows, columns=names, on_conflict="ignore")
        for each in outcomes:
            each.request_id = f"outcome-{next(_ids)}"
        certificate = order_gateway.signer.certificate
        complete = Complete(order_gateway.identity, NOW, [(key_id_of(certificate), certificate)])
        record_outcomes(connection, [told(each, order_gateway.identity) for each in outcomes], complete, NOW)

    return tell


def _assessed(number: str) -> tuple[Any, ...]:
    content = consignment(number)
    return number, 1, sha256(content).digest(), content, "spiffe://ningbo.clearance/broker/1", NOW, "", "", NOW


def report(container: str, order: int = 1, number: str = NUMBER, terminal: str = "") -> Reported:
    request_id = f"report-{next(_ids)}"
    claim = Claim("gate_out", TERMINAL, request_id, f"{container} {order} {number}".encode(), number)
    return Reported(claim, Report(number, order, container, Way.GATE), NOW, "G-4", "浙B12345", terminal)


def out(connection: Connection, gate: Gate, *reports: Reported, now: int = NOW) -> list[Any]:
    """The answers: the container that left, or why it stays."""
    answers = report_gate_outs(connection, gate, reports, now)
    return [answer.subject if isinstance(answer, GateOut) else type(answer) for answer in answers]


def test_goods_leave_against_a_verified_release_and_the_last_box_ends_it(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(MSKU), report(CSQU)) == [MSKU, CSQU]
    exits = exits_after(connection, 0, 10)
    assert [(each.subject, bool(each.last), each.document) for each in exits] == [
        (MSKU, False, f"HLCU{NUMBER}"),
        (CSQU, True, f"HLCU{NUMBER}"),
    ]
    assert [each.position for each in exits_after(connection, exits[0].position, 10)] == [exits[1].position]


def test_a_report_repeated_is_answered_as_it_was_recorded_and_never_with_other_content(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()))
    first = report(CSQU)
    [recorded] = report_gate_outs(connection, gate, [first], NOW)
    [again, within] = report_gate_outs(connection, gate, [first, first], NOW + 90_000_000)
    assert recorded == again == within
    other = replace(first, claim=replace_digest(first.claim))
    assert out(connection, gate, other) == [RequestIdReused]


def replace_digest(claim: Claim) -> Claim:
    return Claim(claim.resource, claim.scope, claim.request_id, b"other content", claim.clearance_number)


def test_a_stop_order_told_before_the_gate_keeps_the_goods_and_a_new_release_lets_them_go(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()), order_gateway.outcome(NUMBER, 2, Outcome.KIND_STOPPED))
    assert out(connection, gate, report(CSQU, 1), report(CSQU, 2)) == [NotReleased, NotReleased]
    port(order_gateway.release(NUMBER, 3, consignment()))
    assert out(connection, gate, report(CSQU, 3)) == [CSQU]


def test_a_release_told_late_after_its_stop_lets_nothing_out(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.outcome(NUMBER, 2, Outcome.KIND_STOPPED))
    port(order_gateway.release(NUMBER, 1, consignment()))
    assert out(connection, gate, report(CSQU, 1)) == [NotReleased]


def test_part_of_the_goods_is_released_by_scope(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment(), "MSKU 123456-5"))
    assert out(connection, gate, report(CSQU), report(MSKU)) == [OutOfScope, MSKU]
    assert not exits_after(connection, 0, 10)[0].last


def test_an_order_that_is_not_proved_lets_nothing_out(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    content, signature = order_gateway.sign(order_gateway.order(NUMBER, 1, consignment()))
    port(order_gateway.outcome(NUMBER, 1, Outcome.KIND_RELEASED, content, signature[:-1] + b"?"))
    assert out(connection, gate, report(CSQU)) == [OrderUnverified]


def test_a_hold_on_one_box_keeps_that_box(connection: Connection, gate: Gate, port: Any, order_gateway: Any) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()))
    lodging.place_holds(connection, [{"id": "H-3", "subject": CSQU, "reason": "storage unpaid", "lifted": False}])
    [stays, left] = report_gate_outs(connection, gate, [report(CSQU), report(MSKU)], NOW)
    assert isinstance(stays, Refusal)
    assert (stays.reason, stays.metadata["holds"]) == ("GOODS_HELD", "H-3")
    assert isinstance(left, GateOut)
    assert [hold.id for hold in look_up(connection, gate.readers, NUMBER, "").holds] == ["H-3"]


def test_a_terminal_speaks_of_its_own_goods_only(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()))
    lodging.report_arrivals(
        connection, [{"document": f"HLCU{NUMBER}", "arrive_time": NOW, "terminal_code": "BEILUN-2"}]
    )
    assert out(connection, gate, report(CSQU, terminal="BEILUN-3")) == [NotFound]
    with pytest.raises(NotFound):
        look_up(connection, gate.readers, NUMBER, "BEILUN-3")
    assert out(connection, gate, report(CSQU, terminal="BEILUN-2")) == [CSQU]
    standing = look_up(connection, gate.readers, NUMBER, "BEILUN-2")
    assert (standing.terminal, [each.subject for each in standing.exits]) == ("BEILUN-2", [CSQU])


def test_a_batch_costs_one_query_for_each_table(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    numbers = [f"310020041117{place:04d}" for place in range(20)]
    port(*(order_gateway.release(number, 1, consignment(number)) for number in numbers))
    with statements_of(connection) as statements:
        assert out(connection, gate, *(report(CSQU, number=number) for number in numbers)) == [CSQU] * 20
    assert sum(statement.lstrip().startswith("SELECT") for statement in statements) <= 10
