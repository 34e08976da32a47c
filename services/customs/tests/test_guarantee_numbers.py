"""Guarantee reference numbers, by the vectors of their standard."""

import pytest

from customs.domain.guarantees.account import Balances, Posting, Side, limit_changed
from customs.domain.guarantees.kinds import Act
from customs.domain.guarantees.numbers import is_grn


@pytest.mark.parametrize(
    ("number", "sound"),
    [
        ("19XX0040191000015", True),
        ("30CH0040191000017", False),
        ("19XX0040191000015A000001", True),
        ("19XX0040191000015A00001", False),
        ("19xx0040191000015", False),
        ("1９XX0040191000015", False),
    ],
)
def test_a_number_is_told_by_form_and_check_digit(number: str, sound: bool) -> None:
    assert is_grn(number) is sound


@pytest.mark.parametrize("units", [0, -1, 101])
def test_no_entry_moves_nothing_backwards_or_more_than_there_is(units: int) -> None:
    with pytest.raises(ValueError, match=str(units)):
        Balances(limit=100, available=100).after(Posting(Act.HOLD, Side.AVAILABLE, Side.HELD, units))


def test_no_balance_goes_beyond_64_bits() -> None:
    most = Balances(limit=2**63 - 1, available=2**63 - 1)
    with pytest.raises(ValueError, match="RAISE_LIMIT"):
        most.after(Posting(Act.RAISE_LIMIT, Side.LIMIT, Side.AVAILABLE, 1))


def test_a_limit_that_comes_back_fills_what_is_short_first() -> None:
    short = Balances(limit=40, held=100, shortfall=60)
    after = short
    for posting in limit_changed(short, 130):
        after = after.after(posting)
    assert after == Balances(limit=130, available=30, held=100)
