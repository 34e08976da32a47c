"""Complaints: what may happen when, and what happens by itself; arbitration: whom it binds, and how many it takes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso6346

from gateway.domain.arbitration import Arbitration, Measure, MeasureKind, Ruling
from gateway.domain.bulletin import checked_number
from gateway.domain.complaint import (
    OPEN,
    TRANSITIONS,
    Answer,
    Channel,
    Complaint,
    Escalation,
    Event,
    Kind,
    Outcome,
    Rules,
    State,
)
from gateway.domain.worktime import WorkTime

HOUR = 3_600_000_000
DELAY = Kind("DELAY", "超时", "Delay", "", 8, 0, 5)
ROUND_THE_CLOCK = WorkTime(480, frozenset(range(1, 8)), 0, 1440)
RULES = Rules("test-1", {"DELAY": DELAY}, 10, ROUND_THE_CLOCK)
FILED = Complaint(
    *("C31002004000017X", "DELAY", Channel.PUBLIC, "spiffe://ningbo.clearance/console", b"\7" * 32, "", "", "4b"),
    *(("查验后三天无人答复。",), "2004-11", 0, 8 * HOUR),
)
LIN = "spiffe://ningbo.clearance/operator/officer-customs"


def happened(complaint: Complaint, event: Event, now: int) -> Complaint | None:
    """The complaint after an event; None where it is refused, or does not happen by itself yet."""
    match event:
        case Event.ASSIGN:
            return complaint.assigned("customs", now)
        case Event.ANSWER:
            answer = Answer(Outcome.EXPLAINED, ("查验已完成。",), "customs", LIN, now)
            return complaint.answered(answer, RULES)
        case Event.ACCEPT:
            return complaint.accepted(now)
        case Event.ESCALATE:
            return complaint.contested(("没有解释。",), now, RULES)
        case Event.ARBITRATE:
            return complaint.arbitrated(now)
        case Event.WITHDRAW:
            return complaint.withdrawn(now)
        case _:
            found = complaint.by_itself(now, RULES)
            return found[1] if found and found[0] is event else None


def test_whatever_ends_nowhere_in_the_table_is_an_end() -> None:
    leaving = {state for (state, _), to in TRANSITIONS.items() if to is not state}
    assert leaving == OPEN
    assert set(TRANSITIONS.values()) == set(State) - {State.FILED}


@given(st.lists(st.tuples(st.sampled_from(list(Event)), st.integers(0, 40 * 24)), max_size=12))
def test_whatever_happens_in_whatever_order_a_complaint_goes_only_along_the_table_and_ends_once(
    story: list[tuple[Event, int]],
) -> None:
    now, complaint = 0, FILED
    for event, hours in story:
        now += hours * HOUR
        after = happened(complaint, event, now)
        if after is None:
            continue
        assert TRANSITIONS[complaint.state, event] is after.state
        assert complaint.state in OPEN
        assert (after.end_time is None) == (after.state in OPEN)
        assert after.answer_due == FILED.answer_due
        assert (after.escalation is not Escalation.NONE) == (after.arbitrate_due is not None)
        assert complaint.answer in (None, after.answer)
        if after.due_event(now):
            assert after.due_time is not None
            assert after.due_time <= now
        complaint = after


@given(st.integers(0, 20 * 24))
def test_what_nobody_answers_comes_before_the_port_office_when_it_was_due_and_not_before(hours: int) -> None:
    for complaint in (FILED, FILED.assigned("customs", 0)):
        assert complaint is not None
        found = complaint.by_itself(hours * HOUR, RULES)
        if hours < 8:
            assert found is None
        else:
            assert found is not None
            assert (found[1].state, found[1].escalation) == (State.ESCALATED, Escalation.DEADLINE)


def test_an_answer_that_comes_late_is_taken_and_moves_nothing_and_a_second_one_is_not() -> None:
    assigned = FILED.assigned("customs", 0)
    assert assigned is not None
    found = assigned.by_itself(9 * HOUR, RULES)
    assert found is not None
    late = happened(found[1], Event.ANSWER, 10 * HOUR)
    assert late is not None
    assert (late.state, late.in_time(), late.contest_due) == (State.ESCALATED, False, None)
    assert happened(late, Event.ANSWER, 11 * HOUR) is None


def test_a_kind_that_the_table_has_lost_is_dealt_with_as_others_are() -> None:
    lost = replace(FILED, kind="LOST", state=State.ASSIGNED)
    found = lost.by_itself(9 * HOUR, RULES)
    assert found is not None
    assert found[1].arbitrate_due == ROUND_THE_CLOCK.after_days(9 * HOUR, 10)


def test_a_number_tells_its_district_and_holds_a_check_digit() -> None:
    number = checked_number("C", "3100", 2004, 17)
    assert number[:-1] == "C31002004000017"
    assert iso6346.calc_check_digit(number[:-1]) == number[-1]


MEASURE = Measure("inspection", MeasureKind.DECIDE, "三日内作出决定", 9)
MADE = Arbitration(
    "C31002004000017X", 1, Ruling.DISMISSED, ("答复属实。",), (), "wei", 5, "customs", "310020040PX7K3M9QZ2B"
)


@pytest.mark.parametrize(
    ("ruling", "measures", "two"),
    [
        (Ruling.DISMISSED, (), False),
        (Ruling.DISMISSED, (MEASURE,), True),
        (Ruling.UPHELD, (), True),
        (Ruling.PARTLY_UPHELD, (MEASURE,), True),
    ],
)
def test_what_overrides_an_agency_or_orders_one_to_act_takes_two(
    ruling: Ruling, measures: tuple[Measure, ...], two: bool
) -> None:
    made = replace(MADE, ruling=ruling, measures=measures)
    assert (made.takes_two, made.bars("wei", "lin"), made.bars("lin", "lin"), made.bars("fang", "lin")) == (
        two,
        two,
        True,
        False,
    )


def test_it_binds_whose_answer_it_judges_and_whom_it_names() -> None:
    assert MADE.bound == ("customs",)
    assert replace(MADE, measures=(MEASURE,)).bound == ("customs", "inspection")
    assert replace(MADE, agency="").bound == ()


def test_no_measure_says_which_way_an_agency_is_to_decide() -> None:
    assert {kind.name for kind in MeasureKind} == {"DECIDE", "ANSWER", "CORRECT", "CHANGE_PROCEDURE", "MAKE_GOOD"}
