"""The ledgers of guarantees that this district uses, its own and its partners'."""

from collections.abc import Mapping
from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from gateway.operations.ledger import LedgerPort
from gateway.operations.outside_ledger import OutsideLedger
from gateway.rpc.guarantee_ledger import PARTNER, TransportLedger
from gateway.rpc.outside_covers import TransportCovers


@dataclass(frozen=True, slots=True)
class Ledgers:
    """`own` is the way to the agency that keeps one here, if any does; `partners` to partners' gateways."""

    district: str
    own: Transport | None
    partners: Mapping[str, Transport]
    budget_seconds: float

    def guaranteeing(self) -> dict[str, LedgerPort]:
        """By home district. Without a ledger of its own nobody in this district could tell what partners cover."""
        if self.own is None:
            return {}
        covers = TransportCovers(self.own, self.budget_seconds)
        return {
            home: ledger if home == self.district else OutsideLedger(ledger, covers)
            for home, ledger in self.plain().items()
        }

    def plain(self) -> dict[str, LedgerPort]:
        """By home district, for what no decision of the own customs rests on."""
        ledgers: dict[str, LedgerPort] = {}
        if self.own is not None:
            ledgers[self.district] = TransportLedger(self.own, self.budget_seconds)
        partners = {name: TransportLedger(each, self.budget_seconds, PARTNER) for name, each in self.partners.items()}
        return {**ledgers, **partners}
