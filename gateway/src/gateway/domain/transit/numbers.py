"""Movement reference numbers (MRN): 2-digit year, ISO country, 12 alphanumerics, procedure letter, check digit.

The twelve begin with the customs district's code (关区代码), so that a number tells its district. The check digit is
that of ISO 6346 over the first seventeen.
"""

import re

from stdnum import iso6346

_MRN = re.compile(r"[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[J-M][0-9F]")
_DISTRICT_CODE = slice(4, 8)
COUNTRY = "CN"
# The letter of a transit declaration without security data.
TRANSIT = "J"
# In place of a check digit: issued in a fallback procedure.
FALLBACK = "F"
SERIAL_LENGTH = 8


def mrn(year: int, customs_district_code: str, serial: str) -> str:
    """`04CN31047K3M9QZAJ0`: the number of a movement that begins in this customs district; `serial`: 8 characters."""
    if len(customs_district_code) != 4 or len(serial) != SERIAL_LENGTH:
        raise ValueError("an MRN is made of a district code of 4 and a serial of 8 characters")
    number = f"{year % 100:02}{COUNTRY}{customs_district_code}{serial}{TRANSIT}"
    return number + iso6346.calc_check_digit(number)


def is_mrn(number: str) -> bool:
    """Whether it has an MRN's form, and a right check digit or the letter of a fallback procedure."""
    return _MRN.fullmatch(number) is not None and checks(number)


def checks(number: str) -> bool:
    """Whether the last of its characters is the check digit of the others, or the letter of a fallback procedure."""
    return number[-1] == FALLBACK or iso6346.calc_check_digit(number[:-1]) == number[-1]


def district_code(number: str) -> str:
    """The code of the customs district with which a number begins: a clearance's its first four, an MRN's 5 to 8."""
    return number[_DISTRICT_CODE] if _MRN.fullmatch(number) else number[:4]
