"""What the port's database holds about releases and exits: one query for each table and batch of clearances."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection

from agencykit.decisions import tables as kit
from agencykit.storage.bulk import select_in
from agencykit.storage.rows import Fields, insert, rows_in, run
from port.domain.gate import AFTER_LEAVING
from port.storage.tables import arrivals, gate_outs

ORDER = (
    "clearance_number",
    "order_number",
    "version",
    "kind",
    "outcome_time",
    "order_bytes",
    "order_signature",
    "create_time",
)
_GATE_OUT = tuple(column.name for column in gate_outs.columns)


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """What the gateway told of one clearance, as it told it. `kind` is the number of clearance.agency.v1.Outcome.Kind.

    `consignment` and `digest` are of the version it is about, as this agency assessed it; empty where it never did.
    """

    clearance_number: str
    order_number: int
    version: int
    kind: int
    time: int
    order: bytes
    signature: bytes
    digest: bytes = b""
    consignment: bytes = b""
    # SHA-256 of each decision that this agency ever made on the clearance.
    decided: frozenset[bytes] = frozenset()
    # When the port recorded that it was told, by its own clock.
    record_time: int = 0


class GateOut(NamedTuple):
    """A row of `gate_outs`, its columns in their order."""

    clearance_number: str
    subject: str
    document: str
    version: int
    order_number: int
    way: int
    exit_time: int
    place_code: str
    conveyance: str
    reporter: str
    request_id: str
    record_time: int
    last: bool
    position: int
    load_number: int
    packages: int


def newest_orders(connection: Connection, numbers: Collection[str]) -> dict[str, StoredOrder]:
    """The order with the highest number of each clearance that the gateway told of.

    What became of goods that have left is no order, and says nothing of what may go.
    """
    newest: dict[str, Fields] = {}
    for row in sorted(rows_in(connection, kit.outcomes, ORDER, ("clearance_number",), sorted(set(numbers)))):
        if row[3] not in AFTER_LEAVING:
            newest[row[0]] = row
    decided = _decided(connection, newest)
    told = with_consignments(connection, newest.values())
    return {one.clearance_number: replace(one, decided=frozenset(decided[one.clearance_number])) for one in told}


def _decided(connection: Connection, numbers: Collection[str]) -> dict[str, set[bytes]]:
    """The digests of what this agency decided on each clearance, as orders name decisions."""
    found: dict[str, set[bytes]] = {number: set() for number in numbers}
    columns = ("clearance_number", "decision")
    for number, decision in rows_in(connection, kit.decisions, columns, ("clearance_number",), sorted(found)):
        found[number].add(sha256(decision).digest())
    return found


def with_consignments(connection: Connection, rows: Iterable[Fields]) -> list[StoredOrder]:
    """Orders of rows that hold `ORDER`, each with the consignment it is about, in the rows' order."""
    told = list(rows)
    columns, key = ("clearance_number", "version", "digest", "consignment"), ("clearance_number", "version")
    found = rows_in(connection, kit.consignments, columns, key, sorted({(row[0], row[2]) for row in told}))
    assessed = {(number, version): (bytes(digest), bytes(content)) for number, version, digest, content in found}
    return [_stored(row, *assessed.get((row[0], row[2]), (b"", b""))) for row in told]


def _stored(row: Fields, digest: bytes, consignment: bytes) -> StoredOrder:
    number, order_number, version, kind, time, order, signature, recorded = row
    said = (number, order_number, version, kind, time, bytes(order), bytes(signature))
    return StoredOrder(*said, digest, consignment, record_time=recorded)


def order_certificates(connection: Connection) -> dict[bytes, bytes]:
    """Certificates by which orders may be signed, by fingerprint; a handful."""
    rows = run(connection, "SELECT key_id, certificate FROM order_keys")
    return {bytes(key_id): bytes(certificate) for key_id, certificate in rows}


def exits_of(connection: Connection, numbers: Collection[str]) -> dict[str, list[GateOut]]:
    """What left of each clearance, in the order of recording."""
    found: dict[str, list[GateOut]] = {}
    rows = rows_in(connection, gate_outs, _GATE_OUT, ("clearance_number",), sorted(set(numbers)))
    for one in sorted((GateOut(*row) for row in rows), key=lambda each: each.position):
        found.setdefault(one.clearance_number, []).append(one)
    return found


def exits_after(connection: Connection, position: int, limit: int) -> list[GateOut]:
    """Exits after this position, in their order."""
    text = f"SELECT {', '.join(_GATE_OUT)} FROM gate_outs WHERE position > ? ORDER BY position LIMIT ?"
    return [GateOut(*row) for row in run(connection, text, (position, limit))]


def add_exits(connection: Connection, exits: Sequence[GateOut]) -> None:
    """Stores exits."""
    insert(connection, gate_outs, exits)


def terminals_of(connection: Connection, documents: Iterable[str]) -> dict[str, str]:
    """The terminal at which the goods of each document were reported."""
    columns = [arrivals.c.document, arrivals.c.terminal_code]
    return {row.document: row.terminal_code for row in select_in(connection, columns, arrivals.c.document, documents)}
