"""Goods declared in one district, their home, and verified at the port of another (属地申报、口岸验放).

Each side's gateway is a party of the other's case. What the port's says at home follows from what its own agencies
decide; what home says at the port is its newest order. Both then go by the clearance's one state machine, so that
neither alone lets goods go. docs/verification.md has the tables.
"""

import json
from dataclasses import dataclass

from agencykit.rules import Verdict
from gateway.domain.case import Case
from gateway.domain.decision import HOME_ORDER, OBLIGATION, YES, Decision, Standing, Wait, WaitKind
from gateway.domain.scope import Scope
from gateway.domain.states import State
from gateway.domain.withdrawal import withdrawal_standing

# Role of who signs for a district, and the name of what it signs by in its logs.
GATEWAY = "gateway"
# Gravest first; below these it is undecided.
_GRAVE = (
    Verdict.RECALLED,
    Verdict.REFUSED,
    Verdict.HOLD,
    Verdict.INFORMATION_REQUESTED,
    Verdict.EXAMINE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What the port's district says of one version. `obeyed` is the number of home's newest order that it obeys."""

    version: int
    verdict: Verdict
    scope: Scope | None
    waits: tuple[Wait, ...]
    obeyed: int

    @property
    def text(self) -> str:
        """The same for the same; without it nothing is said twice."""
        part = [sorted(self.scope.items), sorted(self.scope.containers)] if self.scope is not None else None
        waits = sorted(wait[:-1] for wait in self.waits)
        return json.dumps([self.version, int(self.verdict), part, waits, self.obeyed])


def said_of(case: Case, found: dict[str, Standing], obeyed: int, *, gate_told: bool) -> Said:
    """What is to be said now. `obeyed` is what was obeyed so far; `gate_told`: the gate has receipted all orders."""
    scope, verdict = _of_own(case, found)
    home = found[case.policy.declared_at].decision
    # A release is obeyed when it is recorded. An order to stop must have reached the gate.
    if home is not None and (home.verdict in YES or gate_told):
        obeyed = max(obeyed, home.revision)
    waits = () if verdict in YES and scope is None else _waits(case)
    if obeyed:
        waits = (*waits, Wait(WaitKind.PERSON, case.policy.declared_at, HOME_ORDER, str(obeyed)))
    return Said(case.version, verdict, scope, waits, obeyed)


def awaits_gate(case: Case, found: dict[str, Standing], said: Said) -> bool:
    """Whether an order to stop is not obeyed only because the gate has not receipted it."""
    home = found[case.policy.declared_at].decision
    return home is not None and home.revision > said.obeyed


def _of_own(case: Case, found: dict[str, Standing]) -> tuple[Scope | None, Verdict]:
    """What the district's own agencies approve together, and the verdict that this makes."""
    withdrawal = withdrawal_standing(case)
    if case.state is State.WITHDRAWN or (withdrawal is not None and withdrawal.bars_release):
        return None, Verdict.HOLD
    scope: Scope | None = None
    for agency in case.policy.own:
        approved = found[agency].approved
        if approved is not None:
            scope = approved if scope is None else scope & approved
    if scope is None or scope:
        return scope, Verdict.APPROVED
    if any(found[agency].conflict for agency in case.policy.own):
        return None, Verdict.HOLD
    verdicts = {decision.verdict for decision in _decisions(case, found)}
    return None, next((grave for grave in _GRAVE if grave in verdicts), Verdict.PENDING)


def _decisions(case: Case, found: dict[str, Standing]) -> list[Decision]:
    return [decision for agency in case.policy.own if (decision := found[agency].decision) is not None]


def _waits(case: Case) -> tuple[Wait, ...]:
    """Whom the port waits for, home itself left out."""
    return tuple(
        wait._replace(agency="", since=0)
        for wait in case.waiting
        if wait.agency != case.policy.declared_at and wait.fact_kind != OBLIGATION
    )
