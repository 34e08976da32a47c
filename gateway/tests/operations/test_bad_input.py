"""Bad input is told with every violation at once, names no value, and leaves nothing behind."""

from collections.abc import Callable
from typing import Any

import pytest

from agencykit.refusals import FormInvalid, NotFound
from clearance.common.v1.consignment_pb2 import Consignment

SECRET = "NINGBO-SECRET-7"


def unknown_enum(consignment: Consignment) -> None:
    # Proto3 enums are open: the wire carries any number.
    consignment.MergeFromString(b"\x10\x63")


def nul_in_a_name(consignment: Consignment) -> None:
    consignment.trader.name = f"{SECRET}\x00"


def direction_override_in_a_name(consignment: Consignment) -> None:
    consignment.trader.name = f"{SECRET}\u202e"


def decomposed_name(consignment: Consignment) -> None:
    consignment.trader.name = f"{SECRET} e\u0301"


def two_currencies(consignment: Consignment) -> None:
    consignment.invoice_total.currency_code = "USD"
    consignment.items[0].value.currency_code = "EUR"


def no_items(consignment: Consignment) -> None:
    consignment.ClearField("items")


def ten_thousand_items(consignment: Consignment) -> None:
    item = consignment.items[0]
    for number in range(2, 10_001):
        consignment.items.add().CopyFrom(item)
        consignment.items[-1].number = number % 999 + 1


def mass_that_is_no_number(consignment: Consignment) -> None:
    consignment.items[0].gross_mass_kg = float("nan")


FAULTS: tuple[tuple[Callable[[Consignment], None], str], ...] = (
    (unknown_enum, "consignment.direction"),
    (nul_in_a_name, "consignment.trader.name"),
    (direction_override_in_a_name, "consignment.trader.name"),
    (decomposed_name, "consignment.trader.name"),
    (two_currencies, "consignment"),
    (no_items, "consignment.items"),
    (ten_thousand_items, "consignment.items"),
    (mass_that_is_no_number, "consignment.items[0].gross_mass_kg"),
)


@pytest.mark.parametrize(("spoil", "path"), FAULTS, ids=[spoil.__name__ for spoil, _ in FAULTS])
async def test_a_fault_of_form_is_named_by_its_path_and_nothing_is_stored(
    broker: Any, reference: str, make: Any, spoil: Callable[[Consignment], None], path: str
) -> None:
    consignment = make.air_import(reference)
    spoil(consignment)
    with pytest.raises(FormInvalid) as refused:
        await broker.submit(consignment)
    assert path in {violation.path for violation in refused.value.violations}
    assert SECRET not in str(refused.value.violations)
    with pytest.raises(NotFound):
        await broker.get(reference=reference)


async def test_all_faults_are_told_at_once(broker: Any, reference: str, make: Any) -> None:
    consignment = make.air_import(reference)
    for spoil in (unknown_enum, nul_in_a_name, mass_that_is_no_number):
        spoil(consignment)
    with pytest.raises(FormInvalid) as refused:
        await broker.submit(consignment, request_id="not a uuid")
    paths = {violation.path for violation in refused.value.violations}
    expected = {"request_id", "consignment.direction", "consignment.trader.name", "consignment.items[0].gross_mass_kg"}
    assert paths >= expected
