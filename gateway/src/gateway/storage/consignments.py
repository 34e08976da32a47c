"""Consignments as they were accepted, version by version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in
from gateway.domain.identifiers import Micros
from gateway.storage.tables import versions

_COLUMNS = tuple(versions.columns.keys())


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a consignment: its bytes as every agency receives them."""

    number: str
    version: int
    digest: bytes
    consignment: bytes
    accept_time: Micros
    # Who asked for it (SignedAssertion), sent with it however often.
    assertion: bytes


def insert_versions(connection: Connection, added: Iterable[Version]) -> None:
    """New versions."""
    rows = [(v.number, v.version, v.digest, v.consignment, v.accept_time, v.assertion) for v in added]
    insert(connection, versions, rows)


def load_versions(connection: Connection, wanted: Mapping[str, int]) -> dict[str, Version]:
    """Number -> the version wanted of it."""
    rows = rows_in(connection, versions, _COLUMNS, ("number", "version"), wanted.items())
    return {row[0]: Version(row[0], row[1], bytes(row[2]), bytes(row[3]), row[4], bytes(row[5])) for row in rows}
