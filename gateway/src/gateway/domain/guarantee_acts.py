"""What people do to the uses of guarantees for a case: which of them is claimed, and which is taken back.

A case may have several: terms that were raised ask for a new one, which may be refused while the one before stands.
"""

from collections.abc import Sequence

from gateway.domain.case import Case
from gateway.domain.guarantee import CONCLUDED, STANDING, GuaranteeRelease, ReleaseState
from gateway.domain.identifiers import Micros
from gateway.domain.states import BEFORE_RELEASE

# (before, after).
Move = tuple[GuaranteeRelease, GuaranteeRelease]


def claimed(
    known: Sequence[GuaranteeRelease], case: Case, request_id: str, claimant: str, reason: str, now: Micros
) -> Move | None:
    """The newest that stands for released goods; what it replaced is on its way back, and is never claimed as well."""
    newest = newest_concluded(known)
    if case.state in BEFORE_RELEASE or newest is None:
        return None
    said = {"claimant": claimant, "claim_reason": reason, "end_request_id": request_id, "due_time": now}
    after = newest.moved(ReleaseState.CLAIMING, **said)
    return None if after is None else (newest, after)


def newest_concluded(known: Sequence[GuaranteeRelease]) -> GuaranteeRelease | None:
    """The only one that can be claimed: no newer one has been confirmed."""
    return next((each for each in reversed(known) if each.state in CONCLUDED), None)


def cancelled(known: Sequence[GuaranteeRelease], case: Case, request_id: str, now: Micros) -> Move | None:
    """The newest that can be taken back: what is under way or confirmed returns, a time to name others ends."""
    if case.state in BEFORE_RELEASE:
        for each in reversed(known):
            if each.state in STANDING:
                after = each.moved(ReleaseState.RETURNING, end_request_id=request_id, due_time=now)
            else:
                after = each.given_up(request_id, now)
            if after is not None:
                return each, after
    return None
