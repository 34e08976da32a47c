"""Consignments as they were submitted, out of the kit's tables."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import run

_NEWEST = (
    "SELECT version, originator, consignment FROM consignments WHERE clearance_number = ? ORDER BY version DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Submitted:
    """One version; `originator` is the identity that submitted it."""

    version: int
    originator: str
    consignment: bytes


def newest(connection: Connection, clearance_number: str) -> Submitted | None:
    """The newest version customs knows; None of a clearance never seen."""
    rows = run(connection, _NEWEST, (clearance_number,))
    return Submitted(rows[0][0], rows[0][1], bytes(rows[0][2])) if rows else None
