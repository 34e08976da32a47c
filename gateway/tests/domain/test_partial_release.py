"""Partial release (部分放行): each order says all that may go from then on."""

from collections.abc import Callable

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import AskState, Case, Withdrawal
from gateway.domain.decision import Decision, standings
from gateway.domain.exit import Exit, Way, leave
from gateway.domain.scope import NOTHING, Scope
from gateway.domain.states import State

NOW = 1_100_649_605_000_000
BOXES = {"A": "CSQU3054383", "B": "TGHU7712340", "C": "MSKU4418813"}

# What customs and inspection say one after the other (of which containers; * the whole), and what comes of each:
# state, number of the newest order, what it lets go.
STORIES = """
customs:*   inspection:A       → PARTLY_RELEASED 1 A
customs:*   inspection:A,B     → PARTLY_RELEASED 1 A,B  inspection:*    → RELEASED 2 *
customs:A,B inspection:B,C     → PARTLY_RELEASED 1 B    customs:B,C     → PARTLY_RELEASED 2 B,C
customs:*   inspection:A       → PARTLY_RELEASED 1 A    inspection:A    → PARTLY_RELEASED 1 A
customs:*   inspection:A,B     → PARTLY_RELEASED 1 A,B  customs:B       → PARTLY_RELEASED 2 B
customs:*   inspection:A       → PARTLY_RELEASED 1 A customs:HOLD → RELEASE_STOPPED 2 - customs:* → PARTLY_RELEASED 3 A
customs:*   inspection:*       → RELEASED 1 *           customs:A,C     → PARTLY_RELEASED 2 A,C
customs:*   inspection:*       → RELEASED 1 *           customs:RECALLED → RELEASE_STOPPED 2 -
customs:A   inspection:B       → IN_PROGRESS 0 -        customs:*       → PARTLY_RELEASED 1 B
customs:A   inspection:HOLD    → ON_HOLD 0 -
customs:A   inspection:REFUSED → REFUSED 1 -            inspection:A    → PARTLY_RELEASED 2 A
"""


def scope(names: str) -> Scope:
    return Scope(containers=frozenset(BOXES[name] for name in names.split(",")))


def lets_go(case: Case) -> str:
    boxes = case.part.containers if case.part else ()
    named = ",".join(name for name, box in BOXES.items() if box in boxes)
    return "*" if case.state is State.RELEASED else named or "-"


@pytest.mark.parametrize("story", STORIES.strip().splitlines())
def test_the_newest_order_lets_go_what_all_approve_by_then(
    story: str, case: Case, approvals: list[Decision], decide: Callable[..., Decision]
) -> None:
    known, revision, words = approvals[2:], 0, story.split()
    expected: list[str] = []
    for word in words:
        agency, colon, said = word.partition(":")
        if colon:
            revision += 1
            part = None if said == "*" or said in Verdict.__members__ else scope(said)
            verdict = Verdict[said] if said in Verdict.__members__ else Verdict.APPROVED
            known = [*known, decide(agency, verdict, revision, scope=part)]
        elif word == "→":
            case, expected = advance(case, known, NOW + revision), []
        else:
            expected.append(word)
        if len(expected) == 3:
            assert [case.state.name, str(case.order_number), lets_go(case)] == expected


@pytest.fixture
def parted(case: Case, approvals: list[Decision]) -> tuple[Case, list[Decision]]:
    """A of three containers is released; inspection has the others examined."""
    approvals[1].verdict, approvals[1].scope = Verdict.APPROVED, scope("A")
    return advance(case, approvals, NOW), approvals


def test_the_rest_waits_for_whoever_has_not_approved_it(parted: tuple[Case, list[Decision]]) -> None:
    case, _ = parted
    assert [(wait.party, wait.fact_kind) for wait in case.waiting] == [("inspection", "decision_on_the_rest")]
    assert case.release_time == NOW


def test_what_was_released_may_leave_and_ends_nothing(parted: tuple[Case, list[Decision]]) -> None:
    case, known = parted
    found = standings(case.policy.asked, case.version, known)
    out = Exit(case.number, 7, 1, 1, BOXES["A"], Way.GATE, NOW + 5, last=False)
    after = leave(case, out, found, NOW + 6)
    assert (after.state, after.part) == (State.PARTLY_RELEASED, scope("A"))
    assert advance(after, known, NOW + 7) is after


def test_an_open_withdrawal_keeps_a_part_back_too(
    case: Case, parted: tuple[Case, list[Decision]], put: Callable[..., object]
) -> None:
    _, known = parted
    case.withdrawal = Withdrawal(1, 1, "", "", NOW)
    case.asks = (*case.asks, put("port", purpose=case.withdrawal.purpose, state=AskState.PUT))
    after = advance(case, known, NOW)
    assert (after.state, after.part) == (State.IN_PROGRESS, None)


def test_items_and_containers_are_never_mixed_up() -> None:
    """Nobody here knows which items lie in which container."""
    items, boxes = Scope(items=frozenset({1, 2})), scope("A,B")
    assert items & boxes == NOTHING
    assert not items & boxes
    assert items & Scope(items=frozenset({2, 3})) == Scope(items=frozenset({2}))
    assert boxes & scope("B,C") == scope("B")
