"""A case as a value: what is known of one clearance, without its consignment and its decisions."""

from dataclasses import dataclass, fields
from enum import IntEnum
from operator import attrgetter
from typing import NamedTuple

from gateway.domain.commitment import Commitment
from gateway.domain.decision import Standing, Wait
from gateway.domain.identifiers import ASSESS, Micros, RequestId, derived_request_id, withdraw
from gateway.domain.manual import Manual
from gateway.domain.policy import AppliedPolicy
from gateway.domain.scope import Scope
from gateway.domain.states import State


class AskState(IntEnum):
    """Where one question to one agency stands."""

    # Waits for the decisions it depends on, or for the answer to a withdrawal.
    HELD = 0
    # Put, or to be put at once; no answer yet.
    PUT = 1
    # The agency's service does not answer; it is asked again with the same request id.
    PARKED = 2
    # Answered by a decision, or a withdrawal agreed to.
    ANSWERED = 3
    # Refused again and again although the service works: poison, until a person looks.
    SET_ASIDE = 4
    # A withdrawal the agency refuses.
    REFUSED = 5
    # Overtaken by an amendment or a withdrawal.
    VOID = 6


class Surety(IntEnum):
    """What the gateway has recorded of guarantees for a case; a yes on guarantee counts only with one confirmed."""

    NONE = 0
    # For a time other guarantees may be named, and nothing else amended.
    REFUSED = 1
    CONFIRMED = 2
    # It was claimed, so that nothing is owed any more.
    CLAIMED = 3
    # Confirmed, and what it stands for was not settled in time.
    OVERDUE = 4


# With these a yes on guarantee counts.
SURE = frozenset({Surety.CONFIRMED, Surety.CLAIMED, Surety.OVERDUE})
# No answer is there, and one may still come without anybody's doing.
UNANSWERED = frozenset({AskState.HELD, AskState.PUT, AskState.PARKED})


class Ask(NamedTuple):
    """One question to one agency: assess a version, or agree to its withdrawal.

    Nothing in it is the case's own, so that cases which travel together and are answered alike share their asks; the
    request id is derived from these parts and the case's number (`Case.request_id`).
    """

    agency: str
    purpose: str
    version: int
    state: AskState = AskState.PUT
    # How often it was sent, and how often it was refused while the agency's service worked.
    attempts: int = 0
    refusals: int = 0
    ask_time: Micros = 0
    # Not before this moment is it sent again.
    due_time: Micros = 0
    # Since when and why it is parked or set aside; 0 and empty when it is not.
    park_time: Micros = 0
    park_reason: str = ""

    def moved(self, state: AskState) -> "Ask":
        """A copy in another state, no longer parked."""
        return self._replace(state=state, park_time=0, park_reason="")


@dataclass(slots=True)
class Withdrawal:
    """The broker's wish to withdraw. What the agencies say to it stands in the asks of its purpose."""

    round: int
    version: int
    request_id: str
    reason: str
    request_time: Micros
    # Who wishes it, as the gateway signed it when it met him.
    assertion: bytes = b""

    @property
    def purpose(self) -> str:
        return withdraw(self.round)


@dataclass(slots=True)
class Case:
    """One clearance. `asks` are those of the current version and of the newest withdrawal."""

    number: str
    # Identity of the broker who submitted.
    broker: str
    reference: str
    state: State
    version: int
    # SHA-256 of the consignment bytes of the current version.
    digest: bytes
    policy: AppliedPolicy
    commitment: Commitment
    # W3C traceparent of the clearance's root span.
    trace: str
    create_time: Micros
    update_time: Micros
    release_time: Micros | None = None
    # Number of the newest order or outcome; grows within the case.
    order_number: int = 0
    # Counts the changes of this case.
    etag: int = 1
    waiting: tuple[Wait, ...] = ()
    withdrawal: Withdrawal | None = None
    asks: tuple[Ask, ...] = ()
    # Goes before others.
    urgent: bool = False
    # Every write is conditional on it: who took the case over since has another.
    epoch: int = 1
    # Direction and mode of transport as it was accepted, `import/sea`.
    journey: str = ""
    # Key ports, industries and enterprises (重点) it belongs to, as they were at its acceptance.
    keys: tuple[str, ...] = ()
    # While it is released in part: what its newest order lets go.
    part: Scope | None = None
    # Containers that have left the port, in its order; loose and air cargo as the empty number. Known once released.
    out: tuple[str, ...] = ()
    # Of those that had left: what is in an agency's hands again.
    recovered: tuple[str, ...] = ()
    # What a yes on guarantee may rest on.
    surety: Surety = Surety.NONE
    # By which officers released it (人工放行): from then on every order of it says so. None: agencies alone do.
    manual: Manual | None = None

    def approved(self, agency: str, standing: Standing) -> Scope | None:
        """What an agency agrees to release, or officers let go without it: the whole (None), a part, or NOTHING."""
        manual = self.manual
        if manual is not None and manual.stands_in(agency, self.version, standing):
            return manual.scope
        return standing.approved

    def asked(self, agency: str, purpose: str = ASSESS) -> Ask | None:
        """The question put to an agency, by purpose."""
        for ask in self.asks:
            if ask.agency == agency and ask.purpose == purpose:
                return ask
        return None

    def request_id(self, ask: Ask) -> RequestId:
        """The request id under which one of its asks is sent, however often."""
        return derived_request_id(self.number, ask.version, ask.agency, ask.purpose)

    def withdrawal_asks(self) -> tuple[Ask, ...]:
        """What the agencies were asked about the newest withdrawal."""
        return tuple(ask for ask in self.asks if self.withdrawal and ask.purpose == self.withdrawal.purpose)

    def changed(self, **fields: object) -> "Case":
        """A copy with other values in these fields."""
        copy = Case(*_values(self))
        for name, value in fields.items():
            setattr(copy, name, value)
        return copy

    def put_asks(self) -> tuple[Ask, ...]:
        """The questions that may be sent now."""
        return tuple(ask for ask in self.asks if ask.state in (AskState.PUT, AskState.PARKED))

    def expects_answer(self) -> bool:
        """Whether an agency that the case needs has been asked and has neither answered nor been parked."""
        return any(
            ask.state is AskState.PUT and (ask.purpose != ASSESS or ask.agency in self.policy.needed)
            for ask in self.asks
        )


_values = attrgetter(*(field.name for field in fields(Case)))
