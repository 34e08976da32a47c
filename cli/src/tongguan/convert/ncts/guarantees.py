"""The guarantees of a message: their numbers, what they are to cover together, and their access codes, kept apart."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from clearance.common.v1.money_pb2 import Money
from clearance.gateway.v1.guarantee_release_service_pb2 import NamedGuarantee
from clearance.gateway.v1.transit_service_pb2 import DeclareMovementRequest
from tongguan.convert.ncts.profile import NctsProfile
from tongguan.convert.writer import decimal, minor_digits
from tongguan.form import fault, limit

GUARANTEE_LIMIT = limit(DeclareMovementRequest.DESCRIPTOR.fields_by_name["guarantees"])
_GRN = NamedGuarantee.DESCRIPTOR.fields_by_name["grn"]
_MOST_UNITS = 2**63
_FIRST = "Guarantee[1]/GuaranteeReference[1]/"


@dataclass(slots=True)
class Cover:
    """What stands for a movement."""

    grns: list[str] = field(default_factory=list)
    amount: Money = field(default_factory=Money)
    access_codes: list[tuple[str, str]] = field(default_factory=list)
    """(GRN, access code) of those whose number the profile does not change: another guarantee has another code."""


def read_cover(values: Mapping[str, str], places: Counter[str], profile: NctsProfile, faults: dict[str, str]) -> Cover:
    """Reads all guarantees; what is missing or cannot be counted goes to `faults`."""
    cover, total, currency = Cover(), Decimal(0), ""
    for path in _references(places):
        if grn := values.get(f"{path}GRN", "").strip():
            _number(cover, grn, values.get(f"{path}accessCode", "").strip(), f"{path}GRN", profile, faults)
        stated = values.get(f"{path}amountToBeCovered", "").strip()
        if not stated:
            continue
        given = values.get(f"{path}currency", "").strip() or profile.currency
        amount, code = decimal(stated), profile.exchanged(given)
        if amount is None or amount < 0:
            faults[f"{path}amountToBeCovered"] = "it is not an amount"
        elif not code:
            faults[f"{path}currency"] = "it is missing, or not among the profile's [rates]"
        elif currency and code != currency:
            faults[f"{path}currency"] = "amounts are of several currencies; give the profile `currency` and [rates]"
        else:
            currency = code
            total += amount * profile.rate(given)
    _complete(cover, profile, faults, total, currency)
    return cover


def _references(places: Counter[str]) -> Iterator[str]:
    for group in range(1, places["Guarantee"] + 1):
        for place in range(1, places[f"Guarantee[{group}]/GuaranteeReference"] + 1):
            yield f"Guarantee[{group}]/GuaranteeReference[{place}]/"


def _number(
    cover: Cover, given: str, access_code: str, path: str, profile: NctsProfile, faults: dict[str, str]
) -> None:
    grn = profile.grns.get(given, given)
    if reason := fault(_GRN, grn):
        faults[path] = reason
    elif grn not in cover.grns:
        cover.grns.append(grn)
    if access_code and grn == given:
        cover.access_codes.append((grn, access_code))


def _complete(cover: Cover, profile: NctsProfile, faults: dict[str, str], total: Decimal, currency: str) -> None:
    """Counts in the currency's smallest unit, rounded up: less would not cover it."""
    if not cover.grns and profile.grn:
        cover.grns.append(profile.grn)
    if not cover.grns:
        faults.setdefault(f"{_FIRST}GRN", "it is missing, and the profile names no `grn`")
    if len(cover.grns) > GUARANTEE_LIMIT:
        faults["Guarantee"] = f"more than {GUARANTEE_LIMIT} guarantees"
    if not currency:
        total, currency = profile.amount, profile.currency
    if not (total and currency):
        if not any(
            path.startswith("Guarantee[") and path.endswith(("amountToBeCovered", "currency")) for path in faults
        ):
            faults[f"{_FIRST}amountToBeCovered"] = "it is missing, and the profile names no `amount`"
        return
    units = total.scaleb(minor_digits(currency)[0]).to_integral_value(ROUND_CEILING)
    if units >= _MOST_UNITS:
        faults[f"{_FIRST}amountToBeCovered"] = "it is more than can be counted"
        return
    cover.amount.currency_code, cover.amount.minor_units = currency, int(units)
