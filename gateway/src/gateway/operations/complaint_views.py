"""Complaints as they are told: each with what was arbitrated on it, and whether its filer can be reached."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.refusals import NotFound
from gateway.domain.arbitration import Arbitration, ArbitrationState
from gateway.domain.complaint import Complaint
from gateway.operations.complaints import May, load_known
from gateway.operations.context import Context
from gateway.storage.arbitrations import arbitrations_of
from gateway.storage.audit import Entry, write_audit
from gateway.storage.complaints import Contact, Wanted, contact_of, contacts_kept, page_of_complaints
from gateway.storage.snapshot import begin_snapshot


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """One complaint, with the arbitration that is proposed or decided."""

    complaint: Complaint
    arbitration: Arbitration | None
    contact_kept: bool


def one_complaint(connection: Connection, number: str) -> ComplaintView:
    """NotFound, RecordPurged."""
    begin_snapshot(connection)
    [view] = _views(connection, [load_known(connection, number)])
    return view


def page(connection: Connection, wanted: Wanted, before: str, limit: int) -> list[ComplaintView]:
    """The newest first."""
    begin_snapshot(connection)
    return _views(connection, page_of_complaints(connection, wanted, before, limit))


def reach(connection: Connection, number: str, who: str, may: May, context: Context) -> Contact:
    """How whoever complains can be reached; that somebody asked is recorded in the same transaction. NotFound."""
    complaint = load_known(connection, number)
    may(complaint)
    found = contact_of(connection, number)
    if found is None:
        raise NotFound("contact", number)
    entry = Entry(number, "complaint contact shown", complaint.agency, {"party": who})
    write_audit(connection, context.replica, context.now, [entry])
    return found


def _views(connection: Connection, found: Sequence[Complaint]) -> list[ComplaintView]:
    numbers = [each.number for each in found]
    arbitrated, kept = arbitrations_of(connection, numbers), contacts_kept(connection, numbers)
    return [ComplaintView(each, _standing(arbitrated.get(each.number, [])), each.number in kept) for each in found]


def _standing(known: Sequence[Arbitration]) -> Arbitration | None:
    standing = [each for each in known if each.state is not ArbitrationState.WITHDRAWN]
    return standing[-1] if standing else None
