"""When the gateway asks for release on guarantee by itself, and what it takes back of that."""

from dataclasses import replace
from typing import Any

import pytest

from agencykit.rules import Verdict
from gateway.domain.asking import grant_of, is_due, outdated, terms_of
from gateway.domain.case import Case, Surety
from gateway.domain.decision import Grant, Standing, standings
from gateway.domain.guarantee import (
    STANDING,
    STEPS,
    GuaranteeRelease,
    LedgerAnswer,
    ReleaseState,
    Step,
    UseState,
    held,
    reviewed,
    stepped,
    surety,
)
from gateway.domain.states import State

from .conftest import ACCEPTED, AGENCIES, LATER, NUMBER, Decide

GRANT = Grant((1,), 5_000_000, "CNY", ("19XX0040191000015",))


def granted(state: ReleaseState = ReleaseState.ASKED, generation: int = 1, **fields: Any) -> GuaranteeRelease:
    made = (NUMBER, generation, state, terms_of(GRANT), GRANT.grns, "ningbo", "", f"r{generation}", ACCEPTED)
    return GuaranteeRelease(*made, **{"due_time": ACCEPTED, "version": 1, "by_scheme": True} | fields)


def found(decide: Decide, grant: Grant | None = GRANT, others: Verdict = Verdict.APPROVED) -> dict[str, Standing]:
    said = [decide(agency, others) for agency in AGENCIES[1:]]
    return standings(AGENCIES, 1, [*said, decide("customs", Verdict.HOLD, granted=grant)])


# What stands against it, by the case's state, the others' verdict, and releases known: state of each.
DUE = """
ON_HOLD                 APPROVED    -           due
IN_PROGRESS             NOT_SUBJECT -           due
RELEASE_STOPPED         APPROVED    -           due
ON_HOLD                 HOLD        -           no
WITHDRAWN               APPROVED    -           no
RELEASED_ON_GUARANTEE   APPROVED    -           no
ON_HOLD                 APPROVED    ASKED       no
ON_HOLD                 APPROVED    CONFIRMED   no
ON_HOLD                 APPROVED    REFUSED     no
ON_HOLD                 APPROVED    CANCELLED   no
ON_HOLD                 APPROVED    CREDITED    no
"""
ROWS = [line.split() for line in DUE.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_it_is_asked_for_once_as_soon_as_a_request_could_be_made(row: list[str], case: Case, decide: Decide) -> None:
    state, others, known, due = row
    case.state = State[state]
    releases = [] if known == "-" else [granted(ReleaseState[known])]
    assert is_due(GRANT, case, found(decide, others=Verdict[others]), "customs", releases) == (due == "due")


@pytest.mark.parametrize("changed", [{"version": 2}, {"terms": terms_of(GRANT._replace(units=1))}], ids=str)
def test_it_is_asked_for_again_on_another_version_or_other_terms(
    changed: dict[str, Any], case: Case, decide: Decide
) -> None:
    case.state = State.ON_HOLD
    before = replace(granted(ReleaseState.CANCELLED), **changed)
    assert is_due(GRANT, case, found(decide), "customs", [before])


def test_what_the_broker_asked_for_on_these_terms_is_not_granted_beside_it(case: Case, decide: Decide) -> None:
    case.state = State.ON_HOLD
    assert not is_due(GRANT, case, found(decide), "customs", [granted(ReleaseState.CANCELLED, by_scheme=False)])


def test_what_an_outage_has_outlasted_is_granted_anew_and_bars_no_amendment(case: Case, decide: Decide) -> None:
    case.state = State.ON_HOLD
    lost = held(granted(), LedgerAnswer(UseState.EXPIRED), LATER, LATER + 1)
    returning = stepped(granted(ReleaseState.HELD), Step.CONFIRM, LedgerAnswer(UseState.EXPIRED), LATER, LATER + 1)
    assert returning is not None
    ended = stepped(returning, Step.RETURN, LedgerAnswer(UseState.EXPIRED), LATER, LATER + 1)
    for after in (lost, ended):
        assert after is not None
        assert (after.state, after.due_time, surety([after], case, LATER)) == (
            ReleaseState.REFUSED,
            LATER,
            Surety.NONE,
        )
        assert is_due(GRANT, case, found(decide), "customs", [after])
    asked = held(granted(by_scheme=False), LedgerAnswer(UseState.EXPIRED), LATER, LATER + 1)
    assert asked is not None
    assert surety([asked], case, LATER) is Surety.REFUSED, "the broker is told that he must ask again"


def test_only_the_ledgers_own_agency_grants(decide: Decide) -> None:
    assert grant_of(found(decide), "customs") == GRANT
    assert grant_of(found(decide), "port") is None
    assert grant_of(found(decide), "") is None
    assert grant_of(found(decide, None), "customs") is None


def test_an_interrupted_hold_is_held_again_and_once_held_confirmed(case: Case) -> None:
    case.state = State.ON_HOLD
    assert reviewed([granted()], case, Standing(), LATER) == [], "still to be held"
    assert STEPS[ReleaseState.ASKED] is Step.HOLD
    after = held(granted(), LedgerAnswer(UseState.HELD), LATER, LATER)
    assert after is not None
    assert (after.state, after.by_scheme, STEPS[after.state]) == (ReleaseState.HELD, True, Step.CONFIRM)


def test_a_hold_that_is_not_needed_any_more_is_returned(case: Case) -> None:
    case.state = State.WITHDRAWN
    [(_, after)] = reviewed([granted()], case, Standing(), LATER)
    assert after.state is ReleaseState.RETURNING


@pytest.mark.parametrize("state", ReleaseState, ids=lambda state: state.name)
def test_what_was_asked_for_one_version_stands_for_no_other(state: ReleaseState, case: Case) -> None:
    moved = outdated([granted(state), granted(state, 2, by_scheme=False)], LATER)
    assert [before.generation for before, _ in moved] == ([1, 2] if state in STANDING else [])
    for _, after in moved:
        assert (after.state, after.due_time) == (ReleaseState.RETURNING, LATER)
        assert surety([after], case, LATER) is Surety.NONE
