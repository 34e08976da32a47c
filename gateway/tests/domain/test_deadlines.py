"""Agencies' deadlines: escalate, examine or hold, and never a yes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Case
from gateway.domain.deadlines import MINUTE, next_deadline
from gateway.domain.decision import Decision, Wait, WaitKind
from gateway.domain.policy import Deadline, Default, Policy, PolicyFaults
from gateway.domain.states import State

NOON = 1_100_649_600_000_000
OFFICER = Wait(WaitKind.PERSON, "customs", "officer_result")


@pytest.fixture
def held(case: Case, approvals: list[Decision]) -> Callable[..., tuple[Case, list[Decision]]]:
    """Three agree at noon; `customs` says `verdict`, or nothing, and has two hours for it."""

    def make(default: Default, verdict: Verdict | None = None, *waits: Wait, **fields: Any) -> Any:
        case.policy = replace(case.policy, deadlines={"customs": Deadline(120, default), **fields})
        known = approvals[1:]
        if verdict is not None:
            known = [*known, Decision("customs", 1, 1, verdict, b"one", waits=waits)]
        return advance(case, known, NOON), known

    return make


@pytest.mark.parametrize(
    ("default", "state", "party"),
    [
        (Default.ESCALATE, State.IN_PROGRESS, "port_office"),
        (Default.EXAMINE, State.EXAMINATION, "customs"),
        (Default.HOLD, State.ON_HOLD, "customs"),
    ],
)
def test_an_agency_that_is_silent_for_too_long_meets_its_published_default(
    held: Any, default: Default, state: State, party: str
) -> None:
    before, known = held(default)
    due = next_deadline(before)
    assert due == before.waiting[0].since + 120 * MINUTE
    assert advance(before, known, due - 1) is before
    after = advance(before, known, due)
    assert after.state is state
    [_, event] = after.waiting
    assert event == Wait(WaitKind.PERSON, party, "deadline_passed", default, "GW-DEADLINE", "customs", due)
    assert after.etag == before.etag + 1
    assert next_deadline(after) is None
    assert advance(after, known, due + 5 * MINUTE) is after, "it passes once"


def test_it_is_never_a_yes_and_the_agencys_own_word_ends_it(held: Any) -> None:
    before, known = held(Default.HOLD)
    after = advance(before, known, NOON + 999 * MINUTE)
    assert after.state is State.ON_HOLD
    yes = Decision("customs", 1, 1, Verdict.APPROVED, b"yes")
    assert advance(after, [*known, yes], NOON + 1000 * MINUTE).state is State.RELEASED
    asks = Decision("customs", 1, 1, Verdict.INFORMATION_REQUESTED, b"asks")
    asked = advance(after, [*known, asks], NOON + 1000 * MINUTE)
    assert asked.state is State.INFORMATION_REQUIRED
    assert [wait.party for wait in asked.waiting] == ["broker"]


def test_officers_have_the_same_time_from_the_order_on_and_graver_verdicts_stay(held: Any) -> None:
    before, known = held(Default.EXAMINE, Verdict.HOLD, OFFICER)
    after = advance(before, known, NOON + 120 * MINUTE)
    assert after.state is State.ON_HOLD
    assert [wait.fact_kind for wait in after.waiting] == ["officer_result", "deadline_passed"]


def test_time_for_which_an_agency_waits_for_others_is_not_its_own(held: Any) -> None:
    before, known = held(Default.HOLD, Verdict.PENDING, Wait(WaitKind.PERSON, "carrier", "arrival"))
    assert next_deadline(before) is None
    assert advance(before, known, NOON + 9999 * MINUTE) is before


def test_an_agency_without_a_line_of_its_own_has_everybodys(held: Any) -> None:
    before, _ = held(Default.HOLD, None, **{"*": Deadline(5, Default.ESCALATE)})
    assert next_deadline(before) == before.waiting[0].since + 120 * MINUTE
    before.policy = replace(before.policy, deadlines={"*": Deadline(5, Default.ESCALATE)})
    assert next_deadline(before) == before.waiting[0].since + 5 * MINUTE


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"minutes": 0, "default": "hold"}, "minutes must be 1 to"),
        ({"minutes": True, "default": "hold"}, "minutes must be 1 to"),
        ({"minutes": 10, "default": "approve"}, "default must be one of escalate, examine, hold"),
        ({"minutes": 10, "default": "hold", "agency": "tax"}, "agency tax is not configured"),
        ({"minutes": 10, "default": "hold", "hours": 1}, "no such field: hours"),
    ],
)
def test_a_deadline_that_cannot_be_used_refuses_to_start(line: dict[str, Any], fault: str) -> None:
    content = {"version": "1", "required": [{"agencies": []}], "deadline": [line]}
    with pytest.raises(PolicyFaults) as refused:
        Policy(content, [])
    assert any(fault in told for told in refused.value.faults), refused.value.faults
