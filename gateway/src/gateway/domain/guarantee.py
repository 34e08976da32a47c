"""Release on guarantee (担保放行): the journey of one use of guarantees, as a table of steps with their undo.

    state       next step                                   undo of the step
    ASKED       hold the amount           → HELD, REFUSED   cancel; it bars a hold that has not come yet
    HELD        confirm it                → CONFIRMED       credit all of it
    CONFIRMED   customs decides again, the case is released, what is open is followed to its end; told where it is late
    RETURNING   cancel or credit it       → CANCELLED, CREDITED, REFUSED
    CLAIMING    claim what is outstanding → CLAIMED

The ledger is that of the district where the guarantees live, this one or a partner.

Every step is a call that may be repeated: the ledger does each once for a use, and the gateway records what came of it
on condition of the state that it had. Before release a use that is not needed is returned; after release it ends only
when nothing is open any more, or by a claim.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from gateway.domain.case import Case, Surety
from gateway.domain.decision import Standing
from gateway.domain.identifiers import Micros, RequestId, derived_request_id
from gateway.domain.states import BEFORE_RELEASE, State

# How often a term is looked at that has ended while nobody can say what time it is.
LOOK_AGAIN = 30_000_000


class ReleaseState(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.GuaranteeRelease.State)."""

    ASKED = 1
    HELD = 2
    CONFIRMED = 3
    RETURNING = 4
    CLAIMING = 5
    CREDITED = 6
    CLAIMED = 7
    CANCELLED = 8
    REFUSED = 9


class Step(IntEnum):
    """A call to the ledger."""

    CONFIRM = 1
    RETURN = 2
    CLAIM = 3
    HOLD = 4


# The step that a state asks for. The driver holds only what a scheme grants: any other hold needs access codes, which
# are kept nowhere, so that one that was interrupted is undone unless the broker asks again in time.
STEPS = {
    ReleaseState.ASKED: Step.HOLD,
    ReleaseState.HELD: Step.CONFIRM,
    ReleaseState.RETURNING: Step.RETURN,
    ReleaseState.CLAIMING: Step.CLAIM,
}
TRANSITIONS: dict[ReleaseState, frozenset[ReleaseState]] = {
    ReleaseState.ASKED: frozenset({ReleaseState.HELD, ReleaseState.RETURNING, ReleaseState.REFUSED}),
    ReleaseState.HELD: frozenset({ReleaseState.CONFIRMED, ReleaseState.RETURNING}),
    ReleaseState.CONFIRMED: frozenset({ReleaseState.RETURNING, ReleaseState.CLAIMING}),
    ReleaseState.RETURNING: frozenset(
        {ReleaseState.CREDITED, ReleaseState.CLAIMED, ReleaseState.CANCELLED, ReleaseState.REFUSED}
    ),
    ReleaseState.CLAIMING: frozenset({ReleaseState.CLAIMED, ReleaseState.CREDITED}),
    ReleaseState.CREDITED: frozenset(),
    ReleaseState.CLAIMED: frozenset(),
    ReleaseState.CANCELLED: frozenset(),
    ReleaseState.REFUSED: frozenset(),
}
DAY = 24 * 3600 * 1_000_000
# Something may be held or confirmed.
OPEN = frozenset(state for state, after in TRANSITIONS.items() if after)
# It is on its way to a release, or stands for one.
STANDING = frozenset({ReleaseState.ASKED, ReleaseState.HELD, ReleaseState.CONFIRMED})
# It was confirmed, and did not come back: it replaces what was confirmed before it.
CONCLUDED = frozenset({ReleaseState.CONFIRMED, ReleaseState.CLAIMING, ReleaseState.CLAIMED})


class UseState(IntEnum):
    """A use as the ledger knows it. Numbers are the contract's (clearance.customs.v1.GuaranteeUse.State)."""

    UNKNOWN = 0
    HELD = 1
    CONFIRMED = 2
    CREDITED = 3
    CLAIMED = 4
    CANCELLED = 5
    EXPIRED = 6


