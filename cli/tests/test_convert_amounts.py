"""Values and masses: whole minor units, kilograms, and what is neither is left out and listed."""

import pytest

from .declarations import notes, reason, replaced


def test_missing_code_mass_and_value_stay_missing(convert, shellfish):
    text = replaced(
        shellfish,
        ("<Classification><ID>030711</ID><IdentificationTypeCode>HS</IdentificationTypeCode></Classification>", ""),
        ("<NetNetWeightMeasure>1100</NetNetWeightMeasure>", ""),
        ('<InvoiceLine><ItemChargeAmount currencyID="EUR">12300</ItemChargeAmount></InvoiceLine>', ""),
    )
    oysters = convert(text).submission.consignment.items[1]
    assert oysters.commodity_code == ""
    assert not oysters.HasField("net_mass_kg")
    assert not oysters.HasField("value")


def test_a_missing_price_is_the_statistical_value_and_that_is_said(convert, shellfish):
    text = replaced(
        shellfish, ('<InvoiceLine><ItemChargeAmount currencyID="EUR">8400.45</ItemChargeAmount></InvoiceLine>', "")
    )
    converted = convert(text)
    assert converted.submission.consignment.items[0].value.minor_units == 800000
    assert notes(converted.report, "items[0].value") == ["the statistical value, because no item price is declared"]


def test_the_value_for_customs_comes_after_the_statistical_value(convert, shellfish):
    customs = '<CustomsValueAmount currencyID="CNY">63000</CustomsValueAmount>'
    text = replaced(
        shellfish,
        ('<InvoiceLine><ItemChargeAmount currencyID="EUR">8400.45</ItemChargeAmount></InvoiceLine>', ""),
        ('<StatisticalValueAmount currencyID="EUR">8000</StatisticalValueAmount>', customs),
    )
    converted = convert(text)
    assert converted.submission.consignment.items[0].value.minor_units == 6300000
    assert notes(converted.report, "items[0].value") == ["the value for customs, because no item price is declared"]


@pytest.mark.parametrize(
    ("currency", "amount", "minor_units"),
    [("JPY", "1250000", 1250000), ("KWD", "1.234", 1234), ("GBP", "0.10", 10), ("USD", "12.300", 1230)],
)
def test_values_are_whole_minor_units_of_their_currency(convert, shellfish, currency, amount, minor_units):
    text = replaced(shellfish, ('currencyID="EUR">8400.45', f'currencyID="{currency}">{amount}'))
    value = convert(text).submission.consignment.items[0].value
    assert (value.currency_code, value.minor_units) == (currency, minor_units)


def test_two_decimals_are_assumed_for_an_unknown_currency_and_that_is_said(convert, shellfish):
    converted = convert(replaced(shellfish, ('currencyID="EUR">8400.45', 'currencyID="ZZQ">8400.45')))
    value = converted.submission.consignment.items[0].value
    assert (value.currency_code, value.minor_units) == ("ZZQ", 840045)
    assert notes(converted.report, "items[0].value") == [
        "2 decimals, because ZZQ is not a currency of ISO 4217 with minor units"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("8400.45", "8400.455", "not a whole number of minor units of EUR"),
        ('currencyID="EUR">8400.45', 'currencyID="JPY">8400.45', "minor units of JPY, which has 0 decimals"),
        ("8400.45", "8,400.45", "not an amount"),
        (' currencyID="EUR">8400.45', ">8400.45", "names no currency"),
        ("8400.45", "9" * 20, "not a whole number of minor units"),
    ],
)
def test_an_amount_that_would_have_to_be_rounded_or_guessed_is_left_out(convert, shellfish, old, new, expected):
    converted = convert(replaced(shellfish, (old, new)))
    assert not converted.submission.consignment.items[0].HasField("value")
    path = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/Commodity/InvoiceLine/ItemChargeAmount"
    assert expected in reason(converted.report, path)


def test_an_invoice_total_in_another_currency_gives_way_to_the_items(convert, shellfish):
    converted = convert(replaced(shellfish, ('<InvoiceAmount currencyID="EUR">', '<InvoiceAmount currencyID="USD">')))
    assert not converted.submission.consignment.HasField("invoice_total")
    assert reason(converted.report, "Declaration/InvoiceAmount") == "items are valued in another currency"


@pytest.mark.parametrize(
    ("old", "new", "field", "path"),
    [
        (">4030.5<", ">heavy<", "gross_mass_kg", "Commodity/GoodsMeasure/GrossMassMeasure"),
        (">4030.5<", ">-1<", "gross_mass_kg", "Commodity/GoodsMeasure/GrossMassMeasure"),
        (">4000<", ">1e3<", "net_mass_kg", "Commodity/GoodsMeasure/NetNetWeightMeasure"),
        (">4000<", " unitCode='MTR'>4000<", "net_mass_kg", "Commodity/GoodsMeasure/NetNetWeightMeasure"),
        (">4000<", ">2000000000<", "net_mass_kg", "Commodity/GoodsMeasure/NetNetWeightMeasure"),
    ],
)
def test_a_mass_that_is_none_is_missing_and_listed(convert, shellfish, old, new, field, path):
    converted = convert(replaced(shellfish, (old, new)))
    assert not converted.submission.consignment.items[0].HasField(field)
    assert reason(converted.report, f"Declaration/GoodsShipment/GovernmentAgencyGoodsItem[1]/{path}")
