"""Single values of a list file that is TOML, each read with a ValueError that says what it should have been."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from customs.domain.risk.profile import MILLION

Value = TypeVar("Value")


class Faults:
    """Runs readers and gathers what they complain of."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def read(self, place: str, reader: Callable[[], Value]) -> Value | None:
        try:
            return reader()
        except KeyError as missing:
            self.found.append(f"{place}: {missing.args[0]} is missing or not known")
        except (ValueError, TypeError, ArithmeticError, AttributeError) as error:
            self.found.append(f"{place}: {error}")
        return None


def words(value: Any) -> list[str]:
    """A list of words, not empty."""
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each for each in value):
        raise ValueError(f"{value!r} is not a list of words")
    return value


def prefix(value: str) -> str:
    """The beginning of a commodity code."""
    if not (value.isascii() and value.isdigit() and 2 <= len(value) <= 10):
        raise ValueError(f"prefix {value!r} is not 2 to 10 digits")
    return value


def text(value: Any, longest: int) -> str:
    """A text that can be shown and kept."""
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise ValueError(f"{value!r} is not a text of 1 to {longest} printable characters")
    return value


def whole(value: Any, least: int, most: int) -> int:
    """A whole number within bounds, both included."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
    return value


def amount(value: Any) -> float:
    """An amount, not negative."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 10**12:
        raise ValueError(f"{value!r} is not an amount")
    return float(value)


def decimal(value: Any) -> Decimal:
    """A figure, exactly as it is written."""
    number = Decimal(str(value))
    if not number.is_finite() or not 0 <= number <= 1000:
        raise ValueError(f"{value!r} is not a number from 0 to 1000")
    return number


def percent(value: Any) -> int:
    """Per cent as parts of a million."""
    parts = decimal(value) * (MILLION // 100)
    if parts != int(parts) or parts > MILLION:
        raise ValueError(f"{value!r} is not 0 to 100 per cent with at most four decimals")
    return int(parts)
