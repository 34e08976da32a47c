"""What is read out of a declared consignment."""

from datetime import UTC, datetime

from clearance.common.v1.consignment_pb2 import Consignment
from customs.rpc.consignments import read_consignment


def declared() -> Consignment:
    """An import of three items as brokers lodge it."""
    consignment = Consignment(
        direction=Consignment.DIRECTION_IMPORT,
        declaration_type=Consignment.DECLARATION_TYPE_STANDARD,
        broker_licence="3104980001",
        trade_mode_code="0110",
        dispatch_country_code="GB",
        total_gross_mass_kg=144.0,
    )
    consignment.trader.identifier, consignment.trader.country_code = "91330200704777777x", "CN"
    consignment.consignor.country_code = "ZN"
    consignment.arrival_time.FromDatetime(datetime(2004, 11, 21, 22, 15, 30, 250_000, tzinfo=UTC))
    consignment.invoice_total.currency_code, consignment.invoice_total.minor_units = "GBP", 2_850_000
    consignment.documents.add(type_code="N935", number="12345/29.01.2021")
    consignment.documents.add(type_code="Y929")
    for number in (1, 2, 3):
        item = consignment.items.add(number=number, commodity_code="7318.16 31", origin_country_code="GB")
        item.net_mass_kg, item.gross_mass_kg = 43.0, 48.0
        item.value.currency_code, item.value.minor_units = "GBP", 950_000
        item.documents.add(type_code="C676", number=" GBCSE150454489082 ")
    return consignment


def test_numbers_and_codes_are_folded() -> None:
    view = read_consignment(declared())
    assert view.items[0].code == "73181631"
    assert view.trader_identifier == "91330200704777777X"
    assert view.items[0].documents == (("C676", "GBCSE150454489082"),)


def test_documents_without_a_number_are_left_out() -> None:
    assert read_consignment(declared()).documents == (("N935", "12345/29.01.2021"),)


def test_countries_keep_the_field_they_stand_in() -> None:
    expected = (("dispatch_country_code", "GB"), ("trader.country_code", "CN"), ("consignor.country_code", "ZN"))
    assert read_consignment(declared()).countries == expected


def test_times_are_exact_and_aware() -> None:
    assert read_consignment(declared()).arrival_time == datetime(2004, 11, 21, 22, 15, 30, 250_000, tzinfo=UTC)


def test_what_is_missing_is_none_and_never_zero() -> None:
    consignment = Consignment()
    consignment.items.add(number=7)
    view = read_consignment(consignment)
    (item,) = view.items
    missing = (view.arrival_time, view.loading_time, view.invoice_minor_units, view.total_gross_mass_kg)
    assert missing == (None, None, None, None)
    assert (item.gross_mass_kg, item.net_mass_kg, item.value_minor_units) == (None, None, None)
    assert (item.code, item.currency_code, item.documents) == ("", "", ())
