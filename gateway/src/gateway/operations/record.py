"""Step 3 of a clearance: what the agencies answered, in one transaction for all that arrived together.

(1) cases, asks and decisions are read anew, rows locked in key order; whoever lost his lease is left out
(2) answers and, for cases that are closed, the inbox are folded in, and the state machine advances
(3) decisions, asks, orders, outbox, audit and cases are written, cases on condition of their epoch

What a crash leaves behind: everything of the transaction or nothing. What was not recorded is asked again with the same
request id; the agency answers as before.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from gateway.domain.advance import advance
from gateway.domain.answer import Answer, answered
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.decision import Decision, standings
from gateway.domain.identifiers import Micros, derived_request_id
from gateway.domain.states import ORDERS, OUTCOMES, RELEASED, State
from gateway.operations.context import Context
from gateway.operations.ports import OrderMaker
from gateway.operations.views import View, current_decisions
from gateway.storage.audit import Entry, write_audit
from gateway.storage.cases import Hold, load_cases, update_asks, update_cases, update_holds
from gateway.storage.changes import take_changes
from gateway.storage.decisions import Received, clear_inbox, insert_decisions, load_decisions, read_inbox
from gateway.storage.orders import Order, Outcome, insert_orders, load_orders, put_in_outbox


@dataclass(slots=True)
class AskAnswer:
    """One agency's answer to one ask of a case; `received` is its decision, where there is one."""

    agency: str
    purpose: str
    version: int
    answer: Answer
    received: Received | None = None


@dataclass(slots=True)
class Touch:
    """What is to be recorded about one case by whoever holds it under `epoch`. `closing` gives the lease back."""

    number: str
    epoch: int
    answers: list[AskAnswer] = field(default_factory=list)
    closing: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """A case as it stands after its record. `places` are where the decisions of its answers stand in their logs."""

    view: View
    state_before: State
    closed: bool
    places: tuple[tuple[str, int], ...]
    # For a person: (act, agency, reason).
    alarms: tuple[tuple[str, str, str], ...] = ()


@dataclass(slots=True)
class _Work:
    """One case between reading and writing."""

    touch: Touch
    before: Case
    known: list[Decision]
    inbox: list[Received]
    after: Case
    added: list[Decision] = field(default_factory=list)
    audit: list[Entry] = field(default_factory=list)
    alarms: list[tuple[str, str, str]] = field(default_factory=list)
    order: Order | None = None


def record(
    connection: Connection, touches: Sequence[Touch], context: Context, make_order: OrderMaker, jitter: float
) -> list[Recorded]:
    """Records the touches (one for each case); cases whose lease is lost are missing in the result."""
    works = _read(connection, touches)
    for work in works:
        _fold(work, context, jitter)
        _issue(work, context, make_order)
    _write(connection, works, context)
    issued = load_orders(connection, [work.after.number for work in works if work.after.order_number])
    return [
        Recorded(
            View(
                work.after, current_decisions(work.after, [*work.known, *work.added]), issued.get(work.after.number, [])
            ),
            work.before.state,
            work.touch.closing,
            tuple((r.decision.log, r.decision.sequence) for answer in work.touch.answers if (r := answer.received)),
            tuple(work.alarms),
        )
        for work in works
    ]


def _read(connection: Connection, touches: Sequence[Touch]) -> list[_Work]:
    cases = load_cases(connection, [touch.number for touch in touches], lock=True)
    held = [touch for touch in touches if touch.number in cases and cases[touch.number].epoch == touch.epoch]
    decisions = load_decisions(connection, [touch.number for touch in held])
    inbox: dict[str, list[Received]] = {}
    for received in read_inbox(connection, [touch.number for touch in held if touch.closing]):
        inbox.setdefault(received.number, []).append(received)
    return [
        _Work(touch, case, decisions[touch.number], inbox.get(touch.number, []), case)
        for touch in held
        for case in (cases[touch.number],)
    ]


def _fold(work: _Work, context: Context, jitter: float) -> None:
    """The case with its answers and new decisions, advanced."""
    received = [answer.received for answer in work.touch.answers if answer.received is not None]
    _take_decisions(work, [*received, *work.inbox], context.now)
    case = work.before
    for answer in work.touch.answers:
        case = case.changed(asks=tuple(_ask_after(ask, answer, context, jitter) for ask in case.asks))
    news = bool(work.added) or case.asks != work.before.asks
    work.after = advance(case, [*work.known, *work.added], context.now, news=news)
    if work.after.state is not work.before.state:
        details: dict[str, object] = {"from": work.before.state.name, "to": work.after.state.name}
        if work.after.order_number != work.before.order_number:
            details["order"] = work.after.order_number
        work.audit.append(Entry(work.after.number, "state", details=details))
    _notice(work)


