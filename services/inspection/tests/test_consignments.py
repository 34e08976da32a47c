"""What is read out of a declared consignment."""

from datetime import UTC, datetime

from clearance.common.v1.consignment_pb2 import Consignment
from inspection.rpc.consignments import read_consignment


def declared() -> Consignment:
    """An import of three items as brokers lodge it."""
    consignment = Consignment(
        direction=Consignment.DIRECTION_IMPORT,
        dispatch_country_code="NO",
        transport_document_number="HLCUOSL041102207",
    )
    consignment.trader.identifier = " 3302961234"
    consignment.documents.add(type_code="N853", number="GBCHD-202305-1234567 ")
    consignment.documents.add(type_code="Y929")
    for number in (1, 2, 3):
        item = consignment.items.add(number=number, commodity_code="0307.21 10", origin_country_code="NO")
        item.net_mass_kg = 1000.0
        item.producer_identifier = "no-f-0117"
        item.packages.add(type_code="CN", count=500)
        item.packages.add(type_code="8A", count=20)
        item.documents.add(type_code="C640", number="GBCHD2022.2568")
    return consignment


def test_numbers_and_codes_are_folded() -> None:
    view = read_consignment(declared())
    assert (view.trader_identifier, view.items[0].producer_identifier) == ("3302961234", "NO-F-0117")
    assert view.items[0].code == "03072110"
    assert view.documents == (("N853", "GBCHD-202305-1234567"),)


def test_every_kind_of_package_is_read() -> None:
    assert read_consignment(declared()).items[2].package_codes == ("CN", "8A")


def test_what_is_missing_is_empty_or_none() -> None:
    consignment = Consignment()
    consignment.items.add(number=7)
    (item,) = read_consignment(consignment).items
    assert (item.code, item.origin_country_code, item.net_mass_kg, item.documents) == ("", "", None, ())


def test_another_time_of_arrival_is_no_other_consignment() -> None:
    consignment, later = declared(), declared()
    later.arrival_time.FromJsonString("2004-11-29T06:00:00Z")
    view = read_consignment(later)
    assert view.arrive_time == datetime(2004, 11, 29, 6, tzinfo=UTC)
    assert view == read_consignment(consignment)
