"""Request ids and references: what makes a second submission the same case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage import insert_rows
from gateway.domain.identifiers import Micros
from gateway.storage.rows import rows_in
from gateway.storage.tables import cases, requests, versions

SUBMISSION = "clearance"
AMENDMENT = "amendment"
WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, slots=True)
class Request:
    """One use of a request id: by whom, for what, with which content, and the case it led to."""

    originator: str
    resource: str
    request_id: str
    content_digest: bytes
    number: str = ""


def known_requests(connection: Connection, wanted: Iterable[Request]) -> dict[tuple[str, str], Request]:
    """Those stored before, by (originator, request id); all of `wanted` are of one resource."""
    listed = list(wanted)
    keys = [(request.originator, request.resource, request.request_id) for request in listed]
    c = requests.c
    columns = [c.originator, c.resource, c.request_id, c.content_digest, c.number]
    rows = rows_in(connection, columns, [c.originator, c.resource, c.request_id], keys)
    return {(row[0], row[2]): Request(row[0], row[1], row[2], bytes(row[3]), row[4]) for row in rows}


def remember(connection: Connection, carried_out: Sequence[Request], now: Micros) -> None:
    """Stores request ids with what they led to."""
    rows = [(r.originator, r.resource, r.request_id, r.content_digest, r.number, now) for r in carried_out]
    insert_rows(connection, requests, rows)


def numbers_by_reference(connection: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(broker, reference) -> number of the case it names."""
    columns = [cases.c.broker, cases.c.reference, cases.c.number]
    return {
        (broker, reference): number
        for broker, reference, number in rows_in(connection, columns, [cases.c.broker, cases.c.reference], wanted)
    }


def digests(connection: Connection, numbers: Iterable[str]) -> dict[str, set[bytes]]:
    """Number -> digests of all its versions."""
    found: dict[str, set[bytes]] = {}
    for number, digest in rows_in(connection, [versions.c.number, versions.c.digest], versions.c.number, numbers):
        found.setdefault(number, set()).add(bytes(digest))
    return found
