"""When release on guarantee may be asked for, and when the gateway asks by itself: a scheme grants it (担保验放)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.domain.case import Case
from gateway.domain.decision import Grant, Standing
from gateway.domain.guarantee import STANDING, GuaranteeRelease, ReleaseState, Terms
from gateway.domain.identifiers import Micros
from gateway.domain.states import BEFORE_RELEASE, State
from gateway.domain.withdrawal import withdrawal_standing


def may_ask(
    case: Case, found: Mapping[str, Standing], ledger: str, terms: Terms, known: Sequence[GuaranteeRelease]
) -> bool:
    """Before release, everybody here but the agency that keeps the ledger agrees, and nothing is under way that stands
    for as much.
    """
    withdrawal = withdrawal_standing(case)
    if withdrawal is not None and withdrawal.bars_release:
        return False
    if case.state not in BEFORE_RELEASE and case.state is not State.RELEASE_STOPPED:
        return False
    # A partner's port is asked once all agree here, on guarantee too.
    others = [found[agency] for agency in case.policy.own if agency != ledger]
    own = found.get(ledger)
    if own is None or own.conflict or own.yes or not all(standing.yes for standing in others):
        return False
    standing = [each for each in known if each.state in STANDING]
    enough = [each for each in standing if _covers(each.terms, terms)]
    return not enough and all(each.state is ReleaseState.CONFIRMED for each in standing)


def _covers(given: Terms, wanted: Terms) -> bool:
    return given.currency_code == wanted.currency_code and given.units >= wanted.units


def grant_of(found: Mapping[str, Standing], ledger: str) -> Grant | None:
    """What a scheme grants by the decision of the agency that keeps the ledger; None for nearly every case."""
    standing = found.get(ledger)
    return standing.decision.granted if standing is not None and standing.decision is not None else None


def is_due(
    grant: Grant, case: Case, found: Mapping[str, Standing], ledger: str, known: Sequence[GuaranteeRelease]
) -> bool:
    """Whether the gateway asks now: once for each version and the terms stated for it.

    Whatever was asked on these terms before, and however it ended, it is then the broker's turn; but for what an outage
    has outlasted.
    """
    terms = terms_of(grant)
    asked = [each for each in known if (each.version, each.terms) == (case.version, terms) and not each.outlasted]
    if asked:
        return False
    return may_ask(case, found, ledger, terms, known)


def terms_of(grant: Grant) -> Terms:
    """The terms that it is granted on."""
    return Terms(grant.kinds, grant.units, grant.currency_code)


def outdated(known: Sequence[GuaranteeRelease], now: Micros) -> list[tuple[GuaranteeRelease, GuaranteeRelease]]:
    """(before, after) of what was asked for a version that is replaced: it was checked against that one."""
    standing = [each for each in known if each.state in STANDING]
    return [(each, replace(each, state=ReleaseState.RETURNING, attempts=0, due_time=now)) for each in standing]
