"""Value for customs (完税价格), in fen. Whole numbers throughout; each step rounds half up.

The example takes the invoiced price as the customs value; freight and insurance are for a real tariff.
"""

from datetime import datetime

from customs.domain.consignment import ConsignmentView, Item
from customs.domain.facts import Facts
from customs.domain.reference import Reference

MILLION = 1_000_000
BILLIONTHS_OF_YUAN = 10**9


def half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number, a half going up; neither may be negative."""
    return (2 * numerator + denominator) // (2 * denominator)


def customs_value(item: Item, reference: Reference) -> int | None:
    """Fen; None where no value above zero is declared, no rate is published, or the value is beyond the limit."""
    if not item.value_minor_units or item.value_minor_units < 0:
        return None
    rate = reference.charges.billionths_of_yuan.get(item.currency_code)
    if rate is None:
        return None
    units = 10 ** reference.currency_digits[item.currency_code]
    fen = half_up(item.value_minor_units * rate * 100, units * BILLIONTHS_OF_YUAN)
    return fen if fen <= reference.charges.limit_yuan * 100 else None


def taxes(value: int, duty_rate: int, vat_rate: int) -> tuple[int, int]:
    """Duty and import VAT of a value, all in fen; VAT is of value and duty together. Each is rounded half up."""
    duty = half_up(value * duty_rate, MILLION)
    return duty, half_up((value + duty) * vat_rate, MILLION)


def customs_values(view: ConsignmentView, facts: Facts, moment: datetime) -> list[int | None]:
    """The customs value of each item, in their order; for `Facts.once`."""
    return [customs_value(item, facts.reference) for item in view.items]
