"""What holds of the state machine where officers released by hand, whatever comes, in whatever order."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Case
from gateway.domain.decision import YES, Decision
from gateway.domain.manual import Act, Manual, ManualState
from gateway.domain.proposal import MANUAL_RELEASE, Proposal, ProposalState
from gateway.domain.scope import Scope
from gateway.domain.states import RELEASED, RELEASING, TRANSITIONS, State

from .test_advance_properties import AGENCIES, BOXES, NUMBER, START, decisions, lets_go, new_case, scopes

WEI, FANG = "spiffe://ningbo.clearance/operator/li-wei", "spiffe://ningbo.clearance/operator/wang-fang"
absences = st.lists(st.sampled_from(AGENCIES[:2]), min_size=1, unique=True)


def by_hand(absent: list[str], scope: Scope | None, **fields: object) -> Manual:
    """Li Wei proposed it, Wang Fang ordered it."""
    proposal = Proposal(
        NUMBER, MANUAL_RELEASE, "1", WEI, "7d44", "系统中断", START, ProposalState.DONE, FANG, "9dc0", START
    )
    made = Manual(NUMBER, 1, 1, scope, tuple(absent), "SYSTEM_OUTAGE", "NB-88", "t", proposal, ManualState.OPEN)
    return replace(made, order_number=1, **fields)  # type: ignore[arg-type]


def newest(agency: str, known: list[Decision]) -> Decision | None:
    own = [each for each in known if each.agency == agency and each.version == 1 and each.counted]
    return max(own, key=lambda each: each.revision, default=None)


def lets(case: Case, agency: str, known: list[Decision], box: str) -> bool:
    """The promise in other words: a yes for this box, or two officers in place of an agency that has not decided."""
    own = [each for each in known if each.agency == agency and each.version == 1 and each.counted]
    if any(a.fingerprint != b.fingerprint for a in own for b in own if a.revision == b.revision):
        return False
    decision, manual = newest(agency, known), case.manual
    if decision is None or decision.verdict == Verdict.PENDING:
        stands = manual is not None and agency in manual.absent and manual.revoked.time is None
        return stands and manual is not None and (manual.scope is None or box in manual.scope.containers)
    return decision.verdict in YES and (decision.scope is None or box in decision.scope.containers)


@given(absences, st.none() | scopes, st.lists(st.lists(decisions, max_size=4), max_size=6), st.booleans())
def test_nothing_goes_without_every_yes_but_what_two_officers_named_in_place_of_the_undecided(
    absent: list[str], scope: Scope | None, arrivals: list[list[Decision]], revoked: bool
) -> None:
    """And what began by hand is never released electronically, whatever is decided later."""
    case, known = new_case(list(AGENCIES)), list[Decision]()
    case.manual = by_hand(absent, scope, revoked=Act(FANG, "纸质单证有误", START) if revoked else Act())
    for moment, arrival in enumerate(arrivals, start=START + 1):
        known += arrival
        after = advance(case, known, moment)
        for box in BOXES:
            assert (box in lets_go(after)) == all(lets(case, agency, known, box) for agency in AGENCIES)
        assert after.state not in RELEASED - {State.RELEASED_MANUALLY}
        assert after.state is case.state or after.state in TRANSITIONS[case.state]
        assert lets_go(after) == lets_go(case) or after.order_number > case.order_number
        assert advance(after, known, moment) is after
        case = after


@given(absences, st.none() | scopes, st.lists(decisions, max_size=12))
def test_what_is_not_reconciled_waits_for_the_agency_by_name_and_what_is_waits_no_more(
    absent: list[str], scope: Scope | None, known: list[Decision]
) -> None:
    case = new_case(list(AGENCIES))
    case.manual = by_hand(absent, scope)
    after = advance(case, known, START + 1)
    assert after.manual is not None
    waits = {wait.agency: wait.fact_key for wait in after.waiting if wait.fact_kind == "reconciliation"}
    boxes = BOXES if scope is None else scope.containers
    undecided = {each for each in absent if (own := newest(each, known)) is None or own.verdict == Verdict.PENDING}
    twins = {each for each in absent if not all(lets(case, each, known, box) for box in boxes)}
    assert waits == {each: "conflict" if each in twins else "absent" for each in sorted(undecided | twins)}
    assert (after.manual.state is ManualState.RECONCILED) == (not waits)
    assert (after.manual.state is ManualState.CONFLICT) == ("conflict" in waits.values())


@given(st.lists(decisions, max_size=14))
def test_without_officers_nothing_is_released_by_hand(known: list[Decision]) -> None:
    after = advance(new_case(list(AGENCIES)), known, START + 1)
    assert after.state is not State.RELEASED_MANUALLY
    assert (after.state in RELEASING) == any(
        all(lets(after, agency, known, box) for agency in AGENCIES) for box in BOXES
    )
