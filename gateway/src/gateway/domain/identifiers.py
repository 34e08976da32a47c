"""Numbers and ids, each of a type of its own."""

import hashlib
from typing import NewType

# 4 digits of the customs district (关区代码), 4 of the year, 12 characters of Crockford's base 32.
ClearanceNumber = NewType("ClearanceNumber", str)
# A UUID in its usual form.
RequestId = NewType("RequestId", str)
# Role name of an agency: `customs`.
AgencyName = NewType("AgencyName", str)
# Microseconds since 1970, UTC.
Micros = int

ASSESS = "assess"
CODE_LENGTH = 12


def clearance_number(customs_district_code: str, year: int, code: str) -> ClearanceNumber:
    """`310020040123456789AB`: district, year, and 12 random characters, so that numbers tell nothing of the volume."""
    if len(customs_district_code) != 4 or len(code) != CODE_LENGTH or not 1000 <= year <= 9999:
        raise ValueError("a clearance number is made of 4 + 4 + 12 characters")
    return ClearanceNumber(f"{customs_district_code}{year}{code}")


def withdraw(round_number: int) -> str:
    """Purpose of an ask for withdrawal; a withdrawal asked for again after a refusal is another purpose."""
    return f"withdraw.{round_number}"


def derived_request_id(number: str, version: int, agency: str, purpose: str) -> RequestId:
    """The request id of one ask: the same for ever, whoever derives it, so that a repeated ask is the same ask.

    A UUID of version 8 (RFC 9562, section 5.8) from SHA-256 of the four parts.
    """
    digits = hashlib.sha256(f"{number}\n{version}\n{agency}\n{purpose}".encode()).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return RequestId(
        f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}",
    )
