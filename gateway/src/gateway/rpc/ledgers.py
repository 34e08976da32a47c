"""The ledgers of guarantees that this district uses, its own and its partners'."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agencykit.rpc.transport import Transport
from agencykit.storage import Database
from gateway.operations.context import Context
from gateway.operations.guarantees import Guarantees
from gateway.operations.ledger import LedgerPort
from gateway.operations.log import Log
from gateway.operations.outside_ledger import OutsideLedger
from gateway.operations.ports import Spans
from gateway.operations.settings import GatewaySettings
from gateway.rpc.guarantee_ledger import PARTNER, TransportLedger
from gateway.rpc.guarantee_release_service import hold_of
from gateway.rpc.outside_covers import TransportCovers


@dataclass(frozen=True, slots=True)
class Ledgers:
    """`own` is the way to the agency that keeps one here, if any does; `partners` to partners' gateways."""

    district: str
    own: Transport | None
    partners: Mapping[str, Transport]
    budget_seconds: float

    def releases(
        self,
        settings: GatewaySettings,
        database: Database,
        context: Callable[[], Context],
        spans: Spans,
        log: Log,
        notify: Callable[[], None],
    ) -> Guarantees:
        """What releases on guarantee by these; `notify` hears of cases that became due by it."""
        seconds = settings.guarantee_amendment_hours * 3600
        known = (hold_of, settings.homes, settings.ledger_agency, seconds, spans, log)
        return Guarantees(database, context, self.guaranteeing(), *known, [notify])

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
