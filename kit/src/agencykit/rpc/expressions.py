"""The contract's CEL expressions over whole messages, written by hand in Python, each beside its own text.

Known by the exact text: a changed expression is an unknown one, which is left to protovalidate. Neither looks at more
than 999 items, as the contract's text does not; the list's own rule refuses more.
"""

from collections.abc import Callable
from typing import Any


def _item_numbers_differ(consignment: Any) -> bool:
    numbers = [item.number for item in consignment.items]
    return len(set(numbers)) == len(numbers)


def _one_currency(consignment: Any) -> bool:
    if not consignment.HasField("invoice_total"):
        return True
    currency = consignment.invoice_total.currency_code
    return all(not item.HasField("value") or item.value.currency_code == currency for item in consignment.items)


EXPRESSIONS: dict[str, Callable[[Any], bool]] = {
    "size(this.items) > 999 || this.items.map(item, item.number).unique()": _item_numbers_differ,
    "size(this.items) > 999 || !has(this.invoice_total) || this.items.all(item, !has(item.value)"
    " || item.value.currency_code == this.invoice_total.currency_code)": _one_currency,
}
