"""Release on guarantee: a table of what follows on what, and what holds for the case."""

from dataclasses import replace
from typing import Any

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import SURE, Case, Surety
from gateway.domain.decision import Decision, Standing, Wait, WaitKind
from gateway.domain.guarantee import (
    OPEN,
    STEPS,
    TRANSITIONS,
    GuaranteeRelease,
    LedgerAnswer,
    ReleaseState,
    Step,
    Terms,
    UseState,
    held,
    reviewed,
    stepped,
    surety,
)
from gateway.domain.states import BEFORE_RELEASE, State
from gateway.domain.waiting import GUARANTEE, GUARANTEE_OVERDUE, waiting

from .conftest import ACCEPTED, AGENCIES, LATER, NUMBER, Decide

UNTIL = LATER + 3_600_000_000
OFFICER = Wait(WaitKind.PERSON, "customs", "officer_result", rule_id="CUS-113")
TERMS = Terms((1,), 5_000_000, "CNY")

# State, what the ledger answers to its step, and the state after it.
TABLE = """
ASKED     HELD                      HELD
ASKED     CONFIRMED                 HELD
ASKED     GUARANTEE_INSUFFICIENT    REFUSED
ASKED     CANCELLED                 REFUSED
HELD      CONFIRMED                 CONFIRMED
HELD      GUARANTEE_NOT_VALID       RETURNING
HELD      EXPIRED                   RETURNING
RETURNING CANCELLED                 CANCELLED
RETURNING EXPIRED                   CANCELLED
RETURNING CREDITED                  CREDITED
RETURNING CLAIMED                   CLAIMED
RETURNING CONFIRMED                 -
RETURNING STATE_FORBIDS             -
CLAIMING  CLAIMED                   CLAIMED
CLAIMING  CREDITED                  CREDITED
CLAIMING  CONFIRMED                 -
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]


def release(state: ReleaseState = ReleaseState.ASKED, generation: int = 1, **fields: Any) -> GuaranteeRelease:
    """Asked for when the case was accepted, and due."""
    made = (NUMBER, generation, state, TERMS, ("19XX0040191000015",), "ningbo", "", f"r{generation}", ACCEPTED)
    return GuaranteeRelease(*made, **{"due_time": ACCEPTED} | fields)


def answer(word: str) -> LedgerAnswer:
    return LedgerAnswer(UseState[word]) if word in UseState.__members__ else LedgerAnswer(UseState.UNKNOWN, word)


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_what_the_ledger_answers_moves_a_use_as_the_table_says(row: list[str]) -> None:
    before, said, state = row
    one = release(ReleaseState[before])
    if one.state is ReleaseState.ASKED:
        after = held(one, answer(said), LATER, UNTIL)
    else:
        after = stepped(one, STEPS[one.state], answer(said), LATER, UNTIL)
    assert ("-" if after is None else after.state.name) == state


def test_every_state_that_is_not_an_end_has_a_way_back_to_nothing() -> None:
    ends = set(ReleaseState) - OPEN
    for state in OPEN:
        reached, found = {state}, {state}
        while found:
            found = {after for each in found for after in TRANSITIONS[each]} - reached
            reached |= found
        assert reached & ends


def test_a_refusal_on_confirming_is_remembered_until_the_hold_is_given_back() -> None:
    returning = stepped(release(ReleaseState.HELD), Step.CONFIRM, answer("GUARANTEE_NOT_VALID"), LATER, UNTIL)
    assert returning is not None
    after = stepped(returning, Step.RETURN, answer("CANCELLED"), LATER, UNTIL)
    assert after is not None
    assert (after.state, after.refusals, after.amend_until) == (ReleaseState.REFUSED, ("GUARANTEE_NOT_VALID",), UNTIL)


def standing(decide: Decide, verdict: Verdict, **fields: Any) -> Standing:
    found = Standing()
    found.count(decide("customs", verdict, **fields))
    return found


# Case, what customs says, and whether a confirmed use must stand.
NEEDED = """
ON_HOLD                 HOLD                           yes
ON_HOLD                 covered                        yes
IN_PROGRESS             -                              yes
RELEASED_ON_GUARANTEE   covered                        yes
RELEASED_ON_GUARANTEE   APPROVED                       no
RELEASE_STOPPED         HOLD                           yes
RELEASE_STOPPED         REFUSED                        yes
COLLECTED               covered                        yes
CLOSED                  APPROVED                       no
RELEASED                APPROVED                       no
REFUSED                 HOLD                           no
WITHDRAWN               covered                        no
EXPIRED                 HOLD                           no
"""
NEEDED_ROWS = [line.split() for line in NEEDED.strip().splitlines()]


@pytest.mark.parametrize("row", NEEDED_ROWS, ids=" ".join)
def test_a_confirmed_use_stands_as_long_as_it_is_needed(row: list[str], case: Case, decide: Decide) -> None:
    state, said, stands = row
    case.state = State[state]
    ledger = Standing()
    if said == "covered":
        ledger = standing(decide, Verdict.APPROVED_WITH_OBLIGATIONS, covered=True)
    elif said != "-":
        ledger = standing(decide, Verdict[said])
    [(_, after)] = reviewed([release(ReleaseState.CONFIRMED)], case, ledger, LATER)
    assert (after.state is ReleaseState.CONFIRMED) == (stands == "yes")
    assert (after.due_time is None) == (stands == "yes")


DAY = 24 * 3600 * 1_000_000
# State of the case, days stated, days since its release, whether it is told as overdue.
TERMS_OF_CASES = """
RELEASED_ON_GUARANTEE   15   15   yes
RELEASED_ON_GUARANTEE   15   14   no
RELEASED_ON_GUARANTEE   90   15   no
RELEASED_ON_GUARANTEE   0    999  no
COLLECTED               15   16   yes
ON_HOLD                 15   16   no
"""
TERM_ROWS = [line.split() for line in TERMS_OF_CASES.strip().splitlines()]


@pytest.mark.parametrize("row", TERM_ROWS, ids=" ".join)
def test_what_is_not_settled_in_time_is_told_and_still_stands(row: list[str], case: Case, decide: Decide) -> None:
    state, stated, passed, told = row
    case.state, case.release_time = State[state], ACCEPTED
    now = ACCEPTED + int(passed) * DAY
    yes, fields = Verdict.APPROVED_WITH_OBLIGATIONS, {"covered": True, "settle_days": int(stated)}
    ledger = standing(decide, yes, **fields)
    [(_, after)] = reviewed([release(ReleaseState.CONFIRMED)], case, ledger, now)
    case.surety = surety([after], case, now)
    assert (case.surety is Surety.OVERDUE) == (told == "yes")
    assert case.surety in SURE
    others = {agency: standing(decide, Verdict.APPROVED) for agency in AGENCIES[1:]}
    facts = {wait.fact_kind for wait in waiting(case, others | {"customs": ledger}, now)}
    assert (GUARANTEE_OVERDUE in facts) == (told == "yes")


def test_a_use_is_looked_at_again_when_its_term_ends(case: Case, decide: Decide) -> None:
    case.state, case.release_time = State.RELEASED_ON_GUARANTEE, ACCEPTED
    ledger = standing(decide, Verdict.APPROVED_WITH_OBLIGATIONS, covered=True, settle_days=15)
    [(_, after)] = reviewed([release(ReleaseState.CONFIRMED)], case, ledger, LATER)
    assert (after.settle_by, after.due_time) == (ACCEPTED + 15 * DAY, ACCEPTED + 15 * DAY)
    assert reviewed([after], case, ledger, LATER) == [], "not before"
    shorter = standing(decide, Verdict.APPROVED_WITH_OBLIGATIONS, covered=True, settle_days=1)
    [(_, after)] = reviewed([replace(after, due_time=LATER)], case, shorter, LATER)
    assert after.settle_by == ACCEPTED + DAY, "by the terms that are stated now"


def test_an_older_generation_is_returned_once_a_newer_one_is_confirmed(case: Case) -> None:
    case.state = State.ON_HOLD
    uses = [release(ReleaseState.CONFIRMED, 1), release(ReleaseState.CONFIRMED, 2)]
    states = {after.generation: after.state for _, after in reviewed(uses, case, Standing(), LATER)}
    assert states == {1: ReleaseState.RETURNING, 2: ReleaseState.CONFIRMED}


def test_a_hold_whose_broker_did_not_come_back_is_undone(case: Case) -> None:
    [(_, after)] = reviewed([release(due_time=ACCEPTED)], case, Standing(), LATER)
    assert after.state is ReleaseState.RETURNING
    assert not reviewed([release(due_time=UNTIL)], case, Standing(), LATER)


def covered(decide: Decide, **fields: Any) -> list[Decision]:
    others = [decide(agency, Verdict.APPROVED) for agency in AGENCIES[1:]]
    said = decide("customs", Verdict.APPROVED_WITH_OBLIGATIONS, waits=(OFFICER,), covered=True, **fields)
    return [*others, said]


@pytest.mark.parametrize("rests_on", Surety, ids=lambda each: each.name)
def test_a_yes_on_guarantee_counts_only_with_a_recorded_confirmation(
    rests_on: Surety, case: Case, decide: Decide
) -> None:
    case.surety = rests_on
    after = advance(case, covered(decide), LATER)
    sure = rests_on in (Surety.CONFIRMED, Surety.CLAIMED, Surety.OVERDUE)
    assert (after.state is State.RELEASED_ON_GUARANTEE) == sure
    assert (after.order_number > 0) == sure
    assert after.state in BEFORE_RELEASE or sure


def test_what_is_open_is_waited_for_after_release_on_guarantee(case: Case, decide: Decide) -> None:
    case.surety = Surety.CONFIRMED
    after = advance(case, covered(decide), LATER)
    assert [(wait.party, wait.rule_id) for wait in after.waiting] == [("customs", "CUS-113")]


def test_what_is_settled_leaves_the_release_as_it_was(case: Case, decide: Decide) -> None:
    case.surety = Surety.CONFIRMED
    released = advance(case, covered(decide), LATER)
    settled = advance(released, [*covered(decide), decide("customs", Verdict.APPROVED, 2)], LATER + 1)
    assert (settled.state, settled.order_number) == (State.RELEASED_ON_GUARANTEE, released.order_number)
    assert not settled.waiting


def test_without_its_guarantee_a_release_is_stopped(case: Case, decide: Decide) -> None:
    case.surety = Surety.CONFIRMED
    released = advance(case, covered(decide), LATER)
    assert advance(released.changed(surety=Surety.NONE), covered(decide), LATER + 1).state is State.RELEASE_STOPPED


def test_a_refused_guarantee_leaves_only_it_to_be_amended(case: Case, decide: Decide) -> None:
    others = [decide(agency, Verdict.APPROVED) for agency in AGENCIES[1:]]
    held_by_customs = [*others, decide("customs", Verdict.HOLD, waits=(OFFICER,))]
    case.surety = Surety.REFUSED
    after = advance(case, held_by_customs, LATER)
    assert after.state is State.GUARANTEE_AMENDMENT
    assert ("broker", GUARANTEE) in [(wait.party, wait.fact_kind) for wait in after.waiting]
    assert advance(after.changed(surety=Surety.NONE), held_by_customs, LATER).state is State.ON_HOLD
    refused = [*others, decide("customs", Verdict.REFUSED)]
    assert advance(case, refused, LATER).state is State.REFUSED


def test_the_time_for_other_guarantees_ends(case: Case) -> None:
    case.state = State.GUARANTEE_AMENDMENT
    refused = release(ReleaseState.REFUSED, amend_until=UNTIL, due_time=UNTIL)
    assert surety([refused], case, UNTIL - 1) is Surety.REFUSED
    assert surety([refused], case, UNTIL) is Surety.NONE
    given_up = refused.given_up("r9", LATER)
    assert given_up is not None
    assert surety([given_up], case, LATER) is Surety.NONE
    assert replace(refused, amend_until=LATER).given_up("r9", UNTIL) is None


@pytest.mark.parametrize("state", ReleaseState, ids=lambda state: state.name)
def test_a_case_rests_on_what_is_confirmed_or_claimed_and_on_nothing_that_is_being_returned(
    state: ReleaseState, case: Case
) -> None:
    sure = {
        ReleaseState.CONFIRMED: Surety.CONFIRMED,
        ReleaseState.CLAIMING: Surety.CONFIRMED,
        ReleaseState.CLAIMED: Surety.CLAIMED,
        ReleaseState.REFUSED: Surety.REFUSED,
    }
    assert surety([release(state, amend_until=UNTIL)], case, LATER) is sure.get(state, Surety.NONE)
