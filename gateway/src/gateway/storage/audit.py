"""Audit rows: who did what to which case. Details hold identifiers, never names, prices or document numbers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection

from agencykit.audit.purges import ACT as PURGE
from agencykit.storage.rows import insert
from gateway.domain.identifiers import Micros
from gateway.storage.tables import audit

# Acts of which the history of a case is told (storage.history).
ACCEPTED, STATE, AMENDED, PARKED, SET_ASIDE = "accepted", "state", "amended", "parked", "set aside"
EXIT = "exit"
# Of single items (storage.quarantine).
QUARANTINED, REQUEUED = "quarantined", "requeued"
# A partner asked, and nobody who may is proved to have asked the partner.
ORIGINATOR_REFUSED = "originator refused"
_COLUMNS = ("time", "replica", "number", "act", "agency", "details")


@dataclass(frozen=True, slots=True)
class Entry:
    """One act on one case."""

    number: str
    act: str
    agency: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


def write_audit(connection: Connection, replica: str, now: Micros, entries: Sequence[Entry]) -> None:
    """Writes the entries in their order."""
    rows = [
        (now, replica, entry.number, entry.act, entry.agency, _text(tuple(entry.details.items()))) for entry in entries
    ]
    insert(connection, audit, rows, columns=_COLUMNS)


def write_purge(connection: Connection, now: Micros, by: str, details: Mapping[str, object]) -> None:
    """What was purged, and by whom: about no single case."""
    insert(connection, audit, [(now, by, "", PURGE, "", json.dumps(details))], columns=_COLUMNS)


@lru_cache(maxsize=1024)
def _text(details: tuple[tuple[str, object], ...]) -> str:
    """Most cases go the same ways, so few are written."""
    return json.dumps(dict(details))
