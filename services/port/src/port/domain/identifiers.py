"""Numbers of transport documents, containers and conveyances, and when two of them mean the same."""

from string import ascii_lowercase, ascii_uppercase, digits

_KEPT = ascii_uppercase + digits
_FOLD = {ord(low): up for low, up in zip(ascii_lowercase, ascii_uppercase, strict=True)} | {
    code: None for code in range(128) if chr(code) not in _KEPT + ascii_lowercase
}
# ISO 6346, annex A: letters count from 10 and leave out the multiples of 11.
_LETTER_VALUES = [value for value in range(10, 39) if value % 11]
_VALUES: dict[str, int] = dict(zip(_KEPT, [*_LETTER_VALUES, *range(10)], strict=True))
_EQUIPMENT_CATEGORIES = frozenset("UJZ")


def fold(number: str) -> str:
    """The letters and digits of a printable-ASCII number, in upper case: `csqu 305438-3` is CSQU3054383."""
    # Almost every number is already plain, and `translate` costs ten times as much.
    return number.upper() if number.isalnum() and number.isascii() else number.translate(_FOLD)


def conveyance(identification: str) -> str:
    """The identification of a conveyance as compared: `IMO 9319466` and `9319466` are one ship."""
    folded = fold(identification)
    return folded[3:] if folded.startswith("IMO") and folded[3:].isdigit() else folded


def container_checks(number: str) -> bool:
    """Whether a folded number is a container's by ISO 6346: 3 letters, U, J or Z, 6 digits and a right check digit."""
    if len(number) != 11 or not number[:4].isalpha() or number[3] not in _EQUIPMENT_CATEGORIES:
        return False
    return number[4:].isdigit() and container_check_digit(number) == int(number[10])


def container_check_digit(number: str) -> int:
    """The eleventh character a container number must have: Σ value × 2^place over the first ten, mod 11, 10 as 0."""
    return sum([_VALUES[character] << place for place, character in enumerate(number[:10])]) % 11 % 10


def listed(numbers: tuple[str, ...], most: int = 8) -> str:
    """The first few numbers and how many more there are; the scope of a finding holds them all."""
    more = f" +{len(numbers) - most}" if len(numbers) > most else ""
    return ", ".join(numbers[:most]) + more
