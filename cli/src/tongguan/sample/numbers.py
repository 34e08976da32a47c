"""Numbers with their check digits: ships, containers, traders; and what makes a sample's own numbers its own."""

import hashlib
import random
from functools import cache

from stdnum import iso6346
from stdnum.cn import uscc

from tongguan.sample.tables import places

_REGIONS = ("3302", "3301", "3307", "3306", "3310", "3303")  # Ningbo, Hangzhou, Jinhua, Shaoxing, Taizhou, Wenzhou
_KINDS = "12346"  # sixth digit of a customs registration number: kind of enterprise
_SHIP_WEIGHTS = (7, 6, 5, 4, 3, 2)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def tag(*parts: object) -> str:
    """Six characters that tell one sample from another; they stand in every number the sample makes."""
    number = int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:8], "big")
    return "".join(_LETTERS[number >> shift & 31] for shift in range(0, 30, 5))


def trader_number(index: int) -> str:
    """Number of one enterprise, always the same: most a 10-digit customs number, every fourth a 统一社会信用代码."""
    region = _REGIONS[index % len(_REGIONS)]
    if index % 4 == 1:
        return _credit_code(region, index)
    kind = _KINDS[index // len(_REGIONS) % len(_KINDS)]
    return f"{region}9{kind}{index // (len(_REGIONS) * len(_KINDS)) + 1:04d}"


def _credit_code(region: str, index: int) -> str:
    """9 (registered trade), 1 (enterprise), administrative division, organisation code, check character."""
    serial = f"{71_000_000 + index:08d}"
    check = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _ORGANISATION_WEIGHTS, strict=True)) % 11
    number = f"91{region}00{serial}{'X' if check == 10 else check % 11}"
    return number + str(uscc.calc_check_digit(number))


def ship_number(six: int) -> str:
    """IMO number from its first six digits."""
    check = sum(int(digit) * weight for digit, weight in zip(str(six), _SHIP_WEIGHTS, strict=True)) % 10
    return f"{six}{check}"


def container_number(chance: random.Random) -> str:
    """A box of one of the port's owners, ISO 6346."""
    number = f"{chance.choice(_owners())}{chance.randrange(1_000_000):06d}"
    return number + str(iso6346.calc_check_digit(number))


def guarantee_number(year: int, office: str, tag_: str, number: int) -> str:
    """GRN: year, country, office, eight characters of the sample's own, and a check digit as of a container."""
    own = tag_[:5] + "".join(_LETTERS[number >> shift & 31] for shift in (10, 5, 0))
    grn = f"{year % 100:02d}CN{office}{own}"
    return grn + str(iso6346.calc_check_digit(grn))


@cache
def _owners() -> tuple[str, ...]:
    return tuple(places()["carriers"]["boxes"])
