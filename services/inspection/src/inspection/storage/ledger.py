"""Inspection's ledger: the parts of what it keeps for each clearance, as one (agencykit.agency.CaseLedger)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from agencykit.agency import CaseLedger, FactKey, Holder
from agencykit.rules import Outcome


@dataclass(frozen=True)
class Ledger:
    """Each part does its own in the parts' order, in which they also lock."""

    parts: tuple[CaseLedger, ...]

    def load(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> None:
        for part in self.parts:
            part.load(connection, holders, now)

    def take(self, holder: Holder, outcome: Outcome) -> None:
        for part in self.parts:
            part.take(holder, outcome)

    def store(self, connection: Connection, holders: Sequence[Holder], now: datetime) -> Collection[FactKey]:
        return {key for part in self.parts for key in part.store(connection, holders, now)}

    def give_back(
        self, connection: Connection, clearance_number: str, version: int, now: datetime
    ) -> Collection[FactKey]:
        return {key for part in self.parts for key in part.give_back(connection, clearance_number, version, now)}
