"""Request ids: the same id with the same content has one effect; with other content it is refused.

Scope is the originator and the resource, so that another caller never meets the first one's ids.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, select

from agencykit.decisions import tables
from agencykit.decisions.sql import marked
from agencykit.refusals import RequestIdReused
from agencykit.storage.bulk import insert_rows

_COLUMNS = ("resource", "scope", "request_id", "digest", "clearance_number", "version", "create_time")


@dataclass(frozen=True, slots=True)
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
    known = select(tables.requests.c.digest).where(
        tables.requests.c.resource == claim.resource,
        tables.requests.c.scope == claim.scope,
        tables.requests.c.request_id == claim.request_id,
    )
    digest = connection.scalar(known)
    if digest is None:
        if _insert(connection, row):
            return True
        digest = connection.scalar(known)
    if digest != claim.digest:
        raise RequestIdReused(claim.request_id)
    return False


def _insert(connection: Connection, row: tuple[object, ...]) -> bool:
    marks = ", ".join("?" * len(row))
    sql = marked(connection, f"INSERT INTO requests ({', '.join(_COLUMNS)}) VALUES ({marks}) ON CONFLICT DO NOTHING")
    return connection.exec_driver_sql(sql, row).rowcount == 1


def remember_requests(connection: Connection, claims: list[Claim], now: int) -> None:
    """Stores claims that are known to be new, in one statement."""
    rows = [(c.resource, c.scope, c.request_id, c.digest, c.clearance_number, c.version, now) for c in claims]
    insert_rows(connection, tables.requests, rows, columns=_COLUMNS)
