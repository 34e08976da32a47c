"""What a case becomes when answers and decisions come to it: pure work between reading and writing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.domain.advance import advance_to
from gateway.domain.answer import Answer, answered
from gateway.domain.case import Ask, AskState, Case
from gateway.domain.deadlines import DEADLINE_PASSED
from gateway.domain.decision import Decision, Standing, standings
from gateway.domain.identifiers import Micros
from gateway.domain.manual import ManualState, disagrees
from gateway.domain.waiting import GUARANTEE_OVERDUE
from gateway.operations.context import Context
from gateway.storage.audit import PARKED, SET_ASIDE, STATE, Entry
from gateway.storage.decisions import Received
from gateway.storage.orders import Order
from gateway.storage.scopes import to_text


@dataclass(slots=True)
class AskAnswer:
    """One agency's answer to one ask of a case; `received` is its decision, where there is one."""

    agency: str
    purpose: str
    version: int
    answer: Answer
    received: Received | None = None


@dataclass(slots=True)
class Held:
    """One case that this replica holds, as last recorded, and how many answers are still to come."""

    case: Case
    outstanding: int


@dataclass(slots=True)
class Touch:
    """What is to be recorded about one case by its holder. `closing` gives the lease back."""

    held: Held
    answers: list[AskAnswer] = field(default_factory=list)
    closing: bool = False

    @property
    def case(self) -> Case:
        """The case as its holder knows it."""
        return self.held.case

    @property
    def number(self) -> str:
        """The case's number."""
        return self.held.case.number


@dataclass(slots=True)
class Work:
    """One case between reading and writing. `found` are the agencies' standings with all that is known now."""

    touch: Touch
    before: Case
    known: list[Decision]
    inbox: list[Received]
    after: Case
    found: dict[str, Standing]
    added: list[Decision] = field(default_factory=list)
    audit: list[Entry] = field(default_factory=list)
    alarms: list[tuple[str, str, str]] = field(default_factory=list)
    order: Order | None = None


def fold(work: Work, context: Context, jitter: float) -> None:
    """The case with its answers and new decisions, advanced."""
    received = [answer.received for answer in work.touch.answers if answer.received is not None]
    _take_decisions(work, [*received, *work.inbox], context.now)
    before, case = work.before, _with_answers(work, context, jitter)
    work.found = standings(case.policy.asked, case.version, [*work.known, *work.added])
    after = advance_to(case, work.found, context.now, context.legal_now, news=bool(work.added) or case is not before)
    work.after = after
    work.audit += moved_entries(before, after)
    _notice(work)
    _notice_manual(work)
    if after.waiting:
        _notice_deadlines(work)


def moved_entries(before: Case, after: Case) -> list[Entry]:
    """What the audit says of a case that has moved; nothing of one that has not."""
    if after.state is before.state and after.order_number == before.order_number:
        return []
    details: dict[str, object] = {"from": before.state.name, "to": after.state.name}
    if after.order_number != before.order_number:
        details["order"] = after.order_number
    if after.part is not None:
        details["scope"] = to_text(after.part)
    return [Entry(after.number, STATE, details=details)]


def _with_answers(work: Work, context: Context, jitter: float) -> Case:
    """The case with what its asks have become; the very same case where nothing has."""
    # By the first three fields of an ask.
    answers = {(each.agency, each.purpose, each.version): each.answer for each in work.touch.answers}
    if not answers:
        return work.before
    now, most = context.now, context.limits.refusals
    asks = tuple(
        [
            answered(ask, answer, now, jitter, most) if (answer := answers.get(ask[:3])) else ask
            for ask in work.before.asks
        ]
    )
    return work.before if asks == work.before.asks else work.before.changed(asks=asks)


