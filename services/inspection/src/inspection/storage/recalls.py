"""Recalls in force, by the clearance they name or by a producer of its items."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from agencykit.agency import FactKey, Holder
from agencykit.rules import Outcome
from agencykit.storage import from_micros, select_in
from inspection.domain.facts import Recall
from inspection.storage.tables import recalls


class Recalls:
    """A part of inspection's ledger (agencykit.agency.CaseLedger) that only reads."""

    def load(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> None:
        """One query for the clearances met before, which alone a recall can name, and one for the producers."""
        known = {holder.clearance_number for holder in holders if holder.known}
        makers = {maker for holder in holders for maker in _makers(holder)}
        found: dict[str, list[Recall]] = defaultdict(list)
        for column, keys in ((recalls.c.clearance_number, known), (recalls.c.producer_identifier, makers)):
            for row in select_in(connection, recalls, column, keys):
                if not row.lifted:
                    found[row.clearance_number or row.producer_identifier].append(_recall(row))
        if not found:
            return
        for holder in holders:
            keys = {holder.clearance_number, *_makers(holder)}
            met = [recall for key in keys if key in found for recall in found[key]]
            holder.facts.recalls = tuple(sorted(met, key=lambda recall: recall.number))

    def take(self, holder: Holder, outcome: Outcome) -> None:
        """Uses nothing up."""

    def store(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> Collection[FactKey]:
        """Writes nothing."""
        return ()

    def give_back(
        self, connection: Connection, clearance_number: str, version: int, now: datetime
    ) -> Collection[FactKey]:
        """Holds nothing."""
        return ()


def _makers(holder: Holder) -> set[str]:
    """Producers of the items, where inspection concerns itself with any."""
    if not holder.facts.lists_any:
        return set()
    return {item.producer_identifier for item in holder.view.items} - {""}


def _recall(row: Any) -> Recall:
    return Recall(
        row.number, row.producer_identifier, tuple(row.commodity_prefixes.split()), from_micros(row.enter_time)
    )
