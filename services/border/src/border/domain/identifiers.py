"""Numbers by which conveyances, parties and persons are named, and when two of them mean the same."""

from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits

_KEPT = ascii_uppercase + digits
_FOLD = {ord(low): up for low, up in zip(ascii_lowercase, ascii_uppercase, strict=True)} | {
    code: None for code in range(128) if chr(code) not in _KEPT + ascii_lowercase
}
_LOOK_ALIKE = str.maketrans("OQILSBZG", "00115826")
_SHIP_WEIGHTS = (7, 6, 5, 4, 3, 2)


def fold(number: str) -> str:
    """The letters and digits of a printable-ASCII number, in upper case: writing habits set aside."""
    # Almost every number is already plain, and `translate` costs ten times as much.
    return number.upper() if number.isalnum() and number.isascii() else number.translate(_FOLD)


@lru_cache(maxsize=16384)
def look_alike(folded: str) -> str:
    """A form that is equal for numbers a tired eye or a scanner takes for one another (O and 0, I and 1, B and 8)."""
    return folded.translate(_LOOK_ALIKE)


def conveyance(identification: str) -> str:
    """The identification of a conveyance as border keeps it: `IMO 9319466` and `9319466` are one ship."""
    folded = fold(identification)
    return folded[3:] if folded.startswith("IMO") and folded[3:].isdigit() else folded


def call_key(identification: str, voyage_number: str) -> str:
    """The key of one call of one conveyance, `9319466/025W`; announcements, crew lists and permits meet under it."""
    return f"{conveyance(identification)}/{fold(voyage_number)}"


def is_ship_number(number: str) -> bool:
    """Whether a folded number has the form of an IMO number, 7 digits, be its check digit right or wrong."""
    return len(number) == 7 and number.isdigit()


@lru_cache(maxsize=8192)
def ship_check_digit(number: str) -> int:
    """The seventh digit an IMO number must have: Σ digit × (7..2) over the first six, modulo 10."""
    return sum(int(digit) * weight for digit, weight in zip(number, _SHIP_WEIGHTS, strict=False)) % 10


def is_flight_number(number: str) -> bool:
    """Whether a folded number has a flight number's form: two-character airline, 1 to 4 digits, perhaps a letter."""
    airline, rest = number[:2], number[2:]
    figures = rest[:-1] if rest[-1:].isalpha() else rest
    return len(airline) == 2 and not airline.isdigit() and 1 <= len(figures) <= 4 and figures.isdigit()


def is_un_number(number: str) -> bool:
    """Whether a folded number names dangerous goods: four digits, with or without the letters UN before them."""
    return len(un_number(number)) == 4 and un_number(number).isdigit()


def un_number(number: str) -> str:
    """The bare digits of a folded UN number."""
    return number.removeprefix("UN")