def _take_decisions(work: Work, received: Iterable[Received], now: Micros) -> None:
    """New ones are stored, counted or not; duplicates and older ones leave an audit row."""
    case = work.before
    known = {(d.agency, d.version, d.revision, d.fingerprint) for d in work.known}
    newest: dict[str, tuple[int, int]] = {}
    for each in work.known:
        newest[each.agency] = max(newest.get(each.agency, (0, 0)), (each.version, each.revision))
    for one in received:
        decision = one.decision
        place = (decision.version, decision.revision)
        key = (decision.agency, *place, decision.fingerprint)
        if key in known:
            work.audit.append(Entry(case.number, "duplicate", decision.agency, {"revision": decision.revision}))
            continue
        known.add(key)
        current = decision.version == case.version and one.digest == case.digest
        decision.counted = current and case.policy.asked.get(decision.agency) == one.signer
        decision.record_time = now
        if not decision.counted or place < newest.get(decision.agency, (0, 0)):
            act = "older" if decision.counted else "not counted"
            details = {"version": decision.version, "revision": decision.revision}
            work.audit.append(Entry(case.number, act, decision.agency, details))
        work.added.append(decision)


def _notice(work: Work) -> None:
    """What a person must hear of: a service silent, an item set aside, or two decisions with one revision."""
    number, were = work.after.number, {(ask.agency, ask.purpose): ask.state for ask in work.before.asks}
    for ask in work.after.asks:
        if ask.state is AskState.SET_ASIDE and were[ask.agency, ask.purpose] is not AskState.SET_ASIDE:
            details = {"purpose": ask.purpose, "reason": ask.park_reason}
            work.audit.append(Entry(number, SET_ASIDE, ask.agency, details))
            work.alarms.append(("set aside", ask.agency, ask.park_reason))
        elif ask.state is AskState.PARKED and _falls_silent(ask, were[ask.agency, ask.purpose]):
            work.audit.append(Entry(number, PARKED, ask.agency, {"purpose": ask.purpose, "reason": ask.park_reason}))
    conflicts = [agency for agency, standing in work.found.items() if standing.conflict]
    if not (work.added and conflicts):
        return
    before = standings(work.before.policy.asked, work.before.version, work.known)
    for agency in (agency for agency in conflicts if not before[agency].conflict):
        work.audit.append(Entry(number, "conflict", agency, {"version": work.after.version}))
        work.alarms.append(("conflict", agency, "two decisions with one revision"))


def _notice_manual(work: Work) -> None:
    """An agency in whose place officers released goods has decided: as they did, or otherwise."""
    before, after = work.before.manual, work.after.manual
    if before is None or after is None or after.state is before.state:
        return
    details = {"serial": after.serial, "from": before.state.name, "to": after.state.name}
    work.audit.append(Entry(work.after.number, "manual release", details=details))
    if after.state is ManualState.CONFLICT:
        agencies = [agency for agency in after.absent if disagrees(after, work.found[agency])]
        work.alarms.append(("manual release", ", ".join(agencies), "decided otherwise than officers released"))


def _notice_deadlines(work: Work) -> None:
    """DEADLINE_PASSED, and the end of a term that a guarantee stands for, are the gateway's own events."""
    for wait in work.after.waiting:
        if wait in work.before.waiting:
            continue
        if wait.fact_kind == GUARANTEE_OVERDUE:
            work.audit.append(Entry(work.after.number, "guarantee overdue", wait.agency))
            work.alarms.append(("guarantee overdue", wait.agency, "what is open was not settled in time"))
        elif wait.fact_kind == DEADLINE_PASSED:
            details = {"default": wait.fact_key, "deadline": wait.since}
            work.audit.append(Entry(work.after.number, "DEADLINE_PASSED", wait.agency, details))
            work.alarms.append(("deadline passed", wait.agency, wait.fact_key))


def _falls_silent(ask: Ask, was: AskState) -> bool:
    """Whether a parked one's service does not answer from now on; an item that it refuses is answered."""
    return was is not AskState.PARKED and not ask.refusals
