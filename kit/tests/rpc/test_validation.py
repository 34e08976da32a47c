"""Form: rules of the contract and of text, message by message."""

import time
from typing import Any

import pytest

from agencykit.refusals import FormInvalid
from agencykit.rpc.quick_form import certainly_well_formed
from agencykit.rpc.text import text_violations
from agencykit.rpc.validation import validate, validate_items, violations
from clearance.agency.v1.agency_service_pb2 import AssessConsignmentsRequest, AssessmentItem
from clearance.common.v1.consignment_pb2 import Consignment
from clearance.common.v1.decision_pb2 import Decision

BIDI = "turned\u202eback"
DECOMPOSED = "Zu\u0308rich"


def consignment() -> Consignment:
    """Three items, as most submissions have about that many."""
    made = Consignment(
        reference="LRN-2004-17",
        direction=Consignment.DIRECTION_IMPORT,
        declaration_type=Consignment.DECLARATION_TYPE_STANDARD,
        broker_licence="3104980001",
        customs_district_code="3104",
        port_code="CNBLG",
        trade_mode_code="0110",
        transport_document_number="COSU6001234560",
    )
    made.trader.name, made.trader.identifier = "宁波甬江进出口有限公司", "3302960001"
    made.consignor.name = "Hansa Handels GmbH"
    made.border_transport.identification = "9176187"
    made.invoice_total.currency_code, made.invoice_total.minor_units = "EUR", 1_200_000
    for number in (1, 2, 3):
        item = made.items.add(number=number, commodity_code="73182100", description="弹簧垫圈 spring washers")
        item.origin_country_code = "DE"
        item.gross_mass_kg, item.net_mass_kg = 120.5, 118.0
        item.value.currency_code, item.value.minor_units = "EUR", 400_000
        item.packages.add(type_code="CT", count=12, marks="N/M")
        item.documents.add(type_code="N935", number=f"INV-17-{number}")
    return made


def found(message: Any) -> set[tuple[str, str]]:
    return {(broken.path, broken.rule) for broken in violations(message)}


def test_a_good_consignment_has_no_violation() -> None:
    validate(consignment())


def test_two_currencies_in_one_invoice_total_are_refused() -> None:
    bad = consignment()
    bad.items[1].value.currency_code = "USD"
    assert found(bad) == {("", "consignment.invoice_one_currency")}


@pytest.mark.parametrize("count", [0, 1000, 10_000])
def test_no_items_and_too_many_are_refused(count: int) -> None:
    bad = consignment()
    del bad.items[:]
    for number in range(count):
        bad.items.add(number=number % 999 + 1)
    paths = {path for path, _ in found(bad)}
    assert "items" in paths


def test_text_is_looked_at_wherever_it_stands_and_all_is_told_at_once() -> None:
    bad = consignment()
    bad.trader.name = DECOMPOSED
    bad.consignor.address_lines.extend(["Kai 1", DECOMPOSED])
    bad.items[2].packages[0].marks = "\u061c"
    bad.items[0].documents[0].number = BIDI
    assert found(bad) == {
        ("trader.name", "text.normalised"),
        ("consignor.address_lines[1]", "text.normalised"),
        ("items[2].packages[0].marks", "text.direction"),
        ("items[0].documents[0].number", "string.pattern"),
    }


def test_maps_are_looked_at_and_their_keys_are_not_told() -> None:
    decision = Decision()
    decision.findings.add().parameters["a\u202eb"] = DECOMPOSED
    assert {(broken.path, broken.rule) for broken in text_violations(decision)} == {
        ('findings[0].parameters["…"]', "text.direction"),
        ('findings[0].parameters["…"]', "text.normalised"),
    }


@pytest.mark.parametrize("seconds", [2**62, 253_402_300_800, -62_135_596_801])
def test_a_time_that_no_calendar_has_is_refused_at_the_door(seconds: int) -> None:
    bad = consignment()
    bad.arrival_time.seconds = seconds
    bad.loading_time.nanos = -1
    assert found(bad) == {("arrival_time", "timestamp.range"), ("loading_time", "timestamp.range")}


@pytest.mark.parametrize("seconds", [253_402_300_799, -62_135_596_800, 0])
def test_every_time_of_the_calendar_passes(seconds: int) -> None:
    good = consignment()
    good.arrival_time.seconds = seconds
    assert certainly_well_formed(good)
    assert found(good) == set()


def test_no_violation_repeats_the_value() -> None:
    bad = consignment()
    bad.trader.name = "秘密\0" + "长" * 300
    bad.reference = "ref with blanks and more than twenty-two characters"
    told = str([(broken.message, broken.path, broken.rule) for broken in violations(bad)])
    assert "秘密" not in told
    assert "blanks" not in told


def test_items_that_the_contract_leaves_to_the_handler_are_validated_by_themselves() -> None:
    request = AssessConsignmentsRequest(items=[AssessmentItem(clearance_number=BIDI), AssessmentItem(request_id="17")])
    validate(request)
    first, second = validate_items(request.items)
    assert isinstance(first, FormInvalid)
    assert isinstance(second, FormInvalid)
    assert {broken.path for broken in second.violations} >= {"request_id", "clearance_number", "consignment_digest"}


def test_a_batch_without_items_is_refused() -> None:
    with pytest.raises(FormInvalid):
        validate(AssessConsignmentsRequest())


@pytest.mark.alone
def test_looking_at_a_good_message_is_cheap() -> None:
    """A budget with room for a busy machine; measured 15-40 µs on a slow one."""
    message = consignment()
    assert certainly_well_formed(message)
    best = float("inf")
    for _ in range(5):
        begun = time.thread_time()
        for _ in range(500):
            violations(message)
        best = min(best, (time.thread_time() - begun) / 500)
    assert best < 120e-6
