"""What one agency answered to one ask, and what that makes of the ask."""

from enum import Enum
from functools import lru_cache
from typing import NamedTuple

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


class Answer(NamedTuple):
    """One answer. `reason` is a refusal's or a gRPC code's name (`UNAVAILABLE`, `GARBLED`, `STALE_VERSION`)."""

    kind: Answered
    reason: str = ""


# Cases that travel together and are answered alike share their asks.
@lru_cache(maxsize=1024)
def answered(ask: Ask, answer: Answer, now: Micros, jitter: float, most_refusals: int) -> Ask:
    """The ask after the answer. What has been settled in the meantime stays settled.

    `jitter`, 0 to 1, spreads the next try. After `most_refusals` refusals the ask is set aside.
    """
    if ask.state not in UNANSWERED:
        return ask
    sent = ask._replace(attempts=ask.attempts + (answer.kind is not Answered.UNSENT))
    if answer.kind in (Answered.DECIDED, Answered.AGREED):
        return sent.moved(AskState.ANSWERED)
    if answer.kind is Answered.OBJECTED:
        return sent.moved(AskState.REFUSED)._replace(park_reason=answer.reason)
    refusals = ask.refusals + (answer.kind is Answered.REFUSED)
    wait_seconds = 0.0 if answer.kind is Answered.UNSENT else back_off_seconds(sent.attempts, jitter)
    return sent._replace(
        state=AskState.SET_ASIDE if refusals >= most_refusals else AskState.PARKED,
        refusals=refusals,
        due_time=now + int(1e6 * wait_seconds),
        park_time=ask.park_time or now,
        park_reason=answer.reason,
    )
