"""The highest duty that may fall due (担保金额上限): what a guarantee must cover while something is still open.

Pure: consignment, lists and open questions in, fen out. Each item is taxed as an assessment would tax it, in the worst
way that the open questions leave:

    price            at the heading's highest value for a net kilogram, where that is more than the price declared
    classification   under the line of the schedule (or of the candidates) that costs most
    origin           at the general rate (普通税率), where that is higher
    trade mode       as general trade

A value worked out of mass is rounded up to the fen; duty and VAT are rounded half up, item by item, as always.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from math import ceil

from customs.domain.consignment import ConsignmentView, Item
from customs.domain.reference import Reference, TariffLine
from customs.domain.valuation import customs_value, taxes

LARGEST = 2**63 - 1


class OpenQuestion(IntEnum):
    """Numbers are the contract's."""

    CLASSIFICATION = 1
    ORIGIN = 2
    PRICE = 3
    TRADE_MODE = 4


class Missing(IntEnum):
    """What an item lacks, so that nothing bounds its duty. Numbers are the contract's."""

    COMMODITY_CODE = 1
    NET_MASS = 2
    VALUE = 3
    TOO_LARGE = 4


@dataclass(frozen=True, slots=True)
class ItemDuty:
    """The most that one item may owe, in fen, and the line of the schedule by which it would."""

    number: int
    prefix: str
    value: int
    duty: int
    vat: int

    @property
    def total(self) -> int:
        """Duty and VAT."""
        return self.duty + self.vat


@dataclass(frozen=True, slots=True)
class HighestDuty:
    """The most that a consignment may owe; without a bound where an item lacks something."""

    items: tuple[ItemDuty, ...]
    missing: tuple[tuple[int, Missing], ...]

    @property
    def total(self) -> int | None:
        """Fen; None where there is no bound."""
        return None if self.missing else sum(item.total for item in self.items)


def highest_duty(
    view: ConsignmentView,
    reference: Reference,
    questions: Collection[OpenQuestion] = (),
    candidates: Iterable[str] = (),
) -> HighestDuty:
    """Without questions, what is assessed. `candidates` are codes or headings that the classification is open among;
    none means the whole schedule. The code declared is always one of them.
    """
    taxed = reference.taxed_by_trade_mode.get(view.trade_mode_code, True) or OpenQuestion.TRADE_MODE in questions
    if not view.is_import or not taxed:
        return HighestDuty((), ())
    lines = _open_lines(reference, tuple(candidates)) if OpenQuestion.CLASSIFICATION in questions else ()
    found = [_item(item, view, reference, questions, lines) for item in view.items]
    items = tuple(each for each in found if isinstance(each, ItemDuty))
    pairs = zip(view.items, found, strict=True)
    missing = tuple((item.number, each) for item, each in pairs if isinstance(each, Missing))
    if sum(each.total + each.value for each in items) > LARGEST:
        return HighestDuty((), missing + tuple((each.number, Missing.TOO_LARGE) for each in items))
    return HighestDuty(items, missing)


def line_of(code: str, reference: Reference) -> TariffLine | None:
    """The line that a code or heading falls under; None where its chapter is not in the schedule."""
    prefixes = (code[:length] for length in range(len(code), 1, -1))
    return next((reference.schedule[prefix] for prefix in prefixes if prefix in reference.schedule), None)


def _item(
    item: Item,
    view: ConsignmentView,
    reference: Reference,
    questions: Collection[OpenQuestion],
    lines: tuple[TariffLine, ...],
) -> ItemDuty | Missing:
    declared = reference.commodity(item.code, view.direction)
    if declared.line is not None:
        lines = (declared.line, *lines)
    if not lines:
        return Missing.COMMODITY_CODE
    value = customs_value(item, reference)
    mass = _exact(item.net_mass_kg) if item.net_mass_kg and item.net_mass_kg > 0 else None
    if OpenQuestion.PRICE in questions:
        if mass is None:
            return Missing.NET_MASS
    elif value is None:
        return Missing.VALUE
    else:
        mass = None
    by_origin = OpenQuestion.ORIGIN in questions
    return max((_under(line, item.number, value or 0, mass, by_origin) for line in lines), key=lambda each: each.total)


def _under(line: TariffLine, number: int, value: int, mass: Fraction | None, by_origin: bool) -> ItemDuty:
    """Under one line. `mass` in kilograms where the price is open."""
    if mass is not None:
        value = max(value, ceil(_exact(line.high_yuan_per_kg) * mass * 100))
    rate = max(line.duty_rate, line.general_rate) if by_origin else line.duty_rate
    return ItemDuty(number, line.prefix, value, *taxes(value, rate, line.vat_rate))


def _exact(figure: float) -> Fraction:
    """As it was written: 0.1 is a tenth."""
    return Fraction(repr(figure))


def _open_lines(reference: Reference, candidates: tuple[str, ...]) -> tuple[TariffLine, ...]:
    """The lines below the candidates, and the line that each falls under; of lines that tax alike the dearest."""
    below = [line for line in reference.schedule.values() if not candidates or line.prefix.startswith(candidates)]
    above = [line for code in candidates if (line := line_of(code, reference)) is not None]
    alike: dict[tuple[int, int, int], TariffLine] = {}
    for line in sorted({*below, *above}, key=lambda each: (each.high_yuan_per_kg, each.prefix)):
        alike[line.duty_rate, line.general_rate, line.vat_rate] = line
    return tuple(alike.values())
