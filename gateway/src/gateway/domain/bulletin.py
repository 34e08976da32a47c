"""Bulletins (通报): what agencies and the port office tell everybody, in versions.

What was published stays as it is. A higher version takes the place of the one before, and one that withdraws the
bulletin is its last.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from stdnum import iso6346

from gateway.domain.identifiers import Micros

_NUMBER = re.compile(r"B[0-9]{4}[0-9]{4}[0-9]{6}[0-9]")
_DISTRICT_CODE = slice(1, 5)
# As whom the port office (口岸办) acts.
PORT_OFFICE = "port_office"


class Kind(IntEnum):
    """Numbers are the contract's (clearance.district.v1.Bulletin.Kind)."""

    PROCEDURE = 1
    PLANNED_DOWNTIME = 2
    UNPLANNED_DOWNTIME = 3
    RECALL = 4
    ORIGINS = 5
    NOTICE = 6


@dataclass(frozen=True, slots=True)
class Words:
    """What it says in one language."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One version of one bulletin."""

    number: str
    version: int
    district: str
    # An agency, or PORT_OFFICE.
    publisher: str
    kind: Kind
    zh: Words
    en: Words
    effective_time: Micros
    # None: until further notice.
    until_time: Micros | None
    agencies: tuple[str, ...]
    commitments: tuple[str, ...]
    withdrawal: bool
    publish_time: Micros
    # Place in the list of this district; 0 as long as it has none.
    position: int = 0

    def says_the_same(self, other: "Bulletin") -> bool:
        """Whether both are the same version of the same bulletin, wherever they stand in a list."""
        return self._said() == other._said()

    def _said(self) -> tuple[object, ...]:
        return (
            *(self.number, self.version, self.district, self.publisher, self.kind, self.zh, self.en),
            *(self.effective_time, self.until_time, self.agencies, self.commitments, self.withdrawal),
        )


def bulletin_number(customs_district_code: str, year: int, serial: int) -> str:
    """`B310020040000173`: the district's code, the year, a serial, and the check digit of ISO 6346 over all of it."""
    return checked_number("B", customs_district_code, year, serial)


def checked_number(letter: str, customs_district_code: str, year: int, serial: int) -> str:
    """A letter, the district's code, the year, a serial of six digits, and the check digit of ISO 6346 over all."""
    if len(customs_district_code) != 4 or not 1000 <= year <= 9999 or not 1 <= serial <= 999_999:
        raise ValueError("a number is made of a letter, a code and a year of 4 digits each, and a serial of 6")
    number = f"{letter}{customs_district_code}{year}{serial:06}"
    return f"{number}{iso6346.calc_check_digit(number)}"


def is_bulletin_of(number: str, customs_district_code: str) -> bool:
    """Whether it has the form of a bulletin's number of that district, with a right check digit."""
    return (
        _NUMBER.fullmatch(number) is not None
        and number[_DISTRICT_CODE] == customs_district_code
        and iso6346.calc_check_digit(number[:-1]) == number[-1]
    )
