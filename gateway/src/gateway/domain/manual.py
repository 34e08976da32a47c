"""Manual release (人工放行): two officers let goods go where required agencies gave no answer.

It stands in for absent answers and for nothing else: an agency's decision counts as soon as it is there, whatever it
is. What the absent decide later is compared, until nothing is open:

    PROPOSED → OPEN | WITHDRAWN     a second officer orders what the first proposed; or it is taken back
    OPEN ↔ CONFLICT                 an agency that was absent decides otherwise
    OPEN, CONFLICT ↔ RECONCILED     all of them agree; for good once somebody has settled the conflict
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from agencykit.rules import Verdict
from gateway.domain.decision import Standing
from gateway.domain.identifiers import Micros
from gateway.domain.proposal import Proposal
from gateway.domain.scope import Scope


class ManualState(IntEnum):
    """Numbers are the contract's (clearance.gateway.v1.ManualRelease.State)."""

    PROPOSED = 1
    OPEN = 2
    CONFLICT = 3
    RECONCILED = 4
    WITHDRAWN = 5


# Somebody must still act.
UNRECONCILED = (ManualState.PROPOSED, ManualState.OPEN, ManualState.CONFLICT)


@dataclass(frozen=True, slots=True)
class Act:
    """What an officer did to it, why and when; empty where nobody has."""

    officer: str = ""
    reason: str = ""
    time: Micros | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """Of a release under a declared emergency (应急): which one it is, and the guarantee on which the goods go."""

    emergency: str
    # Of this release, and of all before it together with it.
    ordinal: int
    units: int
    used_units: int
    currency: str
    guarantee: str
    # As the emergency was declared.
    plan_version: str
    measure: str
    declarer: str
    second_declarer: str
    begin_time: Micros
    end_time: Micros
    most_releases: int
    most_units: int

    @property
    def number(self) -> str:
        """The release's own: `F310020040001-0007`."""
        return f"{self.emergency}-{self.ordinal:04}"


@dataclass(frozen=True, slots=True)
class Manual:
    """One release by hand of one case, `serial` from 1. `proposal` says who proposed it, and who did it."""

    number: str
    serial: int
    version: int
    # None: the whole.
    scope: Scope | None
    absent: tuple[str, ...]
    reason_code: str
    paper_number: str
    # Version of the published table that it was ordered by.
    table: str
    proposal: Proposal
    state: ManualState = ManualState.PROPOSED
    second_reason: str = ""
    # Number of the order by which goods went first.
    order_number: int = 0
    revoked: Act = Act()
    settled: Act = Act()
    fallback: Fallback | None = None

    def stands_in(self, agency: str, version: int, standing: Standing) -> bool:
        """Whether it is in force in place of what this agency has not decided."""
        named = agency in self.absent and self.version == version
        return named and self.revoked.time is None and is_undecided(standing)


def is_undecided(standing: Standing) -> bool:
    """Whether the agency has said nothing that counts: it did not answer, or has not decided yet."""
    decision = standing.decision
    return not standing.conflict and (decision is None or decision.verdict == Verdict.PENDING)


def reconciled(manual: Manual, found: Mapping[str, Standing]) -> ManualState:
    """Where an ordered one stands by what the agencies have decided since."""
    if manual.settled.time is not None:
        return ManualState.RECONCILED
    absent = [found.get(agency, Standing()) for agency in manual.absent]
    if any(disagrees(manual, each) for each in absent):
        return ManualState.CONFLICT
    return ManualState.OPEN if any(is_undecided(each) for each in absent) else ManualState.RECONCILED


def disagrees(manual: Manual, standing: Standing) -> bool:
    """Whether an agency that was absent has decided otherwise."""
    return not is_undecided(standing) and not _agrees(standing, manual.scope)


def _agrees(standing: Standing, scope: Scope | None) -> bool:
    """Whether what it approves holds all that went without it."""
    approved = standing.approved
    return approved is None or (scope is not None and scope & approved == scope)
