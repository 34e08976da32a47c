"""How schemes stand, one row for each consignment that is entitled to any: `FAST_LANE CONVENIENCE=R-101/1`."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from agencykit.agency import Holder
from agencykit.storage.rows import insert, rows_in, run
from customs.domain.facts import Facts
from customs.domain.schemes import Scheme
from customs.storage import tables
from customs.storage.risk_report import Span

Standing = tuple[Scheme, str]
"""A scheme, and why its benefit was not delivered (Benefits.standings)."""
_COLUMNS = ("clearance_number", "standings")


def before(connection: Connection, keys: Collection[tuple[int, str]]) -> dict[str, dict[Scheme, str]]:
    """How the schemes of these clearances stood; a key is (period of the first acceptance, number)."""
    found = rows_in(connection, tables.scheme_standings, _COLUMNS, ("period", "clearance_number"), keys)
    return {number: dict(from_text(text)) for number, text in found}


def keep(connection: Connection, holders: Sequence[Holder]) -> None:
    """Stores how they stand now; an empty row where they stood and an amendment or the register took them away."""
    rows = []
    for holder in holders:
        facts: Facts = holder.facts
        if (facts.standings or facts.stood) and facts.risk is not None:
            period = facts.risk.station.snapshot.period
            rows.append((period, holder.clearance_number, to_text(facts.standings)))
    insert(connection, tables.scheme_standings, rows, "replace")


def to_text(standings: Iterable[Standing]) -> str:
    """Names of schemes, each with why its benefit was not delivered. Neither names nor reasons hold blanks."""
    return " ".join([f"{scheme.key}={reason}" if reason else scheme.key for scheme, reason in standings])


def from_text(text: str) -> list[Standing]:
    """The reverse."""
    split = (word.partition("=") for word in text.split())
    return [(Scheme[name], reason) for name, _, reason in split]


def counted(connection: Connection, span: Span) -> list[tuple[Standing, int]]:
    """How often each standing stands over the consignments first accepted in the span, in parts that may repeat."""
    return [(standing, count) for text, count in run(connection, _COUNTED, span) for standing in from_text(text)]


_COUNTED = (
    "SELECT standings, count(*) FROM scheme_standings WHERE period >= ? AND period < ? GROUP BY standings "
    "ORDER BY standings"
)
