"""Payments of what is owed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Charge(IntEnum):
    """What is paid. Numbers are the contract's."""

    DUTY_AND_VAT = 1
    LATE_FEE = 2


@dataclass(frozen=True, slots=True)
class Payment:
    """As its receipt says."""

    clearance_number: str
    charge: Charge
    fen: int
    pay_time: int
    """Microseconds since 1970."""
    receipt_number: str


def balance(entries: Iterable[tuple[int, bool, int]]) -> Mapping[Charge, int]:
    """Fen paid, by charge, of entries (charge, whether it is a reversal, fen)."""
    paid: dict[Charge, int] = {}
    for charge, reversal, fen in entries:
        paid[Charge(charge)] = paid.get(Charge(charge), 0) + (-fen if reversal else fen)
    return paid
