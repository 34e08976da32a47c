"""Numbers and ids, each of a type of its own."""

import hashlib
from functools import lru_cache
from typing import NewType

# 4 digits of the customs district (关区代码), 4 of the year, 12 characters of Crockford's base 32: 5 for the second of
# the year, so that cases of one hour lie together in every index, and 7 drawn by lot.
ClearanceNumber = NewType("ClearanceNumber", str)
# A UUID in its usual form.
RequestId = NewType("RequestId", str)
# Role name of an agency: `customs`.
AgencyName = NewType("AgencyName", str)
# Microseconds since 1970, UTC.
Micros = int

ASSESS = "assess"
# Number of the way in which `derived_request_id` derives; stored with each intent in place of the ids, which follow.
DERIVATION = 1
TIME_LENGTH, CODE_LENGTH = 5, 7
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def clearance_number(customs_district_code: str, year: int, second: int, code: str) -> ClearanceNumber:
    """`310020040XKBM7K3M9QZ`: district, year, `second` of the year, and 7 characters drawn by lot."""
    if len(customs_district_code) != 4 or len(code) != CODE_LENGTH or not 1000 <= year <= 9999:
        raise ValueError("a clearance number is made of 4 + 4 + 5 + 7 characters")
    time = "".join([_CROCKFORD[second >> shift & 31] for shift in (20, 15, 10, 5, 0)])
    return ClearanceNumber(f"{customs_district_code}{year}{time}{code}")


def withdraw(round_number: int) -> str:
    """Purpose of an ask for withdrawal; a withdrawal asked for again after a refusal is another purpose."""
    return f"withdraw.{round_number}"


def derived_request_id(number: str, version: int, agency: str, purpose: str) -> RequestId:
    """The request id of one ask: the same for ever, whoever derives it, so that a repeated ask is the same ask.

    A UUID of version 8 (RFC 9562, section 5.8): 8 digits from SHA-256 of the number without what was drawn by lot, the
    others from SHA-256 of the four parts. Ids of clearances of one second therefore lie together in every index; spread
    over all of it they were more than half of the pages that an agency wrote.
    """
    digits = hashlib.sha256(f"{number}\n{version}\n{agency}\n{purpose}".encode()).hexdigest()
    return _version_8(_of_the_second(number[:-CODE_LENGTH]), digits)


def request_id_about(*parts: str | int) -> RequestId:
    """The request id of what is about no clearance: the same for ever, by its parts (UUID of version 8)."""
    digits = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
    return _version_8(digits[:8], digits)


def _version_8(first: str, digits: str) -> RequestId:
    variant = "89ab"[int(digits[16], 16) & 3]
    return RequestId(f"{first}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}")


@lru_cache(maxsize=64)
def _of_the_second(number_without_lot: str) -> str:
    return hashlib.sha256(number_without_lot.encode()).hexdigest()[:8]
