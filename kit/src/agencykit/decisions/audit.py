"""Audit rows, written in the transaction of the act: no state change without one."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.storage.rows import insert

_COLUMNS = ("time", "identity", "act", "clearance_number", "details")


@dataclass(slots=True)
class AuditEntry:
    """Who did what, when (microseconds since 1970). `details` holds identifiers, never names or document numbers."""

    time: int
    identity: str
    act: str
    clearance_number: str
    details: Mapping[str, object] = field(default_factory=dict)


def write_audit(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Writes the entries in their order."""
    if not entries:
        return
    rows = [
        (
            entry.time,
            entry.identity,
            entry.act,
            entry.clearance_number,
            json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
        )
        for entry in entries
    ]
    insert(connection, tables.audit, rows, columns=_COLUMNS)
