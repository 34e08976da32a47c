"""Customs' register of guarantees, by one identity."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from uuid import uuid4

import iso4217

from clearance.common.v1.money_pb2 import Money
from clearance.customs.v1 import guarantee_register_service_pb2 as pb
from clearance.customs.v1.guarantee_pb2 import Guarantee, GuaranteeUse
from tongguan.channels import Peer
from tongguan.failures import Misused

_SERVICE = "/clearance.customs.v1.GuaranteeRegisterService/"


class Guarantees:
    """GuaranteeRegisterService."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def register(self, entry: pb.GuaranteeEntry, act: str = "") -> Guarantee:
        """Enters one; `act` is the UUID of this act, if it may be repeated."""
        request = pb.RegisterGuaranteesRequest(request_id=act or str(uuid4()), entries=[entry])
        answer = self._peer.call(f"{_SERVICE}RegisterGuarantees", request, pb.RegisterGuaranteesResponse)
        return answer.guarantees[0]

    def guarantee(self, grn: str) -> Guarantee:
        """How it stands."""
        request = pb.GetGuaranteeRequest(grn=grn)
        return self._peer.call(f"{_SERVICE}GetGuarantee", request, pb.GetGuaranteeResponse).guarantee

    def change(
        self, grn: str, state: "Guarantee.State.ValueType", limit_units: int | None, for_scheme: bool | None
    ) -> Guarantee:
        """Another state, another limit, or whether it stands for the scheme; 0 and None leave each as it is."""
        request = pb.ChangeGuaranteeRequest(
            request_id=str(uuid4()), grn=grn, state=state, limit_units=limit_units, for_scheme=for_scheme
        )
        return self._peer.call(f"{_SERVICE}ChangeGuarantee", request, pb.ChangeGuaranteeResponse).guarantee

    def uses(self, grn: str, *, open_only: bool) -> Iterator[GuaranteeUse]:
        """Its uses, page by page."""
        request = pb.ListGuaranteeUsesRequest(grn=grn, open_only=open_only)
        return self._peer.pages(f"{_SERVICE}ListGuaranteeUses", request, pb.ListGuaranteeUsesResponse, "uses")

    def all(self, holder: str, *, short_only: bool) -> Iterator[Guarantee]:
        """Guarantees by number, page by page."""
        request = pb.ListGuaranteesRequest(holder_identifier=holder, short_only=short_only)
        return self._peer.pages(f"{_SERVICE}ListGuarantees", request, pb.ListGuaranteesResponse, "guarantees")

    def claims(self, grn: str, *, open_only: bool, overdue_only: bool) -> Iterator[pb.GuaranteeClaim]:
        """Claims, those due first at the head, page by page."""
        request = pb.ListGuaranteeClaimsRequest(grn=grn, open_only=open_only, overdue_only=overdue_only)
        return self._peer.pages(f"{_SERVICE}ListGuaranteeClaims", request, pb.ListGuaranteeClaimsResponse, "claims")

    def settle(self, claim_id: str, settlement: "pb.SettleClaimRequest.Settlement.ValueType") -> pb.SettleClaimResponse:
        """A claim was paid, or is refunded."""
        request = pb.SettleClaimRequest(request_id=str(uuid4()), claim_id=claim_id, settlement=settlement)
        return self._peer.call(f"{_SERVICE}SettleClaim", request, pb.SettleClaimResponse)

    def reconcile(self) -> pb.ReconcileGuaranteesResponse:
        """Everything computed again from the entries."""
        request = pb.ReconcileGuaranteesRequest()
        return self._peer.call(f"{_SERVICE}ReconcileGuarantees", request, pb.ReconcileGuaranteesResponse)


def money(text: str, currency_code: str) -> Money:
    """`10000.00` of a currency, exactly; Misused where it is no amount, or finer than the currency."""
    try:
        exponent = iso4217.Currency(currency_code).exponent or 0
        units = Decimal(text).scaleb(exponent)
        exact = int(units)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise Misused(f"{text} {currency_code}: not an amount", "write --limit 10000.00 --currency CNY") from error
    if exact != units or not 0 <= exact < 2**63:
        raise Misused(f"{text} {currency_code}: cannot be counted", f"give at most {exponent} decimals")
    return Money(currency_code=currency_code, minor_units=exact)
