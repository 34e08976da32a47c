"""Cases are closed (结关) once their goods have left and nothing is open: a table to be read, and what holds whatever
comes."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Case
from gateway.domain.decision import OBLIGATION, Decision, Wait, standings
from gateway.domain.exit import Exit, Way, leave
from gateway.domain.identifiers import Micros
from gateway.domain.states import LEFT, TRANSITIONS, State

from .conftest import ACCEPTED, AGENCIES, NUMBER, Decide
from .test_advance_properties import agrees, decisions, new_case

# What customs says before and after the last goods leave, what the policy holds cases open for, and the state.
TABLE = """
approved        -               PAY          CLOSED
owes-PAY        -               PAY          COLLECTED
owes-PAY        -               -            CLOSED
owes-SAMPLE     -               PAY          CLOSED
owes-SAMPLE     -               PAY,SAMPLE   COLLECTED
owes-PAY        approved        PAY          CLOSED
owes-PAY        recalled        PAY          COLLECTED
approved        recalled        PAY          COLLECTED
approved        hold            PAY          COLLECTED
approved        owes-PAY        PAY          COLLECTED
recalled        -               PAY          COLLECTED
recalled        approved        PAY          CLOSED
"""
ROWS = [line.split() for line in TABLE.strip().splitlines()]
LAST = Exit(NUMBER, 7, 1, 1, "CSQU3054383", Way.GATE, ACCEPTED + 5, last=True)


def said(decide: Decide, word: str, revision: int) -> list[Decision]:
    if word == "-":
        return []
    if word.startswith("owes-"):
        wait = Wait(1, "trader", OBLIGATION, word.removeprefix("owes-"), "CUS-141")
        return [decide("customs", Verdict.APPROVED_WITH_OBLIGATIONS, revision, waits=(wait,))]
    return [decide("customs", Verdict[word.upper()], revision)]


def left(case: Case, known: list[Decision], now: Micros, *, last: bool = True) -> Case:
    return leave(case, replace(LAST, last=last), standings(case.policy.asked, case.version, known), now)


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_a_case_is_closed_as_the_table_says(row: list[str], case: Case, decide: Decide) -> None:
    before, after, held_open, state = row
    case.policy = replace(case.policy, closing=tuple(held_open.split(",")))
    others = [decide(agency, Verdict.APPROVED) for agency in AGENCIES[1:]]
    known = [*others, *said(decide, "approved", 1)]
    case = advance(case, known, ACCEPTED)
    known += said(decide, before, 2)
    case = left(advance(case, known, ACCEPTED), known, ACCEPTED + 6)
    number = case.order_number
    known += said(decide, after, 3)
    case = advance(case, known, ACCEPTED + 7)
    assert case.state is State[state]
    assert bool(case.waiting) == (state != "CLOSED")
    assert advance(case, known, ACCEPTED + 8) is case
    if after == "-":
        assert case.order_number == number


def test_a_recall_opens_a_closed_case_again_and_both_are_told(
    case: Case, approvals: list[Decision], decide: Decide
) -> None:
    released = advance(case, approvals, ACCEPTED)
    closed = left(released, approvals, ACCEPTED + 6)
    assert (closed.state, closed.order_number, closed.waiting) == (State.CLOSED, released.order_number + 1, ())
    recalled = [*approvals, decide("port", Verdict.RECALLED, 2)]
    again = advance(closed, recalled, ACCEPTED + 7)
    assert (again.state, again.order_number) == (State.COLLECTED, closed.order_number + 1)
    assert [(wait.party, wait.fact_kind) for wait in again.waiting] == [("port", "recovery")]
    assert advance(closed.changed(journey="export/sea"), recalled, ACCEPTED + 7).state is State.DEPARTED


events = st.lists(st.one_of(decisions, st.sampled_from(["part leaves", "last leaves"])), max_size=16)


@given(st.lists(st.sampled_from(AGENCIES), min_size=1, max_size=4, unique=True), st.booleans(), events)
def test_nothing_that_was_stopped_recalled_or_is_not_out_is_closed(
    agencies: list[str], released: bool, happening: list[Decision | str]
) -> None:
    case, out = new_case(agencies), False
    known = [Decision(agency, 1, 0, Verdict.APPROVED, b"first") for agency in agencies] if released else []
    case = advance(case, known, ACCEPTED)
    for moment, event in enumerate(happening, start=ACCEPTED):
        before = case
        if isinstance(event, str):
            out = out or event == "last leaves"
            case = left(case, known, moment, last=event == "last leaves")
        else:
            known.append(event)
            case = advance(case, known, moment, news=True)
        if case.state is State.CLOSED:
            assert out
            assert all(agrees(case, agency, known) for agency in agencies)
        elif case.state in LEFT:
            assert case.waiting
        path = [before.state, case.state]
        if case.state is State.CLOSED and before.state not in LEFT:
            path.insert(1, State.COLLECTED)
        assert all(one is other or other in TRANSITIONS[one] for one, other in pairwise(path))
        assert 0 <= case.order_number - before.order_number <= 1
