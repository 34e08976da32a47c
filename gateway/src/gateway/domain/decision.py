"""An agency's decision as the gateway counts it, and where the counted ones put the agency."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from agencykit.rules import Verdict
from gateway.domain.identifiers import Micros
from gateway.domain.scope import NOTHING, Scope

__all__ = [
    "HOME_ORDER",
    "OBLIGATION",
    "YES",
    "Decision",
    "Grant",
    "Standing",
    "Verdict",
    "Wait",
    "WaitKind",
    "standings",
]

# Verdicts that satisfy "required".
YES = frozenset({Verdict.APPROVED, Verdict.APPROVED_WITH_OBLIGATIONS, Verdict.NOT_SUBJECT})


# A yes may oblige somebody: it stands among its waits under this fact kind, keyed by the required action (`PAY`).
OBLIGATION = "obligation"
# The port's district tells the home's newest order that is obeyed there: among its waits too, keyed by the number.
HOME_ORDER = "home_order"


# What an agency that does not agree is waited for, where its decision names nothing: an officer's result or, once it
# has taken its yes back or refused and none of its officers has work, that it lifts this.
OFFICER_RESULT, RECALL, REFUSAL = "officer_result", "recall", "refusal"


class WaitKind(IntEnum):
    """Numbers are the contract's."""

    PERSON = 1
    MACHINE = 2


class Wait(NamedTuple):
    """Whom a case waits for. `since` is 0 as an agency states it; the gateway fills it in."""

    kind: int
    party: str
    fact_kind: str = ""
    fact_key: str = ""
    rule_id: str = ""
    agency: str = ""
    since: Micros = 0


class Grant(NamedTuple):
    """Release on guarantee that a scheme grants: kinds (numbers of GuaranteeTerms.Kind), amount, and the guarantees."""

    kinds: tuple[int, ...]
    units: int
    currency_code: str
    grns: tuple[str, ...]


@dataclass(slots=True)
class Decision:
    """One verified decision. Ordered by (version, revision); an agency's own clock orders nothing."""

    agency: str
    version: int
    revision: int
    verdict: int
    # SHA-256 of the decision's bytes: two decisions are the same when these are.
    fingerprint: bytes
    # Whether it was verified against the identity the case's policy names, for the very bytes of its version.
    counted: bool = True
    # The part of the consignment that it is about; None: the whole. A yes to a part is not a yes to the whole.
    scope: Scope | None = None
    waits: tuple[Wait, ...] = ()
    log: str = ""
    sequence: int = 0
    # The SignedDecision as it came.
    signed: bytes = b""
    record_time: Micros = 0
    # It is a yes only because confirmed guarantees stand for what is open.
    covered: bool = False
    # The guarantee on which it would be a yes, where a scheme grants it without being asked.
    granted: Grant | None = None
    # Within how many days of release what is open must be settled; 0: no term is stated.
    settle_days: int = 0


def awaited_of(decision: Decision | None) -> str:
    """What its agency is waited for, where it names nothing itself."""
    if decision is None:
        return OFFICER_RESULT
    return {Verdict.RECALLED: RECALL, Verdict.REFUSED: REFUSAL}.get(Verdict(decision.verdict), OFFICER_RESULT)


@dataclass(slots=True)
class Standing:
    """Where one agency stands on the current version."""

    decision: Decision | None = None
    # Two differing decisions with one (version, revision) came from it.
    conflict: bool = False
    _fingerprints: dict[int, bytes] = field(default_factory=dict)

    @property
    def yes(self) -> bool:
        """Whether it agrees to the release of the whole, beyond doubt."""
        return self.approved is None

    @property
    def approved(self) -> Scope | None:
        """What it agrees to release, beyond doubt: the whole (None), a part, or NOTHING."""
        decision = self.decision
        if decision is None or decision.verdict not in YES or self.conflict:
            return NOTHING
        return decision.scope

    @property
    def obeyed(self) -> int:
        """Number of the own newest order that the district of the port obeys; 0: none."""
        waits = self.decision.waits if self.decision is not None else ()
        return max((int(wait.fact_key) for wait in waits if wait.fact_kind == HOME_ORDER), default=0)

    @property
    def covered(self) -> bool:
        """Whether what it agrees to rests on guarantees."""
        return self.decision is not None and self.decision.covered

    def count(self, decision: Decision) -> None:
        """Takes one decision into account, in whatever order they come."""
        if self._fingerprints.setdefault(decision.revision, decision.fingerprint) != decision.fingerprint:
            self.conflict = True
        if self.decision is None or decision.revision > self.decision.revision:
            self.decision = decision


def standings(agencies: Iterable[str], version: int, decisions: Iterable[Decision]) -> dict[str, Standing]:
    """Where each asked agency stands on `version`: agency -> Standing.

    A decision for another version, of an agency that was not asked, or not `counted` is stored and passed over here.
    """
    found = {agency: Standing() for agency in agencies}
    for decision in decisions:
        if decision.version == version and decision.counted and decision.agency in found:
            found[decision.agency].count(decision)
    return found
