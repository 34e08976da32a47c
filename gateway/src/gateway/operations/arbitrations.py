"""Arbitration (仲裁) of complaints: proposed and decided on the complaint's row held, followed and receipted.

No case is read or written here: what is decided orders agencies to act, and releases nothing.
"""

from dataclasses import replace

from sqlalchemy import Connection

from agencykit.refusals import (
    FormInvalid,
    NotFound,
    PositionAhead,
    SecondPersonNeeded,
    StateForbids,
    Violation,
)
from gateway.domain.arbitration import Arbitration, ArbitrationState, Measure, Ruling
from gateway.domain.complaint import Complaint, State
from gateway.operations.amend import replayed
from gateway.operations.complaints import BATCH, Act, load_known, moved_entry
from gateway.operations.context import Context
from gateway.storage.arbitrations import (
    arbitrations_of,
    decided_after,
    end_arbitration,
    insert_arbitration,
    keep_receipt,
    newest_position,
    take_position,
)
from gateway.storage.audit import Entry, write_audit
from gateway.storage.complaints import move_complaints
from gateway.storage.requests import remember
from gateway.storage.snapshot import begin_snapshot

ARBITRATE, CONFIRM, WITHDRAW = "ArbitrateComplaint", "ConfirmArbitration", "WithdrawArbitration"


def arbitrate(
    connection: Connection,
    done: Act,
    ruling: Ruling,
    reasons: tuple[str, ...],
    measures: tuple[Measure, ...],
    context: Context,
) -> None:
    """Proposes it, or decides it where one officer suffices.

    Raises RequestIdReused, NotFound, RecordPurged, StateForbids, SecondPersonNeeded or FormInvalid.
    """
    complaint = load_known(connection, done.number, lock=True)
    if replayed(connection, done.request):
        return
    known = arbitrations_of(connection, [done.number]).get(done.number, [])
    if complaint.state is not State.ESCALATED:
        raise StateForbids(complaint.state.name, ARBITRATE)
    if any(each.state is ArbitrationState.PROPOSED for each in known):
        raise StateForbids("PROPOSED", ARBITRATE)
    if complaint.answer is not None and complaint.answer.officer == done.who:
        raise SecondPersonNeeded(ARBITRATE, done.who)
    late = [place for place, each in enumerate(measures) if each.due_time <= context.now]
    if late:
        wrong = "must be to come"
        raise FormInvalid([Violation(f"measures[{each}].due_time", "measure.due", wrong, "timestamp") for each in late])
    serial, about = len(known) + 1, (complaint.agency, complaint.clearance_number)
    made = Arbitration(done.number, serial, ruling, reasons, measures, done.who, context.now, *about)
    if made.takes_two:
        insert_arbitration(connection, made)
        details = {"party": done.who, "serial": serial, "ruling": ruling.name}
        entry = Entry(done.number, "arbitration proposed", complaint.agency, details)
        write_audit(connection, context.replica, context.now, [entry])
    else:
        insert_arbitration(connection, _decided(connection, made, "", context))
        _end(connection, complaint, made, done, context)
    remember(connection, [done.request], context.now)


def confirm(connection: Connection, done: Act, serial: int, context: Context) -> None:
    """Decides what another has proposed.

    Raises RequestIdReused, NotFound, RecordPurged, StateForbids or SecondPersonNeeded.
    """
    complaint = load_known(connection, done.number, lock=True)
    if replayed(connection, done.request):
        return
    proposed = _proposed(connection, complaint, CONFIRM)
    if proposed.serial != serial:
        raise StateForbids("ANOTHER_PROPOSED", CONFIRM)
    if proposed.bars(done.who, complaint.answer.officer if complaint.answer else ""):
        raise SecondPersonNeeded(CONFIRM, proposed.proposer)
    end_arbitration(connection, _decided(connection, proposed, done.who, context))
    _end(connection, complaint, proposed, done, context)
    remember(connection, [done.request], context.now)


def withdraw_arbitration(connection: Connection, done: Act, context: Context) -> None:
    """Takes a proposal back. Raises RequestIdReused, NotFound, RecordPurged or StateForbids."""
    complaint = load_known(connection, done.number, lock=True)
    if replayed(connection, done.request):
        return
    proposed = _proposed(connection, complaint, WITHDRAW)
    end_arbitration(connection, replace(proposed, state=ArbitrationState.WITHDRAWN, second=done.who))
    details = {"party": done.who, "serial": proposed.serial}
    entry = Entry(done.number, "arbitration withdrawn", complaint.agency, details)
    write_audit(connection, context.replica, context.now, [entry])
    remember(connection, [done.request], context.now)


def _proposed(connection: Connection, complaint: Complaint, operation: str) -> Arbitration:
    known = arbitrations_of(connection, [complaint.number]).get(complaint.number, [])
    found = next((each for each in known if each.state is ArbitrationState.PROPOSED), None)
    # Taken back meanwhile by whoever complains, a proposal decides nothing.
    if found is None or complaint.state is not State.ESCALATED:
        raise StateForbids(complaint.state.name if found else "NOT_PROPOSED", operation)
    return found


def _decided(connection: Connection, proposed: Arbitration, second: str, context: Context) -> Arbitration:
    place = take_position(connection)
    decided = ArbitrationState.DECIDED
    return replace(proposed, state=decided, second=second, decide_time=context.now, position=place)


def _end(connection: Connection, complaint: Complaint, made: Arbitration, done: Act, context: Context) -> None:
    after = complaint.arbitrated(context.now)
    if after is None:
        raise StateForbids(complaint.state.name, done.event)
    move_complaints(connection, [after])
    moved = moved_entry(complaint, after, "arbitrated", done.who)
    details = {**moved.details, "serial": made.serial, "ruling": made.ruling.name, "bound": " ".join(made.bound)}
    write_audit(connection, context.replica, context.now, [replace(moved, details=details)])


def followed_arbitrations(connection: Connection, position: int) -> list[Arbitration]:
    """The next ones of the list; PositionAhead."""
    begin_snapshot(connection)
    if position > (newest := newest_position(connection)):
        raise PositionAhead(position, newest)
    return decided_after(connection, position, BATCH)


def receipt(connection: Connection, number: str, agency: str, who: str, context: Context) -> Arbitration:
    """The arbitration that binds the agency, which knows of it now; NotFound."""
    found = _binding(connection, number, agency)
    if agency not in found.receipted:
        keep_receipt(connection, number, agency, who, context.now)
        entry = Entry(number, "arbitration receipted", agency, {"party": who, "serial": found.serial})
        write_audit(connection, context.replica, context.now, [entry])
    return _binding(connection, number, agency)


def _binding(connection: Connection, number: str, agency: str) -> Arbitration:
    for each in arbitrations_of(connection, [number]).get(number, []):
        if each.state is ArbitrationState.DECIDED and agency in each.bound:
            return each
    raise NotFound("arbitration", number)
