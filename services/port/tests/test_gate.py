"""At the gate, on both databases: real orders, signed and told as the gateway does, and what leaves against them."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import Connection

from agencykit.decisions.requests import Claim
from agencykit.identity import Identity
from agencykit.refusals import (
    NotFound,
    NotReleased,
    OrderUnverified,
    OutOfScope,
    RecordPurged,
    Refusal,
    RequestIdReused,
)
from agencykit.storage.rows import run
from agencykit.testing.authority import certificates
from clearance.agency.v1.agency_service_pb2 import Outcome
from port.operations import lodging
from port.operations.clerk import look_up
from port.operations.gate import Gate, report_gate_outs
from port.operations.releases import Readers
from port.rpc.readers import Prover, read_goods, read_scope
from port.storage.places import in_use
from port.storage.releases import GateOut, exits_after, newest_orders

from .gating import CSQU, LOOSE, MSKU, NOW, NUMBER, consignment, out, report


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


def test_an_exit_that_was_purged_is_not_recorded_again(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()))
    told = report(MSKU)
    assert out(connection, gate, told) == [MSKU]
    run(connection, "DELETE FROM gate_outs")
    [answer] = report_gate_outs(connection, gate, [told], NOW)
    assert isinstance(answer, RecordPurged)
    assert exits_after(connection, 0, 10) == []


def test_what_leaves_frees_its_place_in_the_yard_for_good(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()))
    row = {"document": f"HLCU{NUMBER}", "place_code": "BEILUN-2/C07", "assign_time": NOW, "yard": "BEILUN-2/YARD"}
    lodging.assign_places(connection, [row | {"container": container} for container in (CSQU, MSKU)])
    assert in_use(connection, "BEILUN-2/YARD") == 2
    assert out(connection, gate, report(MSKU)) == [MSKU]
    assert in_use(connection, "BEILUN-2/YARD") == 1
    lodging.assign_places(connection, [row | {"container": MSKU}])
    assert in_use(connection, "BEILUN-2/YARD") == 1, "a report that comes late brings nothing back"
    places = look_up(connection, gate.readers, NUMBER, "").places
    assert [(each.container, each.place_code) for each in places] == [(CSQU, "BEILUN-2/C07"), (MSKU, "BEILUN-2/C07")]


def loads(connection: Connection, gate: Gate, *packages: int) -> list[Any]:
    """What left of LOOSE in these loads: (packages, whether the last), or why it stayed."""
    reports = [report("", number=LOOSE, packages=each) for each in packages]
    answers = report_gate_outs(connection, gate, reports, NOW)
    return [(each.packages, bool(each.last)) if isinstance(each, GateOut) else each.reason for each in answers]


def test_loose_goods_leave_load_by_load_and_never_more_than_was_released(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(LOOSE, 1, consignment(LOOSE)))
    assert look_up(connection, gate.readers, LOOSE, "").remaining == 40
    assert loads(connection, gate, 12, 29) == [(12, False), "PACKAGES_EXCEEDED"]
    assert look_up(connection, gate.readers, LOOSE, "").remaining == 28
    assert loads(connection, gate, 20, 8, 1) == [(20, False), (8, True), "STATE_FORBIDS"]
    assert [each.load_number for each in exits_after(connection, 0, 10)] == [1, 2, 3]


def test_what_is_left_of_loose_goods_leaves_by_one_report(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(LOOSE, 1, consignment(LOOSE)))
    assert loads(connection, gate, 12, 0, 0) == [(12, False), (28, True), "STATE_FORBIDS"]


def test_what_was_tallied_less_than_declared_ends_with_the_last_that_is_there(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(LOOSE, 1, consignment(LOOSE)))
    tally = {"document": f"HLCU{LOOSE}", "packages": 38, "gross_mass_kg": 0.0, "tally_time": NOW}
    lodging.report_tallies(connection, [tally])
    assert loads(connection, gate, 39, 30, 8) == ["PACKAGES_EXCEEDED", (30, False), (8, True)]


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


def test_that_a_clearance_was_closed_is_no_order(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    closed = order_gateway.outcome(NUMBER, 2, Outcome.KIND_CLOSED)
    port(order_gateway.release(NUMBER, 1, consignment()), closed)
    assert out(connection, gate, report(CSQU, 1)) == [CSQU]
    assert look_up(connection, gate.readers, NUMBER, "").release.told.name == "RELEASED"


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


def test_an_order_of_a_key_that_was_shut_out_when_the_port_was_told_lets_nothing_go(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(order_gateway.release(NUMBER, 1, consignment()))
    [told] = newest_orders(connection, [NUMBER]).values()
    serial = f"{x509.load_der_x509_certificate(order_gateway.signer.certificate).serial_number:x}"
    gateway, authorities = Identity.parse(gate.gateway), (certificates() / "ca.pem").read_bytes()
    asked: list[tuple[str, str]] = []

    def shut_out_since(moment: int | None) -> Gate:
        def since(identity: str, number: str) -> int | None:
            asked.append((identity, number))
            return moment

        return replace(gate, readers=Readers(Prover(gateway, authorities, since), read_goods, read_scope))

    for moment in (0, told.record_time):
        assert out(connection, shut_out_since(moment), report(CSQU)) == [OrderUnverified]
    assert set(asked) == {(gate.gateway, serial)}
    assert out(connection, shut_out_since(told.record_time + 1), report(CSQU)) == [CSQU]
    assert out(connection, shut_out_since(None), report(MSKU)) == [MSKU]
