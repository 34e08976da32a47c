"""What one agency answered to one ask, and what that makes of the ask."""

from dataclasses import dataclass
from enum import Enum

from gateway.domain.breaker import back_off_seconds
from gateway.domain.case import UNANSWERED, Ask, AskState
from gateway.domain.identifiers import Micros


class Answered(Enum):
    """The kinds of answer."""

    # A decision, verified; it speaks for itself.
    DECIDED = "decided"
    # The withdrawal is agreed to.
    AGREED = "agreed"
    # The withdrawal is refused, by the rule in `reason`.
    OBJECTED = "objected"
    # The service was not reached, or gave no answer of the contract: nobody's fault but its own.
    SILENT = "silent"
    # The item was refused although the service works.
    REFUSED = "refused"
    # Nothing was sent, because the service is known to be away.
    UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `reason` is a refusal's or a gRPC code's name (`UNAVAILABLE`, `GARBLED`, `STALE_VERSION`)."""

    kind: Answered
    reason: str = ""


def answered(ask: Ask, answer: Answer, now: Micros, jitter: float, most_refusals: int) -> Ask:
    """The ask after the answer. What has been settled in the meantime stays settled.

    `jitter`, 0 to 1, spreads the next try. After `most_refusals` refusals the ask is set aside.
    """
    if ask.state not in UNANSWERED:
        return ask
    attempts = ask.attempts + (answer.kind is not Answered.UNSENT)
    if answer.kind in (Answered.DECIDED, Answered.AGREED):
        return _with(ask, AskState.ANSWERED, attempts=attempts)
    if answer.kind is Answered.OBJECTED:
        return _with(ask, AskState.REFUSED, attempts=attempts, reason=answer.reason)
    refusals = ask.refusals + (answer.kind is Answered.REFUSED)
    due = now + int(1e6 * back_off_seconds(attempts, jitter)) * (answer.kind is not Answered.UNSENT)
    state = AskState.SET_ASIDE if refusals >= most_refusals else AskState.PARKED
    since = ask.park_time or now
    return _with(ask, state, attempts=attempts, refusals=refusals, due=due, since=since, reason=answer.reason)


def _with(
    ask: Ask,
    state: AskState,
    *,
    attempts: int,
    refusals: int | None = None,
    due: Micros | None = None,
    since: Micros = 0,
    reason: str = "",
) -> Ask:
    return Ask(
        ask.agency,
        ask.purpose,
        ask.version,
        ask.request_id,
        state,
        attempts,
        ask.refusals if refusals is None else refusals,
        ask.ask_time,
        ask.due_time if due is None else due,
        since,
        reason,
    )
