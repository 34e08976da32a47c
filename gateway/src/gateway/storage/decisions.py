"""Decisions as they were signed, and the inbox of those that came by a feed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.storage.rows import delete_in, insert, rows_in
from gateway.domain.decision import Decision, Grant
from gateway.storage import scopes, waits
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
        number, agency, version, revision, fingerprint, verdict, counted, scope, waiting, *rest = row
        log, sequence, signed, record_time, covered, granted, settle_days = rest
        found[number].append(
            Decision(
                *(agency, version, revision, verdict, bytes(fingerprint), bool(counted), scopes.from_text(scope)),
                *(waits.from_text(waiting), log, sequence, bytes(signed), record_time, bool(covered)),
                _granted(granted),
                settle_days,
            )
        )
    return found


def insert_decisions(connection: Connection, added: Iterable[tuple[str, Decision]]) -> None:
    """New decisions: (number, decision). One that is already there stays as it is."""
    rows = [
        (
            *(number, d.agency, d.version, d.revision, d.fingerprint, int(d.verdict), int(d.counted)),
            *(scopes.to_text(d.scope), waits.to_text(d.waits), d.log, d.sequence, d.signed, d.record_time),
            *(int(d.covered), _grant_text(d.granted), d.settle_days),
        )
        for number, d in added
    ]
    insert(connection, decisions, rows, "ignore")


def put_in_inbox(connection: Connection, received: Sequence[Received]) -> None:
    """What came by a feed; an entry that is already there stays."""
    rows = [
        (
            *(r.number, r.decision.log, r.decision.sequence, r.decision.agency, r.decision.version),
            *(r.decision.revision, r.decision.fingerprint, int(r.decision.verdict)),
            *(scopes.to_text(r.decision.scope), waits.to_text(r.decision.waits), r.decision.signed, r.digest, r.signer),
            *(int(r.decision.covered), _grant_text(r.decision.granted), r.decision.settle_days),
        )
        for r in received
    ]
    insert(connection, inbox, rows, "ignore")


def read_inbox(connection: Connection, numbers: Iterable[str]) -> list[Received]:
    """What waits for these cases, in the order of each log."""
    found = []
    for row in rows_in(connection, inbox, _INBOX_COLUMNS, ("number",), dict.fromkeys(numbers)):
        number, log, sequence, agency, version, revision, fingerprint, verdict, scope, waiting, *rest = row
        signed, digest, signer, covered, granted, settle_days = rest
        key = (agency, version, revision, verdict, bytes(fingerprint))
        said = (scopes.from_text(scope), waits.from_text(waiting), log, sequence, bytes(signed))
        decision = Decision(
            *key, True, *said, covered=bool(covered), granted=_granted(granted), settle_days=settle_days
        )
        found.append(Received(number, decision, bytes(digest), signer))
    return sorted(found, key=lambda received: (received.decision.log, received.decision.sequence))


def clear_inbox(connection: Connection, read: Iterable[Received]) -> None:
    """Removes entries that were read in this transaction, and no others."""
    keys = [(r.number, r.decision.log, r.decision.sequence) for r in read]
    delete_in(connection, inbox, ("number", "log", "sequence"), keys)


def _grant_text(grant: Grant | None) -> str:
    return json.dumps(grant) if grant is not None else ""


def _granted(text: str) -> Grant | None:
    if not text:
        return None
    kinds, units, currency_code, grns = json.loads(text)
    return Grant(tuple(kinds), units, currency_code, tuple(grns))
