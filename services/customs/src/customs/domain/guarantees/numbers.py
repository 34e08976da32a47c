"""Guarantee reference numbers (GRN): 2-digit year, ISO country, 12 alphanumerics, check digit; vouchers' are longer."""

import re

from stdnum import iso6346

_GRN = re.compile(r"[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[0-9]([A-Z][0-9]{6})?")
VOUCHER_LENGTH = 24


def is_grn(number: str) -> bool:
    """Whether it is a GRN of 17 characters, or a voucher's of 24, with a right check digit: as containers have it."""
    return _GRN.fullmatch(number) is not None and iso6346.calc_check_digit(number[:16]) == number[16]
