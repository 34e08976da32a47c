"""Of several uses for one case, the newest that it is possible with is claimed or taken back."""

import pytest

from gateway.domain.case import Case
from gateway.domain.decision import Standing
from gateway.domain.guarantee import ReleaseState, reviewed
from gateway.domain.guarantee_acts import cancelled, claimed
from gateway.domain.states import State

from .conftest import LATER
from .test_guarantee import UNTIL, release

OFFICER = "spiffe://ningbo.clearance/operator/officer-customs"

# States by generation, the generation that is claimed after release, and the one that is taken back before it.
TABLE = """
-                       -   -
CONFIRMED               1   1
CONFIRMED REFUSED       1   1
CONFIRMED AMENDABLE     1   2
CONFIRMED ASKED         1   2
CONFIRMED HELD          1   2
CONFIRMED CANCELLED     1   1
CONFIRMED CONFIRMED     2   2
CONFIRMED CLAIMING      -   1
CONFIRMED CLAIMED       -   1
CLAIMED   CONFIRMED     2   2
CREDITED  RETURNING     -   -
HELD                    -   1
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_the_newest_that_it_is_possible_with_is_claimed_or_taken_back(row: list[str], case: Case) -> None:
    *states, to_claim, to_cancel = row
    until = {"AMENDABLE": UNTIL, "REFUSED": LATER}
    known = [
        release(ReleaseState["REFUSED" if state in until else state], generation, amend_until=until.get(state))
        for generation, state in enumerate(states if states != ["-"] else [], 1)
    ]
    case.state = State.RELEASE_STOPPED
    claim = claimed(known, case, "r9", OFFICER, "not paid", LATER)
    assert (str(claim[0].generation) if claim else "-") == to_claim
    assert cancelled(known, case, "r9", LATER) is None, "not after release"
    case.state = State.ON_HOLD
    cancel = cancelled(known, case, "r9", LATER)
    assert (str(cancel[0].generation) if cancel else "-") == to_cancel
    assert claimed(known, case, "r9", OFFICER, "not paid", LATER) is None, "not before release"


def test_what_ends_by_a_request_keeps_its_id_so_that_a_replay_finds_it(case: Case) -> None:
    refused = release(ReleaseState.REFUSED, 2, amend_until=UNTIL)
    case.state = State.ON_HOLD
    for known in ([refused], [release(ReleaseState.CONFIRMED)]):
        move = cancelled(known, case, "r9", LATER)
        assert move is not None
        assert move[1].end_request_id == "r9"
    case.state = State.RELEASED_ON_GUARANTEE
    claim = claimed([release(ReleaseState.CONFIRMED)], case, "r9", OFFICER, "not paid", LATER)
    assert claim is not None
    assert (claim[1].end_request_id, claim[1].claimant, claim[1].claim_reason) == ("r9", OFFICER, "not paid")


@pytest.mark.parametrize("state", [ReleaseState.CLAIMING, ReleaseState.CLAIMED], ids=lambda each: each.name)
def test_what_a_claimed_use_has_replaced_is_returned_and_not_kept_beside_it(state: ReleaseState, case: Case) -> None:
    case.state = State.RELEASED_ON_GUARANTEE
    uses = [release(ReleaseState.CONFIRMED, 1), release(state, 2, due_time=None)]
    [(_, after)] = reviewed(uses, case, Standing(), LATER)
    assert (after.generation, after.state) == (1, ReleaseState.RETURNING)
