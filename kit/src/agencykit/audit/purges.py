"""What purges say they took, out of the rows of an audit that are in its chain.

A purge leaves a row in the audit: up to when what it took was over, and which leaves of which logs stand for it. Only
a row that is what was chained vouches for anything, and none for what was not old enough for any purge.
"""

import json
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from agencykit.audit import runs
from agencykit.audit.chain import LEAF, row_leaf
from agencykit.audit.countersigned import Heads
from agencykit.retention.declared import LEAST_DAYS

# The act of a purge in every audit. Its own rows are never purged: they vouch for what is gone.
ACT = "purge"
AUDIT = "audit"
# Clocks of a service and of its gateway may differ by so much.
_SKEW_SECONDS = 60
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Taken:
    """By which row a leaf's content was taken, and up to when (microseconds since 1970) it says that it took."""

    row: int
    until: int


@dataclass(slots=True)
class Purges:
    """(district, log) → sequence → by what it was taken. The log of an audit is called `audit/<service>`."""

    taken: dict[tuple[str, str], dict[int, Taken]] = field(default_factory=dict)

    def of(self, district: str, log: str) -> dict[int, Taken]:
        """Of one log."""
        return self.taken.get((district, log), {})

    def read(self, lines: Iterable[dict[str, Any]], heads: Heads) -> None:
        """Takes up the purges of one export. `heads` are those that gateways countersigned, and when."""
        service, columns, last, leaves = "", [], 0, frozenset[bytes]()
        for line in lines:
            if "audit" in line:
                service, columns = line["audit"], line["columns"]
            elif "page" in line:
                last, leaves = line["page"] + line["count"] - 1, leaves_of(b64decode(line["leaves"]))
            elif "row" in line and row_leaf(line["row"]) in leaves:
                row = dict(zip(columns, line["row"], strict=True))
                if row["act"] == ACT:
                    known = heads.get((line["district"], service), {})
                    seen = [time for sequence, (_, time) in known.items() if sequence >= last]
                    self._take(line["district"], service, row, min(seen, default=None))

    def _take(self, district: str, service: str, row: dict[str, Any], seen: datetime | None) -> None:
        """`seen`: when the row's page was countersigned; a row of later than that lies about its time."""
        if seen is not None and row["time"] > (seen.timestamp() + _SKEW_SECONDS) * 1_000_000:
            return
        try:
            told = json.loads(row["details"])
            until, logs = int(told["until"]), dict(told["logs"])
        except (KeyError, TypeError, ValueError):
            return
        if until > row["time"] - LEAST_DAYS * _DAY:
            return
        for log, text in logs.items():
            name = f"{AUDIT}/{service}" if log == AUDIT else log
            known = self.taken.setdefault((district, name), {})
            known |= {sequence: Taken(row["id"], until) for sequence in runs.from_text(text)}


def leaves_of(content: bytes) -> frozenset[bytes]:
    """Of a page."""
    return frozenset(content[place : place + LEAF] for place in range(0, len(content), LEAF))


def told(taken: Iterable[Taken]) -> str:
    """`, 3 of them purged by row 9, 12` for a line of what holds; empty for none."""
    every = list(taken)
    rows = sorted({each.row for each in every})
    named = f"row{'s' if len(rows) > 1 else ''} {runs.to_text(rows)}"
    return f", {len(every)} of them purged by {named}" if every else ""
