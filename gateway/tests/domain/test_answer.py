"""What an agency's answer makes of the ask."""

from collections.abc import Callable

import pytest

from gateway.domain.answer import Answer, Answered, answered
from gateway.domain.case import Ask, AskState, Case

NOW = 1_100_649_605_000_000


def after(ask: Ask, *kinds: Answered, reason: str = "UNAVAILABLE", most: int = 3) -> Ask:
    for kind in kinds:
        ask = answered(ask, Answer(kind, reason), NOW, 1.0, most)
    return ask


@pytest.mark.parametrize(
    ("kind", "state", "attempts"),
    [
        (Answered.DECIDED, AskState.ANSWERED, 1),
        (Answered.AGREED, AskState.ANSWERED, 1),
        (Answered.OBJECTED, AskState.REFUSED, 1),
        (Answered.SILENT, AskState.PARKED, 1),
        (Answered.REFUSED, AskState.PARKED, 1),
        (Answered.UNSENT, AskState.PARKED, 0),
    ],
)
def test_each_answer_leads_somewhere(put: Callable[..., Ask], kind: Answered, state: AskState, attempts: int) -> None:
    asked = after(put("port"), kind)
    assert (asked.state, asked.attempts) == (state, attempts)


def test_a_parked_ask_keeps_reason_and_beginning_and_its_request_id(put: Callable[..., Ask], case: Case) -> None:
    first = after(put("port"), Answered.SILENT)
    again = answered(first, Answer(Answered.SILENT, "DEADLINE_EXCEEDED"), NOW + 60_000_000, 0.5, 3)
    assert (again.park_time, again.park_reason) == (NOW, "DEADLINE_EXCEEDED")
    assert again.due_time > NOW + 60_000_000
    assert case.request_id(again) == case.request_id(first)


def test_an_item_refused_again_and_again_is_set_aside(put: Callable[..., Ask]) -> None:
    assert after(put("port"), *[Answered.REFUSED] * 2, reason="STALE_VERSION").state is AskState.PARKED
    aside = after(put("port"), *[Answered.REFUSED] * 3, reason="STALE_VERSION")
    assert (aside.state, aside.park_reason) == (AskState.SET_ASIDE, "STALE_VERSION")


def test_an_agency_that_is_away_sets_nothing_aside_however_long(put: Callable[..., Ask]) -> None:
    assert after(put("port"), *[Answered.SILENT] * 500).state is AskState.PARKED


@pytest.mark.parametrize("state", [AskState.ANSWERED, AskState.REFUSED, AskState.SET_ASIDE, AskState.VOID])
@pytest.mark.parametrize("kind", Answered)
def test_what_is_settled_stays_settled(put: Callable[..., Ask], state: AskState, kind: Answered) -> None:
    ask = put("port", state=state)
    assert after(ask, kind) is ask


def test_what_was_never_sent_is_due_at_once(put: Callable[..., Ask]) -> None:
    assert after(put("port"), Answered.UNSENT).due_time == NOW