# What the end of a use is to the release that asked for it.
ENDS = {
    UseState.CREDITED: ReleaseState.CREDITED,
    UseState.CLAIMED: ReleaseState.CLAIMED,
    UseState.CANCELLED: ReleaseState.CANCELLED,
    UseState.EXPIRED: ReleaseState.CANCELLED,
}


class LedgerAnswer(NamedTuple):
    """What has become of a use, or why the ledger refused (a reason of the contract)."""

    use: UseState
    refusal: str = ""


class Terms(NamedTuple):
    """What an agency wants guaranteed: numbers of clearance.common.v1.GuaranteeTerms.Kind, and the amount."""

    kinds: tuple[int, ...]
    units: int
    currency_code: str


@dataclass(frozen=True, slots=True)
class GuaranteeRelease:
    """One use of guarantees for one case."""

    number: str
    # From 1; every request is a new one.
    generation: int
    state: ReleaseState
    terms: Terms
    grns: tuple[str, ...]
    # District that keeps the guarantees.
    home: str
    # Identity of the broker who asked or whose case it is, and the request id.
    broker: str
    request_id: str
    request_time: Micros
    confirm_time: Micros | None = None
    end_time: Micros | None = None
    # Reasons by which the ledger refused it.
    refusals: tuple[str, ...] = ()
    # Until when other guarantees may be named after a refusal.
    amend_until: Micros | None = None
    # Identity of who claimed it, and why.
    claimant: str = ""
    claim_reason: str = ""
    # When the next step is to be taken, or taken again.
    due_time: Micros | None = None
    # How often the ledger did not take the step.
    attempts: int = 0
    # Version of the consignment that is guaranteed.
    version: int = 1
    # Nobody asked: the scheme 担保验放 grants it.
    by_scheme: bool = False
    # Until when what it stands for must be settled, once the goods are released.
    settle_by: Micros | None = None
    # Request id of who took it back or claimed it; empty where nobody did.
    end_request_id: str = ""

    def moved(self, state: ReleaseState, **fields: object) -> "GuaranteeRelease | None":
        """In another state, its step not yet tried; None where the table does not know the way."""
        if state not in TRANSITIONS[self.state]:
            return None
        return replace(self, state=state, attempts=0, **fields)  # type: ignore[arg-type]  # names of its own fields

    @property
    def outlasted(self) -> bool:
        """Whether a scheme granted it and it expired because the ledger could not be reached: nobody refused it."""
        return self.by_scheme and self.refusals == (UseState.EXPIRED.name,)

    def given_up(self, request_id: str, now: Micros) -> "GuaranteeRelease | None":
        """Refused, and no other guarantees are going to be named."""
        if self.state is not ReleaseState.REFUSED or now >= (self.amend_until or 0):
            return None
        return replace(self, amend_until=now, due_time=None, end_request_id=request_id)

    def request_id_for(self, step: Step) -> RequestId:
        """The request id of a step at the ledger, the same whenever it is taken."""
        return derived_request_id(self.number, self.generation, "ledger", f"guarantee.{step.name.lower()}")


def is_needed(release: GuaranteeRelease, case: Case, ledger: Standing, newest: int) -> bool:
    """Whether a use that is held or confirmed must stand. `ledger` is where the agency that keeps the ledger stands,
    `newest` the newest generation that is concluded.
    """
    if release.generation < newest:
        return False
    if case.state in (State.WITHDRAWN, State.EXPIRED, State.REFUSED):
        return False
    return not (ledger.yes and not ledger.covered)


def settle_by(case: Case, ledger: Standing) -> Micros | None:
    """Until when what is open must be settled, by what the agency that keeps the ledger states now."""
    decision = ledger.decision
    if case.release_time is None or case.state in BEFORE_RELEASE or decision is None or not decision.covered:
        return None
    return case.release_time + decision.settle_days * DAY if decision.settle_days else None


def is_overdue(release: GuaranteeRelease, now: Micros) -> bool:
    """Whether it stands for something that was not settled in time."""
    return release.state is ReleaseState.CONFIRMED and release.settle_by is not None and release.settle_by <= now


