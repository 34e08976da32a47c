"""How schemes were used over a span; only reads."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from customs.domain.benefits import DELIVERED
from customs.domain.schemes import Scheme
from customs.storage import risk_report, standings
from customs.storage.risk_report import Span


@dataclass(slots=True)
class SchemeCounts:
    """One scheme: to how many its benefit was delivered, and what stood against it for the others."""

    delivered: int = 0
    withheld: Counter[str] = field(default_factory=Counter)

    @property
    def entitled(self) -> int:
        return self.delivered + self.withheld.total()


@dataclass(frozen=True, slots=True)
class SchemeUse:
    """All schemes over a span, in their order."""

    span: Span
    declared: int
    schemes: dict[Scheme, SchemeCounts]


def scheme_use(connection: Connection, span: Span) -> SchemeUse:
    """Figures of the consignments first accepted in the span, as they stand after their last decisions."""
    schemes = {scheme: SchemeCounts() for scheme in Scheme}
    for (scheme, reason), count in standings.counted(connection, span):
        if reason == DELIVERED:
            schemes[scheme].delivered += count
        else:
            schemes[scheme].withheld[reason] += count
    return SchemeUse(span, risk_report.declared(connection, span), schemes)
