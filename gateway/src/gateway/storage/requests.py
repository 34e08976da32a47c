"""Request ids and references: what makes a second submission the same case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import insert, rows_in
from gateway.domain.identifiers import Micros
from gateway.storage.tables import cases, requests, versions

_KEY = ("originator", "resource", "request_id")
_COLUMNS = (*_KEY, "content_digest", "number")

SUBMISSION = "clearance"
AMENDMENT = "amendment"
WITHDRAWAL = "withdrawal"
INTERVENTION = "intervention"
EXAMINATION = "examination"
GUARANTEE = "guarantee"
MANUAL = "manual"
EMERGENCY = "emergency"
BULLETIN = "bulletin"
COMPLAINT = "complaint"
TRANSIT = "transit"
REQUEUE = "requeue"


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
    keys = dict.fromkeys((request.originator, request.resource, request.request_id) for request in wanted)
    rows = rows_in(connection, requests, _COLUMNS, _KEY, keys)
    return {(row[0], row[2]): Request(row[0], row[1], row[2], bytes(row[3]), row[4]) for row in rows}


def remember(connection: Connection, carried_out: Sequence[Request], now: Micros) -> None:
    """Stores request ids with what they led to."""
    rows = [(r.originator, r.resource, r.request_id, r.content_digest, r.number, now) for r in carried_out]
    insert(connection, requests, rows)


def numbers_by_reference(connection: Connection, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(broker, reference) -> number of the case it names."""
    rows = rows_in(connection, cases, ("broker", "reference", "number"), ("broker", "reference"), dict.fromkeys(wanted))
    return {(broker, reference): number for broker, reference, number in rows}


def digests(connection: Connection, numbers: Iterable[str]) -> dict[str, set[bytes]]:
    """Number -> digests of all its versions."""
    found: dict[str, set[bytes]] = {}
    for number, digest in rows_in(connection, versions, ("number", "digest"), ("number",), dict.fromkeys(numbers)):
        found.setdefault(number, set()).add(bytes(digest))
    return found