def surety(releases: Sequence[GuaranteeRelease], case: Case, now: Micros) -> Surety:
    """What a case may rest on. A use that is being returned is nothing to rest on any more."""
    states = {each.state for each in releases}
    if states & {ReleaseState.CONFIRMED, ReleaseState.CLAIMING}:
        return Surety.OVERDUE if any(is_overdue(each, now) for each in releases) else Surety.CONFIRMED
    if ReleaseState.CLAIMED in states:
        return Surety.CLAIMED
    newest = releases[-1] if releases else None
    if newest is not None and newest.state is ReleaseState.REFUSED and now < (newest.amend_until or 0):
        return Surety.REFUSED if case.state in BEFORE_RELEASE else Surety.NONE
    return Surety.NONE


def held(release: GuaranteeRelease, answer: LedgerAnswer, now: Micros, amend_until: Micros) -> GuaranteeRelease | None:
    """After a hold. A hold that a repeated call finds confirmed already is confirmed again, which does nothing."""
    if answer.use in (UseState.HELD, UseState.CONFIRMED):
        return release.moved(ReleaseState.HELD, due_time=now)
    return _refused(release, (answer.refusal or answer.use.name,), now, amend_until)


def _refused(
    release: GuaranteeRelease, refusals: tuple[str, ...], now: Micros, amend_until: Micros
) -> GuaranteeRelease | None:
    """Others may be named for a time; what only expired, a scheme grants anew."""
    outlasted = replace(release, refusals=refusals).outlasted
    due, until = (now, None) if outlasted else (amend_until, amend_until)
    return release.moved(ReleaseState.REFUSED, refusals=refusals, end_time=now, amend_until=until, due_time=due)


def stepped(
    release: GuaranteeRelease, step: Step, answer: LedgerAnswer, now: Micros, amend_until: Micros
) -> GuaranteeRelease | None:
    """After a step; None where the answer does not end it."""
    if step is Step.CONFIRM:
        if answer.use is UseState.CONFIRMED:
            return release.moved(ReleaseState.CONFIRMED, confirm_time=now, due_time=now)
        return release.moved(ReleaseState.RETURNING, refusals=(answer.refusal or answer.use.name,), due_time=now)
    state = ENDS.get(answer.use)
    if state is None:
        return None
    if state is ReleaseState.CANCELLED and release.refusals:
        return _refused(release, release.refusals, now, amend_until)
    return release.moved(state, end_time=now, due_time=None)


def reviewed(
    releases: Sequence[GuaranteeRelease], case: Case, ledger: Standing, now: Micros, legal_now: Micros | None = None
) -> list[tuple[GuaranteeRelease, GuaranteeRelease]]:
    """(before, after) of those that are due and become something else by what has become of the case."""
    newest = max((each.generation for each in releases if each.state in CONCLUDED), default=0)
    changed = []
    for release in releases:
        if release.due_time is None or release.due_time > now:
            continue
        after: GuaranteeRelease | None = release
        if release.state is ReleaseState.ASKED and not release.by_scheme:
            # Whoever asked did not come back with the codes.
            after = release.moved(ReleaseState.RETURNING, due_time=now)
        elif release.state in STANDING and not is_needed(release, case, ledger, newest):
            after = release.moved(ReleaseState.RETURNING, due_time=now)
        elif release.state not in STEPS:
            until = settle_by(case, ledger) if release.state is ReleaseState.CONFIRMED else None
            term = release.amend_until if release.state is ReleaseState.REFUSED else until
            after = replace(
                release, settle_by=until, due_time=_looked_at(term, now, now if legal_now is None else legal_now)
            )
        if after is not None and after is not release:
            changed.append((release, after))
    return changed


def _looked_at(term: Micros | None, now: Micros, legal_now: Micros) -> Micros | None:
    """When a term is looked at again: at its end, and not again after that, but for one that stands still."""
    if term is None or term <= legal_now:
        return None
    return term if term > now else now + LOOK_AGAIN
