"""Guarantees to be entered: what the contract's rules cannot say of them, and their terms."""

from collections.abc import Sequence

from agencykit.refusals import Violation
from clearance.customs.v1.guarantee_pb2 import Guarantee
from clearance.customs.v1.guarantee_register_service_pb2 import GuaranteeEntry
from customs.domain.consignment import folded_identifier
from customs.domain.guarantees.account import Terms
from customs.domain.guarantees.kinds import FOR_SCHEME, WITH_ACCESS_CODE, Type
from customs.domain.guarantees.numbers import VOUCHER_LENGTH, is_grn
from customs.rpc.guarantee_messages import amount_violations


def entry_violations(entries: Sequence[GuaranteeEntry]) -> list[Violation]:
    """Every violation of all of them."""
    violations = []
    seen = set()
    for place, entry in enumerate(entries):
        grn = entry.guarantee.grn
        violations += _violations(entry, f"entries[{place}]")
        if grn in seen:
            violations.append(
                Violation(f"entries[{place}].guarantee.grn", "guarantee.unique", "is there twice", "string")
            )
        seen.add(grn)
    return violations


def _violations(entry: GuaranteeEntry, path: str) -> list[Violation]:
    given = entry.guarantee
    type_ = Type(given.type)
    violations = amount_violations(given.limit, f"{path}.guarantee.limit")

    def wrong(field: str, rule: str, message: str, kind: str = "string") -> None:
        violations.append(Violation(f"{path}.{field}", f"guarantee.{rule}", message, kind))

    if not is_grn(given.grn):
        wrong("guarantee.grn", "check_digit", "has a wrong check digit")
    if (type_ is Type.VOUCHER) is not (len(given.grn) == VOUCHER_LENGTH):
        wrong("guarantee.grn", "voucher", "a voucher's number has 24 characters, any other 17")
    if (type_ in WITH_ACCESS_CODE) is not bool(entry.access_code):
        wrong("access_code", "access_code", "types 0, 1, 2, 4 and 9 have an access code, others have none")
    if given.for_scheme and type_ not in FOR_SCHEME:
        wrong("guarantee.for_scheme", "for_scheme", "only types 0, 1 and 9 stand for the scheme", "bool")
    if given.HasField("valid_until_time") and given.valid_until_time.ToMicroseconds() <= _begin(given, 0):
        wrong("guarantee.valid_until_time", "validity", "must be after valid_from_time", "message")
    return violations


def _begin(given: Guarantee, now: int) -> int:
    return given.valid_from_time.ToMicroseconds() if given.HasField("valid_from_time") else now


def terms_of(given: Guarantee, salt: bytes, secret: bytes, now: int) -> Terms:
    """The terms of a new guarantee."""
    return Terms(
        grn=given.grn,
        type=Type(given.type),
        holder=folded_identifier(given.holder_identifier),
        currency_code=given.limit.currency_code,
        valid_from=_begin(given, now),
        valid_until=given.valid_until_time.ToMicroseconds() if given.HasField("valid_until_time") else None,
        districts=tuple(given.districts),
        offices=tuple(given.customs_office_codes),
        excluded_commodities=tuple(given.excluded_commodity_prefixes),
        suspended_goods=not given.excludes_suspended_goods,
        for_scheme=given.for_scheme,
        access_salt=salt,
        access_hash=secret,
    )
