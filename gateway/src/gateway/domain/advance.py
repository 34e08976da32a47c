"""The clearance state machine: a case, the decisions stored for it and the moment give the next case.

Nothing else moves a case. The order in which decisions come does not matter, and to advance twice changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.domain.case import SURE, Ask, AskState, Case, Surety
from gateway.domain.closing import after_leaving
from gateway.domain.deadlines import with_deadlines
from gateway.domain.decision import Decision, Standing, Verdict, standings
from gateway.domain.identifiers import ASSESS, Micros
from gateway.domain.manual import reconciled
from gateway.domain.scope import NOTHING, Scope
from gateway.domain.states import BEFORE_RELEASE, LEFT, OPEN, OUTCOMES, RELEASED, RELEASING, State, moved
from gateway.domain.waiting import waiting
from gateway.domain.withdrawal import withdrawal_standing

# The gravest verdict of a required agency names the state; below these the case is in progress.
STATE_OF_VERDICT = (
    ({Verdict.REFUSED, Verdict.RECALLED}, State.REFUSED),
    ({Verdict.HOLD}, State.ON_HOLD),
    ({Verdict.INFORMATION_REQUESTED}, State.INFORMATION_REQUIRED),
    ({Verdict.EXAMINE}, State.EXAMINATION),
)


def advance(
    case: Case, decisions: Iterable[Decision], now: Micros, legal_now: Micros | None = None, *, news: bool = False
) -> Case:
    """The next value of `case`. `decisions` are all that are stored for it; those that do not count are passed over.

    `etag`, `update_time` and `order_number` move with what they tell of, and only then; `news` says that something the
    case shows has changed beside what is worked out here, such as a decision newly stored. `legal_now` is the moment
    for deadlines, which stands still while nobody can say what time it is; by default `now`.
    """
    found = standings(case.policy.asked, case.version, decisions)
    return advance_to(case, found, now, legal_now, news=news)


def advance_to(
    case: Case, found: Mapping[str, Standing], now: Micros, legal_now: Micros | None = None, *, news: bool = False
) -> Case:
    """As `advance`, where the agencies' standings are known already."""
    state, part = _reached(case, found)
    after = case.changed(state=moved(case.state, state))
    if part != case.part:
        after.part = part
    if after.state in OUTCOMES and (after.state is not case.state or after.part != case.part):
        after.order_number = case.order_number + 1
    after.asks = _asks(after, found, now)
    if case.manual is not None and (standing := reconciled(case.manual, found)) is not case.manual.state:
        after.manual = replace(case.manual, state=standing)
    after.waiting = waiting(after, found, now)
    if after.waiting and case.policy.deadlines:
        with_deadlines(after, now if legal_now is None else legal_now)
    if not news and _same(case, after):
        return case
    after.etag, after.update_time = case.etag + 1, now
    if after.state in RELEASING and case.release_time is None:
        after.release_time = now
    return after


def released_scope(case: Case, found: Mapping[str, Standing]) -> Scope | None:
    """What may be released: what every required agency's current decision on this version approves, while nobody
    withdraws it. The whole (None), a part, or NOTHING. A yes on guarantee counts only with a recorded confirmation.
    Where officers ordered a manual release, it stands in for the answers that it names, as long as they are absent.
    """
    withdrawal = withdrawal_standing(case)
    if (withdrawal is not None and withdrawal.bars_release) or not case.policy.required:
        return NOTHING
    scope: Scope | None = None
    for agency in case.policy.required:
        approved = case.approved(agency, found[agency])
        if found[agency].covered and case.surety not in SURE:
            return NOTHING
        if approved is None:
            continue
        if not approved:
            return NOTHING
        scope = approved if scope is None else scope & approved
    return scope


def _reached(case: Case, found: Mapping[str, Standing]) -> tuple[State, Scope | None]:
    """The state, and what is released while it is a part."""
    if case.state in LEFT:
        return after_leaving(case, found), None
    if case.state not in BEFORE_RELEASE and case.state not in RELEASING and case.state is not State.RELEASE_STOPPED:
        return case.state, None
    withdrawal = withdrawal_standing(case)
    if case.state in BEFORE_RELEASE and withdrawal is not None and withdrawal.complete:
        return State.WITHDRAWN, None
    scope = released_scope(case, found)
    if scope is None:
        return _released(case, found), None
    if scope:
        return State.PARTLY_RELEASED, scope
    return _without_release(case, found) if case.state in BEFORE_RELEASE else State.RELEASE_STOPPED, None


def _released(case: Case, found: Mapping[str, Standing]) -> State:
    """What was released stays as it was released; what was open may be settled since."""
    if case.manual is not None:
        return State.RELEASED_MANUALLY
    if case.state in RELEASED:
        return case.state
    on_guarantee = any(found[agency].covered for agency in case.policy.required)
    return State.RELEASED_ON_GUARANTEE if on_guarantee else State.RELEASED


def _without_release(case: Case, found: Mapping[str, Standing]) -> State:
    # What home says of goods that are verified here names no state: it has released them, or it is waited for.
    decisions = [found[agency].decision for agency in case.policy.required if agency != case.policy.declared_at]
    verdicts = {decision.verdict for decision in decisions if decision is not None}
    state = next((state for grave, state in STATE_OF_VERDICT if verdicts & grave), State.IN_PROGRESS)
    return State.GUARANTEE_AMENDMENT if case.surety is Surety.REFUSED and state in OPEN else state


def _asks(case: Case, found: Mapping[str, Standing], now: Micros) -> tuple[Ask, ...]:
    """The asks of a case that has just reached its state, each the very same where it has not moved."""
    withdrawal = withdrawal_standing(case)
    withdrawing = withdrawal is not None and withdrawal.open
    return tuple(
        [
            ask
            if ask.purpose != ASSESS or ask.state in (AskState.ANSWERED, AskState.VOID)
            else _asked_on(ask, case, found[ask.agency], now, withdrawing=withdrawing, found=found)
            for ask in case.asks
        ]
    )


def _asked_on(
    ask: Ask, case: Case, standing: Standing, now: Micros, *, withdrawing: bool, found: Mapping[str, Standing]
) -> Ask:
    """A decision answers the ask however it came; an ask that was held is put when what it depends on is there."""
    if standing.decision is not None:
        return ask.moved(AskState.ANSWERED)
    if case.state is State.WITHDRAWN:
        return ask.moved(AskState.VOID)
    if withdrawing:
        return ask.moved(AskState.HELD) if ask.state in (AskState.PUT, AskState.PARKED) else ask
    if ask.state is AskState.HELD and ready(ask.agency, case, found):
        return ask.moved(AskState.PUT)._replace(ask_time=now, due_time=now)
    return ask


def ready(agency: str, case: Case, found: Mapping[str, Standing]) -> bool:
    """Whether every agency it depends on has decided on the current version; a partner's port hears only of a yes."""
    if agency == case.policy.verified_at:
        return all(found[other].yes for other in case.policy.own)
    return all(found[other].decision is not None for other in case.policy.depends_on.get(agency, ()))


def _same(before: Case, after: Case) -> bool:
    return (
        before.state is after.state
        and before.asks == after.asks
        and before.waiting == after.waiting
        and before.part == after.part
        and before.manual == after.manual
    )
