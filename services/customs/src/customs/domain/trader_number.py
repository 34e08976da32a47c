"""Kinds of traders' numbers, told by their form."""

import re
from enum import Enum
from functools import lru_cache

from stdnum.cn import uscc

# GB/T 2260: the first two digits of a Chinese registration number name the province.
PROVINCES = frozenset(
    str(province)
    for region in (
        range(11, 16),
        range(21, 24),
        range(31, 38),
        range(41, 47),
        range(50, 55),
        range(61, 66),
        [71, 81, 82],
    )
    for province in region
)
_TEN_DIGITS = re.compile(r"[0-9]{10}")
# The second character of a USCC is a digit and the province follows, so that no foreign prefix is taken for one.
_UNIFIED_FORM = re.compile(r"[0-9A-Z][0-9][0-9]{6}[0-9A-Z]{10}")
_FOREIGN_FORM = re.compile(r"[A-Z]{2}.*")


class NumberKind(Enum):
    """What a trader's number is, by its form and check character."""

    CUSTOMS = "10-digit customs registration number"
    UNIFIED = "18-character 统一社会信用代码, since 2015"
    FOREIGN = "number of another country"
    WRONG = "none of these, or its check character is wrong"


@lru_cache(maxsize=8192)
def number_kind(identifier: str, country_code: str) -> NumberKind:
    """Kind of a folded number. A number without any known form is foreign only where the party says it is abroad."""
    if _TEN_DIGITS.fullmatch(identifier) and identifier[:2] in PROVINCES:
        return NumberKind.CUSTOMS
    if _UNIFIED_FORM.fullmatch(identifier):
        return NumberKind.UNIFIED if uscc.is_valid(identifier) else NumberKind.WRONG
    if _FOREIGN_FORM.fullmatch(identifier) or country_code not in ("", "CN"):
        return NumberKind.FOREIGN
    return NumberKind.WRONG
