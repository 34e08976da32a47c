"""What must be recovered, and when a case whose goods have left is closed (结关).

    COLLECTED, DEPARTED   nothing is open   → CLOSED
    CLOSED                something is      → COLLECTED (import), DEPARTED (export)

Open is the recovery of goods, by every required agency that does not agree to the release of what has left (once they
are recovered, what it decides on them), what a guarantee still stands for, an answer without which officers released
the goods, and whatever obligation of theirs the policy names (`[closing]`). Agencies' work after release (follow-up,
audit) keeps nothing open by itself: a bad result is a recall, which opens the case anew.
"""

from collections.abc import Iterable, Mapping

from gateway.domain.case import Case, Surety
from gateway.domain.decision import OBLIGATION, Standing, Wait, WaitKind, awaited_of
from gateway.domain.manual import UNRECONCILED, disagrees, is_undecided
from gateway.domain.states import State

# Goods left, and an agency takes its yes back, or had when they left: it must recover them.
RECOVERY = "recovery"
# Officers let goods go without an agency's answer: it is still to come, or disagrees.
RECONCILIATION, RECONCILIATION_RULE = "reconciliation", "GW-MANUAL"
ABSENT, CONFLICT = "absent", "conflict"
# As journeys of exports begin.
EXPORT = "export/"


def to_recover(case: Case, agency: str, standing: Standing) -> Iterable[Wait]:
    """What an agency must recover, container by container: it has left, and the agency does not agree that it may.

    Loose goods leave once all of them may, so that a yes to some of them is a no to the rest.
    """
    approved = case.approved(agency, standing)
    if approved is None:
        return ()
    return [_wait(agency, RECOVERY, container) for container in case.out if container not in approved.containers]


def still_open(case: Case, found: Mapping[str, Standing]) -> Iterable[Wait]:
    """What keeps a case open whose goods have left: whom it waits for, and for what."""
    yield from to_reconcile(case, found)
    for agency in case.policy.required:
        decision = found[agency].decision
        if case.manual is not None and case.manual.stands_in(agency, case.version, found[agency]):
            continue
        if decision is None or not found[agency].yes:
            yield from to_recover(case, agency, found[agency]) or (_wait(agency, awaited_of(decision)),)
            continue
        covered = decision.covered and case.surety is not Surety.CLAIMED
        for wait in decision.waits:
            named = wait.fact_key in case.policy.closing if wait.fact_kind == OBLIGATION else covered
            if named:
                yield wait._replace(agency=agency, since=0)


def to_reconcile(case: Case, found: Mapping[str, Standing]) -> Iterable[Wait]:
    """Whose answer a manual release still stands in for, and who has decided otherwise and must come to terms."""
    manual = case.manual
    if manual is None or manual.state not in UNRECONCILED:
        return
    for agency in manual.absent:
        if disagrees(manual, found[agency]):
            yield Wait(WaitKind.PERSON, agency, RECONCILIATION, CONFLICT, RECONCILIATION_RULE, agency)
        elif is_undecided(found[agency]):
            yield Wait(WaitKind.MACHINE, agency, RECONCILIATION, ABSENT, RECONCILIATION_RULE, agency)


def after_leaving(case: Case, found: Mapping[str, Standing]) -> State:
    """The state of a case whose goods have left."""
    is_open = any(True for _ in still_open(case, found))
    if not is_open:
        return State.CLOSED
    if case.state is not State.CLOSED:
        return case.state
    return State.DEPARTED if case.journey.startswith(EXPORT) else State.COLLECTED


def _wait(agency: str, fact_kind: str, container: str = "") -> Wait:
    return Wait(WaitKind.PERSON, agency, fact_kind, container, agency=agency)
