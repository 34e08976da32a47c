"""Decisions as they were signed, and the inbox of those that came by a feed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import delete_in, insert, rows_in
from gateway.domain.decision import Decision
from gateway.storage import waits
from gateway.storage.tables import decisions, inbox

_COLUMNS = tuple(decisions.columns.keys())
_INBOX_COLUMNS = tuple(inbox.columns.keys())


@dataclass(slots=True)
class Received:
    """A verified decision on a case, with what it must agree with before it counts."""

    number: str
    decision: Decision
    # SHA-256 of the consignment it is about, and the identity by which it was verified.
    digest: bytes
    signer: str


def load_decisions(connection: Connection, numbers: Iterable[str]) -> dict[str, list[Decision]]:
    """Number -> all decisions stored for it."""
    found: dict[str, list[Decision]] = {number: [] for number in numbers}
    for row in rows_in(connection, decisions, _COLUMNS, ("number",), found):
        number, agency, version, revision, fingerprint, verdict, counted, whole, waiting, *rest = row
        log, sequence, signed, record_time = rest
        found[number].append(
            Decision(
                *(agency, version, revision, verdict, bytes(fingerprint), bool(counted), bool(whole)),
                *(waits.from_text(waiting), log, sequence, bytes(signed), record_time),
            )
        )
    return found


def insert_decisions(connection: Connection, added: Iterable[tuple[str, Decision]]) -> None:
    """New decisions: (number, decision). One that is already there stays as it is."""
    rows = [
        (
            *(number, d.agency, d.version, d.revision, d.fingerprint, int(d.verdict), int(d.counted), int(d.whole)),
            *(waits.to_text(d.waits), d.log, d.sequence, d.signed, d.record_time),
        )
        for number, d in added
    ]
    insert(connection, decisions, rows, "ignore")


def put_in_inbox(connection: Connection, received: Sequence[Received]) -> None:
    """What came by a feed; an entry that is already there stays."""
    rows = [
        (
            *(r.number, r.decision.log, r.decision.sequence, r.decision.agency, r.decision.version),
            *(r.decision.revision, r.decision.fingerprint, int(r.decision.verdict), int(r.decision.whole)),
            *(waits.to_text(r.decision.waits), r.decision.signed, r.digest, r.signer),
        )
        for r in received
    ]
    insert(connection, inbox, rows, "ignore")


def read_inbox(connection: Connection, numbers: Iterable[str]) -> list[Received]:
    """What waits for these cases, in the order of each log."""
    found = []
    for row in rows_in(connection, inbox, _INBOX_COLUMNS, ("number",), dict.fromkeys(numbers)):
        number, log, sequence, agency, version, revision, fingerprint, verdict, whole, waiting, *rest = row
        signed, digest, signer = rest
        key = (agency, version, revision, verdict, bytes(fingerprint))
        decision = Decision(*key, True, bool(whole), waits.from_text(waiting), log, sequence, bytes(signed))
        found.append(Received(number, decision, bytes(digest), signer))
    return sorted(found, key=lambda received: (received.decision.log, received.decision.sequence))


def clear_inbox(connection: Connection, read: Iterable[Received]) -> None:
    """Removes entries that were read in this transaction, and no others."""
    keys = [(r.number, r.decision.log, r.decision.sequence) for r in read]
    delete_in(connection, inbox, ("number", "log", "sequence"), keys)
