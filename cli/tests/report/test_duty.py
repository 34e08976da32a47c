"""The highest duty in words."""

from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import duty_service_pb2 as service
from tongguan.console import PlainConsole
from tongguan.report.duty import duty_lines


def said(found: service.HighestDuty) -> str:
    console = PlainConsole(width=160)
    with console.capture() as told:
        console.print(*duty_lines(found))
    return told.get()


def test_the_most_that_may_fall_due_stands_beside_what_is_assessed() -> None:
    found = service.HighestDuty(
        items=[
            service.ItemDuty(item_number=3, commodity_prefix="8703", value_fen=100, duty_fen=4_711, vat_fen=8_150_000)
        ],
        total=Money(currency_code="CNY", minor_units=8_154_711),
        assessed=Money(currency_code="CNY", minor_units=3_380_670),
    )
    text = said(found)
    assert "8703" in text
    assert "at most 81547.11 CNY, 33806.70 CNY as declared" in text


def test_what_has_no_bound_is_told_and_no_sum() -> None:
    lacking = service.UnboundedItem(item_number=2, missing=service.UnboundedItem.MISSING_NET_MASS)
    text = said(service.HighestDuty(unbounded_items=[lacking]))
    assert text.strip() == "item 2 has no bound: net mass"
