"""At the gate, on both databases: orders that two officers gave by hand (人工放行), told as the gateway does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.refusals import OrderUnverified
from clearance.agency.v1.agency_service_pb2 import Outcome
from clearance.common.v1.order_pb2 import EmergencyBasis, ManualBasis
from port.operations.gate import Gate, report_gate_outs

from .gating import CSQU, NOW, NUMBER, consignment, out, report

WEI, FANG = "spiffe://ningbo.clearance/operator/li-wei", "spiffe://ningbo.clearance/operator/wang-fang"
HOUR = timedelta(hours=1)
Change = Callable[[ManualBasis], None]


def basis(*changes: Change) -> ManualBasis:
    """Li Wei proposed it half an hour ago, Wang Fang ordered it just now: customs had not answered."""
    now = datetime.now(UTC)
    made = ManualBasis(proposer=WEI, confirmer=FANG, reason_code="SYSTEM_OUTAGE", paper_order_number="NB-2004-88")
    made.propose_time.FromDatetime(now - HOUR / 2)
    made.confirm_time.FromDatetime(now - timedelta(seconds=1))
    made.absent_agencies.append("customs")
    for change in changes:
        change(made)
    return made


def in_emergency(*changes: Callable[[EmergencyBasis], None]) -> Change:
    """Under an emergency in force: the second of at most three releases, 60 of at most 100."""

    def add(made: ManualBasis) -> None:
        now, under = datetime.now(UTC), made.emergency
        under.emergency_number, under.fallback_number = "F310020040001", "F310020040001-0002"
        under.declarer, under.second_declarer = FANG, WEI
        under.begin_time.FromDatetime(now - HOUR)
        under.end_time.FromDatetime(now + HOUR)
        under.ordinal, under.most_releases = 2, 3
        under.currency_code, under.minor_units = "CNY", 40
        under.used_minor_units, under.most_minor_units, under.guarantee_reference = 60, 100, "保函-17"
        for change in changes:
            change(under)

    return add


def told(order_gateway: Any, manual: ManualBasis, **changes: Any) -> Outcome:
    """The release told as the gateway tells it, resting on the decisions of all but customs."""
    order = order_gateway.order(NUMBER, 1, consignment(), manual=manual, **changes)
    kept = [each for each in order.decisions if each.agency != "customs"]
    del order.decisions[:]
    order.decisions.extend(kept)
    return order_gateway.outcome(NUMBER, 1, Outcome.KIND_RELEASED, *order_gateway.sign(order))  # type: ignore[no-any-return]


def why(connection: Connection, gate: Gate) -> str:
    """What keeps the box."""
    [answer] = report_gate_outs(connection, gate, [report(CSQU)], NOW)
    assert isinstance(answer, OrderUnverified)
    assert answer.metadata["rule_id"] == "POR-512"
    return answer.metadata["flaw"]


@pytest.mark.parametrize("manual", [basis(), basis(in_emergency())], ids=["by hand", "in an emergency"])
def test_goods_leave_on_the_word_of_two_officers(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any, manual: ManualBasis
) -> None:
    port(told(order_gateway, manual))
    assert out(connection, gate, report(CSQU)) == [CSQU]


def one_officer(made: ManualBasis) -> None:
    made.confirmer = WEI


def a_broker(made: ManualBasis) -> None:
    made.confirmer = "spiffe://ningbo.clearance/broker/3104980001"


def of_another_district(made: ManualBasis) -> None:
    made.confirmer = "spiffe://hangzhou.clearance/operator/wang-fang"


def nobody_absent(made: ManualBasis) -> None:
    del made.absent_agencies[:]


def without_paper(made: ManualBasis) -> None:
    made.paper_order_number = ""


def ordered_tomorrow(made: ManualBasis) -> None:
    made.confirm_time.FromDatetime(datetime.now(UTC) + 24 * HOUR)


def for_inspection(made: ManualBasis) -> None:
    made.absent_agencies.append("inspection")


def ended(under: EmergencyBasis) -> None:
    under.end_time.FromDatetime(datetime.now(UTC) - HOUR / 4)


def one_too_many(under: EmergencyBasis) -> None:
    under.ordinal = 4


def too_much(under: EmergencyBasis) -> None:
    under.used_minor_units = 101


def declared_alone(under: EmergencyBasis) -> None:
    under.second_declarer = under.declarer


def without_guarantee(under: EmergencyBasis) -> None:
    under.guarantee_reference = ""


def numbered_as_any_other(under: EmergencyBasis) -> None:
    under.fallback_number = "310020040001"


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (one_officer, "one officer"),
        (a_broker, "two officers"),
        (of_another_district, "two officers"),
        (nobody_absent, "names no agency"),
        (without_paper, "paper"),
        (ordered_tomorrow, "after it was issued"),
        (for_inspection, "no officer stands in for inspection"),
        (in_emergency(ended), "not in force"),
        (in_emergency(one_too_many), "in number"),
        (in_emergency(too_much), "in amount"),
        (in_emergency(declared_alone), "not declared by two"),
        (in_emergency(without_guarantee), "on a guarantee"),
        (in_emergency(numbered_as_any_other), "no fallback number"),
    ],
    ids=lambda given: given.__name__ if callable(given) else "",
)
def test_an_order_by_hand_that_is_not_in_order_lets_nothing_out_though_the_gateway_signed_it(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any, change: Change, flaw: str
) -> None:
    gate = replace(gate, never_absent=frozenset({"inspection", "port"}))
    port(told(order_gateway, basis(change)))
    assert flaw in why(connection, gate)


def test_a_port_may_obey_no_orders_by_hand_at_all(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    port(told(order_gateway, basis()))
    assert "lets nothing out by hand" in why(connection, replace(gate, accepts_by_hand=False))


def test_an_order_by_hand_that_nobody_signed_or_about_another_version_lets_nothing_out(
    connection: Connection, gate: Gate, port: Any, order_gateway: Any
) -> None:
    forged = told(order_gateway, basis())
    forged.order_signature = forged.order_signature[:-1] + b"?"
    port(forged)
    assert out(connection, gate, report(CSQU)) == [OrderUnverified]
    port(replace_number(told(order_gateway, basis(), version=1)))
    assert out(connection, gate, report(CSQU, 2)) == [OrderUnverified]


def replace_number(outcome: Outcome) -> Outcome:
    """An order for version 1, told as order 2 about version 2."""
    outcome.order_number, outcome.version = 2, 2
    return outcome
