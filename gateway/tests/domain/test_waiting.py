"""Who must act now, since when and why."""

from collections.abc import Callable

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Ask, AskState, Case, Withdrawal
from gateway.domain.decision import Decision, Wait, WaitKind
from gateway.domain.policy import AppliedPolicy
from gateway.domain.states import State

ACCEPTED = 1_100_649_600_000_000
NOW = ACCEPTED + 5_000_000
Decide = Callable[..., Decision]
CREW_LIST = Wait(WaitKind.PERSON, "carrier", "crew_list", "9074729/047W", "BOR-102")


def test_an_agency_that_has_not_answered_is_a_machine_waited_for_since_it_was_asked(case: Case) -> None:
    waits = advance(case, [], NOW).waiting
    assert [(wait.kind, wait.party, wait.since) for wait in waits] == [
        (WaitKind.MACHINE, agency, ACCEPTED) for agency in case.policy.asked
    ]


def test_a_parked_agency_is_the_same_wait_going_on(case: Case, parked: Callable[..., Ask]) -> None:
    before = advance(case, [], NOW)
    after = advance(before.changed(asks=(*before.asks[:3], parked("port"))), [], NOW + 9)
    assert after.waiting == before.waiting


def test_what_an_agency_waits_for_is_waited_for_on_its_behalf(
    case: Case, approvals: list[Decision], decide: Decide
) -> None:
    pending = decide("border", Verdict.PENDING, waits=(CREW_LIST,))
    (wait,) = advance(case, [*approvals[:2], pending, approvals[3]], NOW).waiting
    assert wait == CREW_LIST._replace(agency="border", since=NOW)


def test_a_wait_keeps_its_beginning_when_the_agency_says_it_again(
    case: Case, approvals: list[Decision], decide: Decide
) -> None:
    pending = [decide("border", Verdict.PENDING, waits=(CREW_LIST,)), approvals[0]]
    before = advance(case, pending, NOW)
    permit = Wait(WaitKind.PERSON, "carrier", "permit", "9074729/047W", "BOR-104")
    after = advance(before, [*pending, decide("border", Verdict.PENDING, 2, waits=(CREW_LIST, permit))], NOW + 9)
    assert {wait.fact_kind: wait.since for wait in after.waiting if wait.party == "carrier"} == {
        "crew_list": NOW,
        "permit": NOW + 9,
    }


@pytest.mark.parametrize(
    ("verdict", "party", "fact_kind"),
    [
        (Verdict.INFORMATION_REQUESTED, "broker", "information"),
        (Verdict.EXAMINE, "port", "officer_result"),
        (Verdict.HOLD, "port", "officer_result"),
        (Verdict.PENDING, "port", "officer_result"),
    ],
)
def test_an_agency_that_names_nobody_makes_somebody_wait_all_the_same(
    case: Case, approvals: list[Decision], decide: Decide, verdict: Verdict, party: str, fact_kind: str
) -> None:
    (wait,) = advance(case, [*approvals[:3], decide("port", verdict)], NOW).waiting
    assert (wait.kind, wait.party, wait.fact_kind, wait.agency) == (WaitKind.PERSON, party, fact_kind, "port")


# Who is asked after whom, who has decided, how the asks of customs and border stand (port's is held, and port alone
# must approve); and whom the case waits for, for what, before whom.
BEFORE = """
port<customs                -        PARKED   PUT       customs answer port
port<customs                -        SET_ASIDE PUT      customs set_aside port
port<customs,border         customs  ANSWERED PUT       border answer port
port<customs,border         -        PUT      PARKED    customs answer port, border answer port
port<border border<customs  -        PARKED   HELD      customs answer port
port<border border<customs  customs  ANSWERED PUT       border answer port
"""


