"""Complaints (投诉): each act one transaction, on the complaint's row held. Whoever is refused has changed nothing.

Who may act on which complaint is asked by `rpc` before, of the complaint as it stands here.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from agencykit.refusals import NotFound, Overloaded, RecordPurged, StateForbids
from gateway.domain.bulletin import checked_number
from gateway.domain.complaint import Answer, Channel, Complaint, Event, Outcome, Rules
from gateway.domain.identifiers import Micros
from gateway.operations.amend import replayed
from gateway.operations.complaint_file import whose
from gateway.operations.context import Context
from gateway.storage.audit import Entry, write_audit
from gateway.storage.cases import load_cases
from gateway.storage.complaints import (
    Contact,
    due_complaints,
    filed_since,
    insert_complaint,
    load_complaints,
    lock_complaints,
    move_complaints,
    take_serial,
)
from gateway.storage.purged import of_complaint, purged_before
from gateway.storage.requests import COMPLAINT, Request, known_requests, remember

DAY = 86_400_000_000
BATCH = 64
FILED = "complaint filed"
# Whether whoever acts may: raises NotFound, CallerNotListed or SecondPersonNeeded.
May = Callable[[Complaint], None]


@dataclass(frozen=True, slots=True)
class Filing:
    """A complaint that comes."""

    request_id: str
    # From the certificate.
    filer: str
    channel: Channel
    kind: str
    named_agency: str
    clearance_number: str
    paragraphs: tuple[str, ...]
    contact: Contact | None
    token_digest: bytes
    # Trace of the call; of a complaint about a clearance that one's is kept in its place.
    trace_id: str
    # The broker whose clearance alone it may be about; empty where it may be about any.
    confined_to: str

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        contact = [self.contact.name, self.contact.address] if self.contact else []
        said = [self.kind, self.named_agency, self.clearance_number, self.paragraphs, contact, self.token_digest.hex()]
        return request_of(self.filer, self.request_id, FILED, "", said)


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does about a complaint; `said` is all that makes it another act."""

    request_id: str
    # From the certificate.
    who: str
    number: str
    event: str
    said: Sequence[object]

    @property
    def request(self) -> Request:
        """The request id with what it stands for."""
        return request_of(self.who, self.request_id, self.event, self.number, self.said)


def request_of(who: str, request_id: str, event: str, number: str, said: Sequence[object]) -> Request:
    """A request id with what it stands for."""
    content = hashlib.sha256(json.dumps([event, number, *said]).encode()).digest()
    return Request(who, COMPLAINT, request_id, content, number)


def file_complaint(
    connection: Connection,
    filing: Filing,
    context: Context,
    rules: Rules,
    code: str,
    agencies: Collection[str],
    most: int,
) -> Complaint:
    """The new complaint, acknowledged; of a replay the one that it led to, as it stands.

    Raises RequestIdReused, RecordPurged, Overloaded or NotFound.
    """
    # Whoever files waits here for who files at the same time: neither goes beyond what he may in a day.
    lock_complaints(connection)
    request = filing.request
    if replayed(connection, request):
        known = known_requests(connection, [request])[request.originator, request.request_id]
        return load_known(connection, known.number)
    if filed_since(connection, filing.filer, context.now - DAY) >= most:
        raise Overloaded(most)
    now, kind, serial = context.now, rules.kinds[filing.kind], take_serial(connection)
    number = checked_number("C", code, datetime.fromtimestamp(now / 1_000_000, UTC).year, serial)
    made = Complaint(
        *(number, filing.kind, filing.channel, filing.filer, filing.token_digest, filing.named_agency),
        *(filing.clearance_number, _trace(connection, filing), filing.paragraphs, rules.time.month(now), now),
        rules.answer_due(kind, now),
    )
    agency = whose(rules, filing.kind, filing.named_agency, agencies)
    made = (made.assigned(agency, now) if agency else made) or made
    insert_complaint(connection, made, filing.contact)
    remember(connection, [replace(request, number=number)], now)
    details = {
        "kind": made.kind,
        "channel": made.channel.name,
        "party": filing.filer,
        "clearance": made.clearance_number,
    }
    write_audit(connection, context.replica, now, [Entry(number, FILED, agency, details)])
    return made


def _trace(connection: Connection, filing: Filing) -> str:
    """Trace of the clearance that it is about, else its own; NotFound where it is none, or another broker's."""
    if not filing.clearance_number:
        return filing.trace_id
    case = load_cases(connection, [filing.clearance_number]).get(filing.clearance_number)
    if case is None or filing.confined_to not in ("", case.broker):
        raise NotFound("clearance", filing.clearance_number)
    return case.trace.split("-")[1] if case.trace else filing.trace_id


def load_known(connection: Connection, number: str, *, lock: bool = False) -> Complaint:
    """The complaint; NotFound, or RecordPurged where it was."""
    found = load_complaints(connection, [number], lock=lock).get(number)
    if found is None:
        if purged_before(connection, [of_complaint(number)]):
            raise RecordPurged("complaint", number)
        raise NotFound("complaint", number)
    return found


def act(
    connection: Connection, done: Act, may: May, change: Callable[[Complaint], Complaint | None], context: Context
) -> Complaint:
    """The complaint after the act; of a replay as it stands. `change` tells it, or None where its state forbids it.

    Raises RequestIdReused, NotFound, RecordPurged, StateForbids, or what `may` raises.
    """
    before = load_known(connection, done.number, lock=True)
    may(before)
    if replayed(connection, done.request):
        return before
    after = change(before)
    if after is None:
        raise StateForbids(before.state.name, done.event)
    move_complaints(connection, [after])
    remember(connection, [done.request], context.now)
    write_audit(connection, context.replica, context.now, [moved_entry(before, after, done.event, done.who)])
    return after


def moved_entry(before: Complaint, after: Complaint, event: str, who: str) -> Entry:
    """The row of the audit: who did what, and where it left it."""
    details = {"party": who, "from": before.state.name, "to": after.state.name}
    return Entry(after.number, f"complaint {event}", after.agency, details)


def answered(
    done: Act, agency: str, outcome: Outcome, paragraphs: tuple[str, ...], now: Micros, rules: Rules
) -> Callable[[Complaint], Complaint | None]:
    """What an officer's answer makes of it."""
    answer = Answer(outcome, paragraphs, agency, done.who, now)
    return lambda before: before.answered(answer, rules)


def any_due(connection: Connection, context: Context) -> list[str]:
    """Complaints to which something happens by itself now."""
    return due_complaints(connection, context.legal_in(connection), BATCH)


def take_time(connection: Connection, numbers: list[str], context: Context, rules: Rules) -> list[tuple[str, Event]]:
    """Lets it happen; (number, event) of each."""
    now, happened, moved, entries = context.legal_in(connection), [], [], []
    for number, before in load_complaints(connection, numbers, lock=True).items():
        found = before.by_itself(now, rules)
        if found is not None:
            event, after = found
            happened.append((number, event))
            moved.append(after)
            entries.append(moved_entry(before, after, event, "timer"))
    move_complaints(connection, moved)
    write_audit(connection, context.replica, context.now, entries)
    return happened