def _take_decisions(work: _Work, received: Iterable[Received], now: Micros) -> None:
    """New ones are stored, counted or not; duplicates and older ones leave an audit row."""
    case = work.before
    known = {(d.agency, d.version, d.revision, d.fingerprint) for d in work.known}
    newest = {d.agency: (d.version, d.revision) for d in sorted(work.known, key=lambda d: (d.version, d.revision))}
    for each in received:
        decision = each.decision
        key = (decision.agency, decision.version, decision.revision, decision.fingerprint)
        if key in known:
            work.audit.append(Entry(case.number, "duplicate", decision.agency, {"revision": decision.revision}))
            continue
        known.add(key)
        current = decision.version == case.version and each.digest == case.digest
        counted = current and case.policy.asked.get(decision.agency) == each.signer
        if not counted or (decision.version, decision.revision) < newest.get(decision.agency, (0, 0)):
            details = {"version": decision.version, "revision": decision.revision}
            work.audit.append(Entry(case.number, "older" if counted else "not counted", decision.agency, details))
        work.added.append(replace(decision, counted=counted, record_time=now))


def _ask_after(ask: Ask, answer: AskAnswer, context: Context, jitter: float) -> Ask:
    if (ask.agency, ask.purpose, ask.version) != (answer.agency, answer.purpose, answer.version):
        return ask
    return answered(ask, answer.answer, context.now, jitter, context.limits.refusals)


def _notice(work: _Work) -> None:
    """What a person must hear of: set aside, or two decisions with one revision."""
    for before, after in zip(work.before.asks, work.after.asks, strict=True):
        if after.state is AskState.SET_ASIDE and before.state is not AskState.SET_ASIDE:
            details = {"purpose": after.purpose, "reason": after.park_reason}
            work.audit.append(Entry(work.after.number, "set aside", after.agency, details))
            work.alarms.append(("set aside", after.agency, after.park_reason))
    if not work.added:
        return
    were = standings(work.before.policy.asked, work.before.version, work.known)
    are = standings(work.after.policy.asked, work.after.version, [*work.known, *work.added])
    for agency in (agency for agency, standing in are.items() if standing.conflict and not were[agency].conflict):
        work.audit.append(Entry(work.after.number, "conflict", agency, {"version": work.after.version}))
        work.alarms.append(("conflict", agency, "two decisions with one revision"))


def _issue(work: _Work, context: Context, make_order: OrderMaker) -> None:
    """A numbered, signed order over the decisions just read, where the state reached orders one."""
    case = work.after
    if case.order_number == work.before.order_number or case.state not in ORDERS:
        return
    found = standings(case.policy.asked, case.version, [*work.known, *work.added])
    if case.state in RELEASED and not all(found[agency].yes for agency in case.policy.required):
        raise AssertionError(f"{case.number} must not be released")
    decisions = [decision for agency in case.policy.required if (decision := found[agency].decision) is not None]
    kind = ORDERS[case.state]
    order_bytes, signature = make_order(case, kind, decisions, context.now)
    work.order = Order(case.number, case.order_number, kind, case.version, order_bytes, signature, context.now)


def _write(connection: Connection, works: Sequence[_Work], context: Context) -> None:
    insert_decisions(connection, [(work.after.number, decision) for work in works for decision in work.added])
    update_asks(
        connection,
        [
            (work.after.number, after)
            for work in works
            for before, after in zip(work.before.asks, work.after.asks, strict=True)
            if before != after
        ],
    )
    insert_orders(connection, [work.order for work in works if work.order is not None])
    put_in_outbox(connection, [outcome for work in works for outcome in _outcomes(work, context.now)])
    write_audit(connection, context.replica, context.now, [entry for work in works for entry in work.audit])
    clear_inbox(connection, [received for work in works for received in work.inbox])
    _leave(connection, works, context)


def _leave(connection: Connection, works: Sequence[_Work], context: Context) -> None:
    """Cases with their leases: what has changed gets a number among all changes, taken last."""
    now, until = context.lease_now(connection), context.lease_end(connection)
    changed = [work for work in works if work.after is not work.before]
    kept = [work for work in works if work.after is work.before and work.touch.closing]
    update_holds(connection, [(work.after, _hold(work, context.replica, until, now)) for work in kept])
    if changed:
        first = take_changes(connection, len(changed))
        holds = [_hold(work, context.replica, until, now, first + place) for place, work in enumerate(changed)]
        update_cases(connection, [(work.after, hold) for work, hold in zip(changed, holds, strict=True)])


def _outcomes(work: _Work, now: Micros) -> Iterable[Outcome]:
    """Every agency asked is told of release, stop, refusal and withdrawal."""
    case = work.after
    if case.order_number == work.before.order_number:
        return
    kind = OUTCOMES[case.state]
    for agency in case.policy.asked:
        request_id = derived_request_id(case.number, case.version, agency, f"outcome.{case.order_number}")
        yield Outcome(agency, case.number, case.order_number, case.version, kind, now, request_id)


def _hold(work: _Work, replica: str, until: Micros, now: Micros, change: int = 0) -> Hold:
    """A closed case is free, and due at once if something can be asked already; else it stays leased."""
    if not work.touch.closing:
        return Hold(replica, until, until, change)
    left = any(ask.state is AskState.PUT for ask in work.after.put_asks())
    return Hold("", 0, now if left else None, change)
