"""Request ids: the same id with the same content has one effect; with other content it is refused.

Scope is the originator and the resource, so that another caller never meets the first one's ids.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.decisions import tables
from agencykit.refusals import RequestIdReused
from agencykit.storage.rows import change, insert, run

_COLUMNS = ("resource", "scope", "request_id", "digest", "clearance_number", "version", "create_time")
_INSERT = f"INSERT INTO requests ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_KNOWN = "SELECT digest FROM requests WHERE request_id = ? AND resource = ? AND scope = ?"


@dataclass(slots=True)
class Claim:
    """One use of a request id: by whom, for what, with which content."""

    resource: str
    # Identity of the originator.
    scope: str
    request_id: str
    digest: bytes
    clearance_number: str = ""
    version: int = 0


def content_digest(content: bytes) -> bytes:
    """SHA-256 of what a request id stands for."""
    return hashlib.sha256(content).digest()


def claim_request(connection: Connection, claim: Claim, now: int) -> bool:
    """True the first time, False for a replay; RequestIdReused where the id stood for other content.

    Insert first, look afterwards: of two at once, PostgreSQL lets the second wait for the first one's end.
    """
    row = (claim.resource, claim.scope, claim.request_id, claim.digest, claim.clearance_number, claim.version, now)
    known = _known(connection, claim)
    if known is None:
        if change(connection, _INSERT, row) == 1:
            return True
        known = _known(connection, claim)
    if known != claim.digest:
        raise RequestIdReused(claim.request_id)
    return False


def _known(connection: Connection, claim: Claim) -> bytes | None:
    found = run(connection, _KNOWN, (claim.request_id, claim.resource, claim.scope))
    return found[0][0] if found else None


def remember_requests(connection: Connection, claims: list[Claim], now: int) -> None:
    """Stores claims that are known to be new, in one statement."""
    rows = [(c.resource, c.scope, c.request_id, c.digest, c.clearance_number, c.version, now) for c in claims]
    insert(connection, tables.requests, rows, columns=_COLUMNS)