@pytest.mark.parametrize("row", BEFORE.strip().splitlines())
def test_a_required_agency_that_is_not_asked_yet_makes_its_case_wait_for_those_before_it(
    row: str, case: Case, decide: Decide
) -> None:
    """Also where these need not approve: nobody else would be waited for, and the case would stand still unseen."""
    words = row.split()
    edges, said = [each.split("<") for each in words if "<" in each], [each for each in words if "<" not in each]
    heard, customs, border = said[:3]
    depends_on = {after: tuple(before.split(",")) for after, before in edges}
    case.policy = AppliedPolicy("2004-1", ("port",), case.policy.asked, depends_on)
    states = {"customs": AskState[customs], "border": AskState[border], "port": AskState.HELD}
    case.asks = tuple(ask.moved(states.get(ask.agency, AskState.PUT)) for ask in case.asks)
    known = [decide(heard, Verdict.PENDING)] if heard != "-" else []
    waits = advance(case, known, NOW).waiting
    assert [f"{wait.party} {wait.fact_kind} {wait.fact_key}" for wait in waits] == " ".join(said[3:]).split(", ")
    assert {wait.agency for wait in waits} == {wait.party for wait in waits}


def test_nobody_is_waited_for_before_an_agency_while_a_withdrawal_is_open(case: Case, put: Callable[..., Ask]) -> None:
    case.policy = AppliedPolicy("2004-1", ("port",), case.policy.asked, {"port": ("customs",)})
    withdrawal = Withdrawal(1, 1, "", "合同取消", ACCEPTED)
    asks = (*[ask.moved(AskState.HELD) for ask in case.asks], put("customs", purpose="withdraw.1"))
    waits = advance(case.changed(asks=asks, withdrawal=withdrawal), [], NOW).waiting
    assert [wait.fact_kind for wait in waits] == ["withdrawal"]


def test_what_is_set_aside_waits_for_a_person(case: Case, approvals: list[Decision]) -> None:
    case.asks = (*case.asks[:3], case.asks[3]._replace(state=AskState.SET_ASIDE, park_reason="STALE_VERSION"))
    (wait,) = advance(case, approvals[:3], NOW).waiting
    assert (wait.kind, wait.party, wait.fact_kind) == (WaitKind.PERSON, "port", "set_aside")


def test_an_agency_that_is_not_required_holds_nobody_up(case: Case, approvals: list[Decision]) -> None:
    case.policy = AppliedPolicy("2004-1", ("customs", "inspection"), case.policy.asked)
    assert advance(case, approvals[:1], NOW).waiting[0].party == "inspection"
    assert len(advance(case, approvals[:1], NOW).waiting) == 1


def test_a_withdrawal_waits_for_the_agencies_that_have_not_answered_it(
    case: Case, approvals: list[Decision], put: Callable[..., Ask]
) -> None:
    states = (AskState.ANSWERED, AskState.PARKED, AskState.REFUSED, AskState.SET_ASIDE)
    asks = [
        put(agency, purpose="withdraw.1", state=state, park_reason="SCA-003")
        for agency, state in zip(case.policy.asked, states, strict=True)
    ]
    withdrawal = Withdrawal(1, 1, "", "合同取消", ACCEPTED)
    waits = advance(case.changed(asks=(*case.asks, *asks), withdrawal=withdrawal), approvals, NOW).waiting
    assert [(wait.kind, wait.party, wait.fact_kind, wait.rule_id) for wait in waits] == [
        (WaitKind.MACHINE, "inspection", "withdrawal", ""),
        (WaitKind.PERSON, "border", "withdrawal", "SCA-003"),
        (WaitKind.PERSON, "port", "withdrawal", ""),
    ]


def test_a_refused_case_waits_for_nobody(case: Case, decide: Decide) -> None:
    assert advance(case, [decide("customs", Verdict.REFUSED)], NOW).waiting == ()


@pytest.mark.parametrize(("verdict", "fact_kind"), [(Verdict.RECALLED, "recall"), (Verdict.REFUSED, "refusal")])
def test_a_stopped_release_waits_for_whoever_took_his_yes_back_to_lift_that_and_for_no_result(
    case: Case, approvals: list[Decision], decide: Decide, verdict: Verdict, fact_kind: str
) -> None:
    released = advance(case, approvals, NOW)
    after = advance(released, [*approvals, decide("customs", verdict, 2)], NOW + 9)
    assert after.state is State.RELEASE_STOPPED
    assert [(wait.party, wait.fact_kind) for wait in after.waiting] == [("customs", fact_kind)]
