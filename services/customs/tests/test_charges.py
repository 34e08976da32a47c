"""Duty, VAT and the late fee, to the fen."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customs.domain.consignment import Direction
from customs.domain.valuation import half_up

IMPORT = {"direction": Direction.IMPORT, "loading_time": None}


def test_duty_and_vat_of_rivet_nuts_are_rounded_half_up_item_by_item(judge: Any) -> None:
    """950,000 pence at 15.10 are 143,450.00 yuan; duty 8 % is 11,476.00; VAT 17 % of the sum 26,337.42."""
    (found,) = judge("CUS-141", view=IMPORT)
    assert (found.amount_minor_units, found.currency_code) == (1_147_600 + 2_633_742, "CNY")
    told = {"items": "1", "duty": "11476.00", "vat": "26337.42", "total": "37813.42", "days": "15"}
    assert found.parameters == told


def test_yen_have_no_smaller_unit(judge: Any) -> None:
    """100,000 yen at 0.0763 are 7,630.00 yuan."""
    (found,) = judge("CUS-141", view=IMPORT, item={"value_minor_units": 100_000, "currency_code": "JPY"})
    assert found.parameters["duty"] == "610.40"


def test_items_are_added_up_and_those_that_owe_nothing_are_not_named(judge: Any) -> None:
    owing, free = {"value_minor_units": 100}, {"value_minor_units": None}
    (found,) = judge("CUS-141", view=IMPORT, items=[owing, free, owing])
    assert found.item_numbers == (1, 3)
    assert found.parameters["items"] == "1, 3"


def test_goods_without_rate_and_value_without_currency_owe_nothing_yet(judge: Any) -> None:
    assert judge("CUS-141", view=IMPORT, item={"code": "77000000"}) == []
    assert judge("CUS-141", view=IMPORT, item={"currency_code": "GBX"}) == []


@pytest.mark.parametrize(
    ("arrival", "days", "fee"),
    [
        (datetime(2004, 11, 8, 0, 0, tzinfo=UTC), 0, 0),  # 14 days before the 22nd: the last free day
        (datetime(2004, 11, 7, 15, 59, tzinfo=UTC), 1, 71),  # the 7th in China
        (datetime(2004, 11, 7, 16, 0, tzinfo=UTC), 0, 0),  # the 8th in China
        (datetime(2004, 10, 29, 0, 0, tzinfo=UTC), 10, 717),
    ],
)
def test_the_late_fee_counts_days_in_china_and_drops_parts_of_a_yuan(
    judge: Any, arrival: datetime, days: int, fee: int
) -> None:
    """Half a thousandth of 143,450 yuan is 71.725 yuan a day."""
    found = judge("CUS-142", view=IMPORT | {"arrival_time": arrival})
    assert [(each.parameters["days"], each.amount_minor_units) for each in found] == [(str(days), fee * 100)] * bool(
        fee
    )


def test_a_late_fee_below_the_minimum_is_not_levied(judge: Any) -> None:
    arrival = {"arrival_time": datetime(2004, 11, 1, tzinfo=UTC)}
    assert judge("CUS-142", view=IMPORT | arrival, item={"value_minor_units": 9_000}) == []


@given(st.integers(0, 10**18), st.integers(1, 10**12))
def test_half_up_is_never_further_than_half_away(numerator: int, denominator: int) -> None:
    error = 2 * (half_up(numerator, denominator) * denominator - numerator)
    assert -denominator < error <= denominator
