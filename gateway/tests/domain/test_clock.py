"""The commitment clock: from the later of acceptance and goods at the port, to gate-out or loading."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agencykit.rules import Verdict
from gateway.domain.attribution import totals
from gateway.domain.clock import HOUR, read_clock
from gateway.domain.commitment import Commitment
from gateway.domain.decision import YES, Decision, Wait, WaitKind
from gateway.domain.history import History, Silence, VersionPut
from gateway.domain.states import State

NOON = 1_100_649_600_000_000
AGENCIES = ("customs", "inspection", "border", "port")
SEA = Commitment(24, "COMMIT-SEA", NOON)
ARRIVAL = (Wait(WaitKind.PERSON, "carrier", "arrival", "HLCUNB2004117"),)


def said(agency: str, verdict: Verdict, hours: int, revision: int = 1, *waits: Wait, version: int = 1) -> Decision:
    """What an agency decided so many hours after noon."""
    mark = f"{agency}{version}.{revision}{verdict}".encode()
    return Decision(agency, version, revision, verdict, mark, waits=waits, record_time=NOON + hours * HOUR)


@pytest.fixture
def history() -> History:
    """Accepted at noon; all agree after an hour; collected after three."""
    approvals = [said(agency, Verdict.APPROVED, 1) for agency in AGENCIES]
    states = [(NOON, State.RECEIVED), (NOON + HOUR, State.RELEASED), (NOON + 3 * HOUR, State.COLLECTED)]
    return History("import", AGENCIES, {}, [VersionPut(1, NOON, AGENCIES)], approvals, states)


def hours(found: Any) -> dict[str, int]:
    """Holder -> whole hours charged."""
    return {holder: length // HOUR for holder, length in totals(found.intervals).items()}


def test_it_runs_from_acceptance_to_gate_out(history: History) -> None:
    clock = read_clock(history, SEA, NOON + 99 * HOUR)
    assert (clock.begin, clock.end, clock.release) == (NOON, NOON + 3 * HOUR, NOON + HOUR)
    assert clock.due == NOON + 24 * HOUR
    assert hours(clock) == {"customs": 1, "trader": 2}, "of four who finished together the first by the published order"
    assert (clock.gross, clock.net) == (3 * HOUR, HOUR)
    assert clock.left
    assert not clock.late


def test_an_export_waits_for_its_loading_by_the_carrier(history: History) -> None:
    export = replace(history, direction="export", states=[*history.states[:-1], (NOON + 5 * HOUR, State.DEPARTED)])
    assert hours(read_clock(export, SEA, NOON + 9 * HOUR)) == {"customs": 1, "carrier": 4}


def test_declared_before_arrival_it_begins_when_nobody_waits_for_the_goods_any_longer(history: History) -> None:
    early = [said("port", Verdict.PENDING, 1, 1, *ARRIVAL), said("port", Verdict.APPROVED, 40, 2)]
    others = [said(agency, Verdict.APPROVED, 1) for agency in AGENCIES[:3]]
    states = [(NOON, State.RECEIVED), (NOON + HOUR, State.IN_PROGRESS), (NOON + 40 * HOUR, State.RELEASED)]
    before = replace(history, decisions=[*others, *early[:1]], states=states[:2])
    waiting = read_clock(before, SEA, NOON + 30 * HOUR)
    assert (waiting.begin, waiting.due, waiting.intervals) == (None, None, ())
    assert not waiting.late
    arrived = read_clock(replace(history, decisions=[*others, *early], states=states), SEA, NOON + 50 * HOUR)
    assert arrived.begin == NOON + 40 * HOUR
    assert hours(arrived) == {"trader": 10}


@pytest.mark.parametrize(("declared", "begin"), [(-5, 0), (0, 0), (6, None)])
def test_where_nobody_waits_for_arrival_the_declared_one_counts(
    history: History, declared: int, begin: int | None
) -> None:
    open_case = replace(history, decisions=[], states=history.states[:1])
    commitment = replace(SEA, start_time=NOON + max(declared, 0) * HOUR)
    found = read_clock(open_case, commitment, NOON + 5 * HOUR).begin
    assert found == (None if begin is None else NOON + begin * HOUR)


def test_goods_released_before_their_declared_arrival_were_there(history: History) -> None:
    late = replace(SEA, start_time=NOON + 2 * HOUR)
    assert read_clock(history, late, NOON + 9 * HOUR).begin == NOON + HOUR


def test_a_service_that_does_not_answer_is_an_outage_from_then_on(history: History) -> None:
    silent = [Silence("customs", NOON + 2 * HOUR, NOON + 4 * HOUR)]
    states = [(NOON, State.RECEIVED), (NOON + HOUR, State.IN_PROGRESS), (NOON + 6 * HOUR, State.RELEASED)]
    decisions = [*(said(agency, Verdict.APPROVED, 1) for agency in AGENCIES[1:]), said("customs", Verdict.APPROVED, 6)]
    clock = read_clock(replace(history, decisions=decisions, states=states, silences=silent), SEA, NOON + 6 * HOUR)
    assert hours(clock) == {"outage": 2, "customs": 4}


def test_an_outage_that_was_noted_twice_is_one_also_while_one_note_has_no_end(history: History) -> None:
    silent = [Silence("customs", NOON, None), Silence("customs", NOON, NOON + HOUR)]
    decisions = [said(agency, Verdict.APPROVED, 1) for agency in AGENCIES[1:]]
    states = [(NOON, State.RECEIVED), (NOON + HOUR, State.IN_PROGRESS)]
    clock = read_clock(replace(history, decisions=decisions, states=states, silences=silent), SEA, NOON + 6 * HOUR)
    assert hours(clock) == {"outage": 6}


@pytest.mark.parametrize(
    ("required", "verdict"),
    [(("customs", "port"), Verdict.APPROVED), (("port",), Verdict.HOLD)],
    ids=["both must approve", "only the second: what the first holds is none of the case's concern"],
)
def test_who_is_asked_after_others_holds_nothing_before_they_have_decided(
    history: History, required: tuple[str, ...], verdict: Verdict
) -> None:
    after = replace(
        history,
        depends_on={"port": ("customs",)},
        decisions=[said("customs", verdict, 2), said("port", Verdict.APPROVED, 3)],
        versions=[VersionPut(1, NOON, required)],
        states=[(NOON, State.RECEIVED), (NOON + 3 * HOUR, State.RELEASED)],
    )
    assert hours(read_clock(after, SEA, NOON + 3 * HOUR)) == {"customs": 2, "port": 1}


def test_a_refused_case_waits_for_its_amendment_and_goes_on_with_it(history: History) -> None:
    put = [VersionPut(1, NOON, ("customs",)), VersionPut(2, NOON + 5 * HOUR, ("customs",))]
    decisions = [said("customs", Verdict.REFUSED, 1), said("customs", Verdict.APPROVED, 7, 2, version=2)]
    states = [
        *((NOON, State.RECEIVED), (NOON + HOUR, State.REFUSED)),
        *((NOON + 5 * HOUR, State.IN_PROGRESS), (NOON + 7 * HOUR, State.RELEASED)),
    ]
    whole = replace(history, versions=put, decisions=decisions, states=states)
    assert hours(read_clock(whole, SEA, NOON + 7 * HOUR)) == {"customs": 3, "trader": 4}
    refused = replace(history, versions=put[:1], decisions=decisions[:1], states=states[:2])
    assert read_clock(refused, SEA, NOON + 99 * HOUR).end == NOON + HOUR


def test_a_recalled_release_is_the_agencys_again(history: History) -> None:
    decisions = [*history.decisions, said("customs", Verdict.RECALLED, 2, 2)]
    states = [*history.states[:2], (NOON + 2 * HOUR, State.RELEASE_STOPPED)]
    clock = read_clock(replace(history, decisions=decisions, states=states), SEA, NOON + 9 * HOUR)
    assert hours(clock) == {"customs": 8, "trader": 1}


@pytest.mark.parametrize(("collected", "late"), [(24, False), (25, True)])
def test_the_promise_is_broken_when_it_runs_out_before_the_end(history: History, collected: int, late: bool) -> None:
    states = [*history.states[:2], (NOON + collected * HOUR, State.COLLECTED)]
    assert read_clock(replace(history, states=states), SEA, NOON + 99 * HOUR).late is late
    waiting = replace(history, states=states[:2])
    assert read_clock(waiting, SEA, NOON + collected * HOUR).late is late


def test_a_party_without_a_column_is_the_concern_of_the_agency_that_waits_for_it(history: History) -> None:
    laboratory = said("inspection", Verdict.PENDING, 1, 1, Wait(WaitKind.PERSON, "laboratory", "result"))
    waiting = replace(history, decisions=[*history.decisions[2:], history.decisions[0], laboratory])
    waiting = replace(waiting, states=[(NOON, State.RECEIVED), (NOON + HOUR, State.IN_PROGRESS)])
    assert set(hours(read_clock(waiting, SEA, NOON + 4 * HOUR))) == {"inspection"}


parties = st.sampled_from(("trader", "broker", "carrier", "laboratory", *AGENCIES))
any_wait = st.builds(lambda party, kind: Wait(1, party, kind), parties, st.sampled_from(("arrival", "officer_result")))
any_decision = st.builds(
    lambda agency, version, revision, verdict, waits, after: said(
        agency, verdict, 0, revision, *(() if verdict in YES else waits), version=version
    ),
    *(st.sampled_from(AGENCIES), st.integers(1, 3), st.integers(1, 4), st.sampled_from(list(Verdict))),
    *(st.lists(any_wait, max_size=3), st.none()),
)


@given(
    st.lists(st.tuples(any_decision, st.integers(0, 90)), max_size=12),
    st.lists(st.integers(1, 80), max_size=2, unique=True).map(sorted),
    st.lists(st.tuples(st.integers(1, 90), st.sampled_from(list(State))), max_size=6),
    st.lists(st.tuples(st.sampled_from(AGENCIES), st.integers(0, 60), st.none() | st.integers(60, 90)), max_size=3),
    st.lists(st.tuples(st.sampled_from(AGENCIES), st.integers(0, 90)), max_size=2),
    st.integers(90, 120),
)
def test_whatever_is_recorded_the_intervals_sum_to_the_time_that_passed(
    decided: Any, amended: Any, reached: Any, silent: Any, withdrawing: Any, now: int
) -> None:
    decisions = sorted(
        (replace(decision, record_time=NOON + minute) for decision, minute in decided),
        key=lambda each: (each.record_time, each.revision),
    )
    put = [VersionPut(1 + place, NOON + minute, AGENCIES) for place, minute in enumerate([0, *amended])]
    states = [(NOON, State.RECEIVED), *sorted((NOON + minute, state) for minute, state in reached)]
    silences = [Silence(who, NOON + since, None if end is None else NOON + end) for who, since, end in silent]
    since = [(who, NOON + minute) for who, minute in withdrawing]
    history = History("import", AGENCIES, {"port": ("customs",)}, put, decisions, states, silences, since)
    clock = read_clock(history, SEA, NOON + now)
    if clock.begin is None:
        assert not clock.intervals
        return
    end = NOON + now if clock.end is None else clock.end
    assert clock.gross == max(end - clock.begin, 0) == sum(totals(clock.intervals).values())
    assert 0 <= clock.net <= clock.gross
    for one, other in zip(clock.intervals, clock.intervals[1:], strict=False):
        assert one.end == other.begin
