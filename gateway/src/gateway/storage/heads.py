"""Countersigned heads of logs: the own sheets, and those that are kept for partners."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in, run
from gateway.domain.head import LogHead
from gateway.domain.identifiers import Micros
from gateway.storage.tables import head_sheets, log_heads, partner_sheets, signing_keys

HOUR = 3_600_000_000
_LAST = "SELECT number, sheet FROM head_sheets WHERE replica = ? ORDER BY number DESC LIMIT 1"
# From replica to replica, and of each the last: two seeks for a chain that may have millions of sheets.
NEWEST = """
WITH RECURSIVE r(replica) AS (
SELECT min(replica) FROM head_sheets
UNION ALL
SELECT (SELECT min(h.replica) FROM head_sheets AS h WHERE h.replica > r.replica) FROM r WHERE r.replica IS NOT NULL)
SELECT s.sheet, s.signature, s.key_id FROM r JOIN head_sheets AS s ON s.replica = r.replica
AND s.number = (SELECT max(n.number) FROM head_sheets AS n WHERE n.replica = r.replica) ORDER BY s.replica
"""
_KEPT = """
SELECT number, sheet, receive_time FROM partner_sheets WHERE district = ? AND replica = ? ORDER BY number DESC LIMIT 1
"""
# From chain to chain, as above.
_KEPT_FOR = """
WITH RECURSIVE r(replica) AS (
SELECT min(replica) FROM partner_sheets WHERE district = ?
UNION ALL
SELECT (SELECT min(p.replica) FROM partner_sheets AS p WHERE p.district = ? AND p.replica > r.replica)
FROM r WHERE r.replica IS NOT NULL)
SELECT s.sheet, s.signature FROM r JOIN partner_sheets AS s ON s.district = ? AND s.replica = r.replica
AND s.hour = (SELECT max(n.hour) FROM partner_sheets AS n WHERE n.district = ? AND n.replica = r.replica)
"""
_OF_SIGNER = """
SELECT key_id, certificate FROM signing_keys WHERE identity = ? ORDER BY create_time DESC, key_id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Key:
    """A key whose signatures were believed, by its certificate (DER)."""

    key_id: bytes
    certificate: bytes
    identity: str


@dataclass(frozen=True, slots=True)
class StoredSheet:
    """A sheet as signed, and the fingerprint of the key that signed it."""

    sheet: bytes
    signature: bytes
    key_id: bytes

    @property
    def digest(self) -> bytes:
        """By which the next sheet of the chain names it."""
        return sha256(self.sheet).digest()


@dataclass(frozen=True, slots=True)
class PartnerSheet:
    """A partner's sheet, verified, with the key by which it was."""

    district: str
    replica: str
    number: int
    sheet: bytes
    signature: bytes
    key: Key

    @property
    def digest(self) -> bytes:
        """Two sheets of one number with different ones: the chain was forked."""
        return sha256(self.sheet).digest()


def keep_keys(connection: Connection, keys: Iterable[Key], now: Micros) -> None:
    """Keeps certificates; one that is kept stays as it is."""
    rows = sorted({(each.key_id, each.certificate, each.identity, now) for each in keys})
    insert(connection, signing_keys, rows, "ignore")


def certificates(connection: Connection) -> dict[bytes, bytes]:
    """Fingerprint → certificate of every key that ever signed here: a handful in a year."""
    return {bytes(row[0]): bytes(row[1]) for row in run(connection, "SELECT key_id, certificate FROM signing_keys")}


def certificates_of(connection: Connection, identity: str, limit: int) -> dict[bytes, bytes]:
    """Fingerprint → certificate of one signer's keys, the newest first."""
    return {bytes(row[0]): bytes(row[1]) for row in run(connection, _OF_SIGNER, (identity, limit))}


def known_heads(connection: Connection, places: Collection[tuple[str, int]]) -> set[tuple[str, int, bytes]]:
    """(log, sequence, head) of those of these places that stand in sheets."""
    rows = rows_in(connection, log_heads, ("log", "sequence", "head"), ("log", "sequence"), sorted(set(places)))
    return {(log, sequence, bytes(head)) for log, sequence, head in rows}


def last_sheet(connection: Connection, replica: str) -> tuple[int, bytes]:
    """Number and digest of the newest in a replica's chain; 0 and nothing before the first."""
    for number, sheet in run(connection, _LAST, (replica,)):
        return int(number), sha256(sheet).digest()
    return 0, b""


def insert_sheet(
    connection: Connection, replica: str, number: int, now: Micros, stored: StoredSheet, heads: Sequence[LogHead]
) -> None:
    """A sheet just signed, with the heads that it is the first to hold."""
    insert(connection, head_sheets, [(replica, number, now, stored.sheet, stored.signature, stored.key_id)])
    rows = [(each.log, each.sequence, each.head, each.kind, replica, number) for each in heads]
    insert(connection, log_heads, rows, "ignore")


def sheets_over(connection: Connection, places: Collection[tuple[str, int]]) -> list[StoredSheet]:
    """The sheets that hold a head of these places, each once."""
    columns = ("replica", "number")
    found = rows_in(connection, log_heads, columns, ("log", "sequence"), sorted(set(places)))
    rows = rows_in(connection, head_sheets, ("sheet", "signature", "key_id"), columns, sorted(set(found)))
    return [_stored(row[0], row[1], row[2]) for row in rows]


def newest_sheets(connection: Connection) -> list[StoredSheet]:
    """The newest sheet of every replica's chain."""
    return [_stored(*row) for row in run(connection, NEWEST)]


def kept_sheet(connection: Connection, district: str, replica: str) -> tuple[int, bytes, Micros]:
    """Number, digest and time of receipt of the newest that is kept of a partner's replica; 0 where none is."""
    for number, sheet, receive_time in run(connection, _KEPT, (district, replica)):
        return int(number), sha256(sheet).digest(), int(receive_time)
    return 0, b"", 0


def sheets_kept_for(connection: Connection, district: str) -> list[StoredSheet]:
    """The newest that is kept of each of a partner's chains."""
    return [
        StoredSheet(bytes(row[0]), bytes(row[1]), b"")
        for row in run(connection, _KEPT_FOR, (district, district, district, district))
    ]


def own_digest(connection: Connection, chain: str, number: int) -> tuple[bytes | None, int]:
    """Of the own sheet of this number, and the number of the chain's last; None and 0 where there is none."""
    rows = rows_in(connection, head_sheets, ("sheet",), ("replica", "number"), [(chain, number)])
    return (sha256(rows[0][0]).digest() if rows else None), last_sheet(connection, chain)[0]


def keep_sheet(connection: Connection, told: PartnerSheet, now: Micros) -> None:
    """Keeps one in place of what came within the same hour."""
    row = (told.district, told.replica, now // HOUR, told.number, told.sheet, told.signature, now)
    insert(connection, partner_sheets, [row], "replace")


def _stored(sheet: bytes, signature: bytes, key_id: bytes) -> StoredSheet:
    return StoredSheet(bytes(sheet), bytes(signature), bytes(key_id))
