"""What a service declares: for each table its period and from when it runs, and which rows are purged together.

A period is the name of a setting in days, whose bounds are the law's; none at all means for ever. A test compares what
is declared with the tables that there are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

# Settings of every service (agencykit.settings).
CASE, AUDIT = "retention_case_days", "retention_audit_days"
EVER = ""
# Customs may look into goods for three years after their release (海关法 45, 海关稽查条例 2): nothing that a decision
# rests on goes earlier, whatever the settings say. 3 years have 1,096 days at most.
LEAST_DAYS = 1096

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """One table. `since`: from when its period runs; of what is kept for ever, why."""

    table: str
    period: str
    since: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows that go with a subject: those whose `columns` hold its key, or what `keys` makes of it.

    `emptied` are columns that lose their content while the row stays; without them the row goes.
    """

    table: str
    columns: tuple[str, ...]
    emptied: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    keys: Callable[[Sequence[Key]], Sequence[Key]] = tuple


@dataclass(slots=True)
class Tally:
    """What one transaction purged: rows by table, and sequences whose content went, by log."""

    now: int
    rows: dict[str, int] = field(default_factory=dict)
    sequences: dict[str, list[int]] = field(default_factory=dict)

    def add(self, table: str, count: int) -> None:
        """So many rows more."""
        if count:
            self.rows[table] = self.rows.get(table, 0) + count


@dataclass(frozen=True, slots=True)
class Subject:
    """What is purged as one: a clearance, a movement, a ship's call.

    `source` and `over` are SQL: rows of one table, and when such a row is past its period; each `?` in `over` stands
    for the moment that must have passed. `before` runs first in the transaction, for what must be kept of them.
    """

    name: str
    period: str
    source: str
    key: tuple[str, ...]
    over: str
    removed: tuple[Removed, ...]
    before: Callable[[Connection, Sequence[Key], Tally], None] | None = None
    # Locks what `over` looks at beside the row itself.
    lock: Callable[[Connection, Sequence[Key]], None] | None = None
    # Most that go in one transaction.
    most: int = 100


@dataclass(frozen=True, slots=True)
class Keeping:
    """All that a service says of its database."""

    tables: tuple[Kept, ...]
    subjects: tuple[Subject, ...]
    # Writes the row of a purge into the service's own audit: (connection, moment, by whom, details).
    tell: Callable[[Connection, int, str, Mapping[str, object]], None]
    # SQL: whether a row `a` of the audit is about something whose record is still kept.
    audit_needed: str
