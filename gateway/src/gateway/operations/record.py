"""Step 3 of a clearance: what the agencies answered, in one transaction for all that arrived together.

(1) cases are locked in key order, and whoever lost his lease is left out; decisions are read anew
(2) answers and, for cases that are closed, the inbox are folded in, and the state machine advances
(3) decisions, orders, outbox, audit and cases with their asks are written, cases on condition of their epoch; what a
    scheme grants is asked for

A case itself is not read again: under the epoch that its holder has, nobody else changes it.

What a crash leaves behind: everything of the transaction or nothing. What was not recorded is asked again with the same
request id; the agency answers as before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.domain.case import AskState
from gateway.domain.deadlines import next_deadline
from gateway.domain.identifiers import Micros
from gateway.domain.states import State
from gateway.operations.context import Context
from gateway.operations.fold import Touch, Work, fold
from gateway.operations.grants import grant
from gateway.operations.issuing import Step, issue, outcomes
from gateway.operations.ports import OrderMaker
from gateway.operations.views import View
from gateway.storage.audit import write_audit
from gateway.storage.cases import Hold, lock_cases, update_cases, update_holds
from gateway.storage.changes import take_changes
from gateway.storage.decisions import Received, clear_inbox, insert_decisions, load_decisions, read_inbox
from gateway.storage.guarantees import wake_releases
from gateway.storage.orders import Order, insert_orders, load_orders
from gateway.storage.outcomes import insert_untold


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case as it stands after its record. `places` are where the decisions of its answers stand in their logs."""

    view: View
    state_before: State
    closed: bool
    places: tuple[tuple[str, int], ...]
    # Whether there is something to tell the agencies.
    told: bool = False
    # For a person: (act, agency, reason).
    alarms: tuple[tuple[str, str, str], ...] = ()


def record(
    connection: Connection, touches: Sequence[Touch], context: Context, make_orders: OrderMaker, jitter: float
) -> list[Recorded]:
    """Records the touches (one for each case); cases whose lease is lost are missing in the result."""
    works = _read(connection, touches)  # (1)
    for work in works:  # (2)
        fold(work, context, jitter)
    _issue(works, context, make_orders)
    _write(connection, works, context)  # (3)
    issued = load_orders(connection, [work.after.number for work in works if work.before.order_number])
    return [_recorded(work, issued.get(work.after.number, [])) for work in works]


def _recorded(work: Work, issued: list[Order]) -> Recorded:
    orders = issued or ([work.order] if work.order is not None else [])
    received = [answer.received for answer in work.touch.answers if answer.received is not None]
    return Recorded(
        View(work.after, work.found, orders),
        work.before.state,
        work.touch.closing,
        tuple([(each.decision.log, each.decision.sequence) for each in received]),
        work.after.order_number != work.before.order_number,
        tuple(work.alarms),
    )


def _read(connection: Connection, touches: Sequence[Touch]) -> list[Work]:
    epochs = lock_cases(connection, [touch.number for touch in touches])
    held = [touch for touch in touches if epochs.get(touch.number) == touch.case.epoch]
    decisions = load_decisions(connection, [touch.number for touch in held])
    inbox: dict[str, list[Received]] = {}
    for received in read_inbox(connection, [touch.number for touch in held if touch.closing]):
        inbox.setdefault(received.number, []).append(received)
    return [
        Work(touch, touch.case, decisions[touch.number], inbox.get(touch.number, []), touch.case, {}) for touch in held
    ]


def _issue(works: Sequence[Work], context: Context, make_orders: OrderMaker) -> None:
    for work, order in zip(works, issue(_steps(works), context, make_orders), strict=True):
        work.order = order


def _steps(works: Sequence[Work]) -> list[Step]:
    return [Step(work.before, work.after, work.found) for work in works]


def _write(connection: Connection, works: Sequence[Work], context: Context) -> None:
    insert_decisions(connection, [(work.after.number, decision) for work in works for decision in work.added])
    insert_orders(connection, [work.order for work in works if work.order is not None])
    insert_untold(connection, outcomes(_steps(works), context))
    write_audit(connection, context.replica, context.now, [entry for work in works for entry in work.audit])
    clear_inbox(connection, [received for work in works for received in work.inbox])
    _leave(connection, works, context)


def _leave(connection: Connection, works: Sequence[Work], context: Context) -> None:
    """Cases with their leases: what has changed gets a number among all changes, taken last."""
    now, until = context.lease_now(connection), context.lease_end(connection)
    changed = [work for work in works if work.after is not work.before]
    kept = [work for work in works if work.after is work.before and work.touch.closing]
    update_holds(connection, [(work.after, _hold(work, context, until, now)) for work in kept])
    if changed:
        first = take_changes(connection, len(changed))
        holds = [_hold(work, context, until, now, first + place) for place, work in enumerate(changed)]
        update_cases(connection, [(work.before, work.after, hold) for work, hold in zip(changed, holds, strict=True)])
        guaranteed = [work.after.number for work in changed if work.after.surety]
        wake_releases(connection, guaranteed, now)
    grant(connection, [(work.after, work.found) for work in works], context)


def _hold(work: Work, context: Context, until: Micros, now: Micros, change: int = 0) -> Hold:
    """A closed case is free, due at once if something can be asked already, else when a deadline passes.

    Any other stays leased.
    """
    if not work.touch.closing:
        return Hold(context.replica, until, until, change)
    case = work.after
    left = any(ask.state is AskState.PUT for ask in case.put_asks())
    due = context.when_due(next_deadline(case)) if case.waiting else None
    return Hold("", 0, now if left else due, change)
