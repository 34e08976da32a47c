"""Why an act is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Reasons of the contract (clearance.common.v1.Refusal), each with its official code where there is one."""

    UNKNOWN = "GUARANTEE_UNKNOWN"  # G01
    NOT_VALID = "GUARANTEE_NOT_VALID"  # G02
    ACCESS_DENIED = "GUARANTEE_ACCESS_DENIED"  # G03
    HOLDER_MISMATCH = "GUARANTEE_HOLDER_MISMATCH"  # G04
    VOUCHER_USED = "GUARANTEE_VOUCHER_USED"  # G05
    GOODS_RESTRICTED = "GUARANTEE_GOODS_RESTRICTED"  # G06
    NOT_VALID_HERE = "GUARANTEE_NOT_VALID_HERE"  # G08
    INSUFFICIENT = "GUARANTEE_INSUFFICIENT"  # G09
    ALREADY_USED = "GUARANTEE_ALREADY_USED"  # G10
    OFFICE_MISMATCH = "GUARANTEE_OFFICE_MISMATCH"  # G11
    COMMODITY_MISMATCH = "GUARANTEE_COMMODITY_MISMATCH"  # G12
    TYPE_MISMATCH = "GUARANTEE_TYPE_MISMATCH"  # G13
    CURRENCY_MISMATCH = "GUARANTEE_CURRENCY_MISMATCH"
    USE_REUSED = "GUARANTEE_USE_REUSED"
    STATE_FORBIDS = "STATE_FORBIDS"
    NOT_FOUND = "NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Objection:
    """A reason, with the values that the contract names for it."""

    reason: Reason
    values: Mapping[str, str]


def objection(reason: Reason, **values: object) -> Objection:
    """What stands against it."""
    return Objection(reason, {name: str(value) for name, value in values.items()})


def insufficient(lacking: int, currency_code: str) -> Objection:
    """So many units of the currency are lacking."""
    return objection(Reason.INSUFFICIENT, lacking_units=lacking, currency_code=currency_code)


def forbidden(state: str, operation: str) -> Objection:
    """The state does not allow the act."""
    return objection(Reason.STATE_FORBIDS, state=state, operation=operation)
