"""What risk selection did over a span of time, out of customs' tables."""

from sqlalchemy import Connection

from agencykit.storage.rows import run
from customs.domain.risk.figures import Counts
from customs.domain.risk.profile import Lane
from customs.domain.risk.snapshot import Stratum

Span = tuple[int, int]
"""Periods from the first to before the second."""


def strata(connection: Connection, span: Span) -> dict[Stratum, Counts]:
    """Each stratum's counts over the consignments first accepted in the span, whenever they were examined."""
    return {
        (stratum, version): Counts(Lane(lane), declared, int(selected), int(filled), int(inspected), int(found))
        for stratum, version, lane, declared, selected, filled, inspected, found in run(connection, _STRATA, span)
    }


# Who changes a criterion's lane without a new version gets the gravest it had.
_STRATA = (
    "SELECT m.stratum, m.version, max(m.lane), count(*), "
    "sum(CASE WHEN m.way > 0 THEN 1 ELSE 0 END), sum(CASE WHEN m.way = 2 THEN 1 ELSE 0 END), "
    "sum(CASE WHEN m.way > 0 AND e.found IS NOT NULL THEN 1 ELSE 0 END), "
    "sum(CASE WHEN m.way > 0 AND e.found = 1 THEN 1 ELSE 0 END) "
    "FROM risk_marks m LEFT JOIN risk_examinations e ON e.clearance_number = m.clearance_number "
    "WHERE m.period >= ? AND m.period < ? GROUP BY m.stratum, m.version"
)


def declared(connection: Connection, span: Span) -> int:
    """Consignments first accepted in the span."""
    [(count,)] = run(
        connection, "SELECT coalesce(sum(declared), 0) FROM risk_traffic WHERE period >= ? AND period < ?", span
    )
    return int(count)


def inspected(connection: Connection, span: Span, period_micros: int) -> tuple[int, int]:
    """How many of them were inspected for whatever reason, and with how many something was found."""
    begin, end = (bound * period_micros for bound in span)
    [(count, found)] = run(connection, _INSPECTED, (begin, end))
    return int(count), int(found)


_INSPECTED = (
    "SELECT count(*), coalesce(sum(e.found), 0) FROM risk_examinations e WHERE EXISTS (SELECT 1 FROM consignments c "
    "WHERE c.clearance_number = e.clearance_number AND c.accept_time >= ? AND c.accept_time < ? AND c.version = "
    "(SELECT min(first.version) FROM consignments first WHERE first.clearance_number = e.clearance_number))"
)
