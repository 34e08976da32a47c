"""Purges a database as if time had passed."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import MetaData, Table, make_url

from agencykit.retention.declared import AUDIT, CASE, Keeping
from agencykit.retention.purging import DAY, Order, Purge, Purged, erase
from agencykit.storage.engines import make_engine
from agencykit.storage.times import to_micros

# Periods as they are set by default; `retention_person_days` is border's, `retention_contact_days` the gateway's.
DAYS = {CASE: 1096, AUDIT: 3653, "retention_person_days": 365, "retention_contact_days": 180}
FOUR_YEARS, TWELVE_YEARS = 4 * 366, 12 * 366
BY = "dba/chen"


def _go_on(_seconds: float) -> None:
    """Nobody waits."""


def purge_later(
    url: str,
    keeping: Keeping,
    now: datetime,
    days: int,
    *,
    look: bool = False,
    rest: Callable[[float], None] = _go_on,
) -> dict[str, Purged]:
    """Purges, or looks what would go, so many days after `now`; what went, by kind. An SQLite file is written anew."""
    engine = make_engine(url, connections=1)
    reader = make_engine(url, connections=1, begin="BEGIN", read_only=True)
    audit, pages = (Table(name, MetaData(), autoload_with=reader) for name in ("audit", "audit_pages"))
    order = Order(BY, to_micros(now) + days * DAY, DAYS)
    made = Purge(engine, reader, keeping, audit, pages, order, lambda: 0.0, rest, lambda _: None)
    try:
        done = {found.subject: found for found in (made.look() if look else made.carry_out())}
        reader.dispose()
        if not look and engine.dialect.name == "sqlite":
            erase(engine, str(make_url(url).database), 2**30)
        return done
    finally:
        reader.dispose()
        engine.dispose()
