"""Of what has left, whoever does not agree to it any more must recover it (追回): a table to be read."""

from collections.abc import Callable

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.case import Case
from gateway.domain.decision import Decision, standings
from gateway.domain.exit import Exit, Way, leave
from gateway.domain.intervention import Act, Intervention, intervened
from gateway.domain.scope import Scope
from gateway.domain.states import State

from .conftest import ACCEPTED, NUMBER

BOXES = {"A": "CSQU3054383", "B": "TGHU7712340", "C": "MSKU4418813", "loose": ""}

# What has left of A, B and C (or of loose goods), what customs and inspection say then, the state and who must recover
# what. C is never out, so that the case has not ended.
TABLE = """
-      customs:RECALLED                       → RELEASE_STOPPED
A      customs:RECALLED                       → RELEASE_STOPPED  customs:A
A,B    customs:RECALLED                       → RELEASE_STOPPED  customs:A  customs:B
A      inspection:HOLD                        → RELEASE_STOPPED  inspection:A
A      customs:RECALLED    inspection:REFUSED → RELEASE_STOPPED  customs:A  inspection:A
A      customs:RECALLED    customs:APPROVED   → RELEASED
A,B    customs:A                              → PARTLY_RELEASED  customs:B
A      customs:A                              → PARTLY_RELEASED
A      customs:A           inspection:B       → RELEASE_STOPPED  inspection:A
loose  customs:RECALLED                       → RELEASE_STOPPED  customs:loose
"""


def out_of(case: Case, known: list[Decision], names: str) -> Case:
    """The case after these have left."""
    for name in () if names == "-" else names.split(","):
        exit = Exit(NUMBER, 7, 1, 1, BOXES[name], Way.GATE, ACCEPTED + 5, last=False)
        case = leave(case, exit, standings(case.policy.asked, case.version, known), ACCEPTED + 6)
    return case


def recoveries(case: Case) -> list[str]:
    names = {number: name for name, number in BOXES.items()}
    return [f"{wait.party}:{names[wait.fact_key]}" for wait in case.waiting if wait.fact_kind == "recovery"]


@pytest.mark.parametrize("row", TABLE.strip().splitlines())
def test_who_takes_his_yes_back_must_recover_what_has_left(
    row: str, case: Case, approvals: list[Decision], decide: Callable[..., Decision]
) -> None:
    (gone, *said), (state, *expected) = (half.split() for half in row.split("→"))
    known, case = approvals, out_of(advance(case, approvals, ACCEPTED), approvals, gone)
    for revision, word in enumerate(said, start=2):
        agency, _, what = word.partition(":")
        part = None if what in Verdict.__members__ else Scope(containers=frozenset({BOXES[what]}))
        verdict = Verdict[what] if part is None else Verdict.APPROVED
        known = [*known, decide(agency, verdict, revision, scope=part)]
        case = advance(case, known, ACCEPTED + revision)
    assert (case.state.name, recoveries(case)) == (state, expected)


def test_a_recovery_goes_on_from_when_the_goods_were_recalled_to_when_the_last_have_left(
    case: Case, approvals: list[Decision], decide: Callable[..., Decision]
) -> None:
    known = [*approvals, decide("customs", Verdict.RECALLED, 2)]
    stopped = advance(out_of(advance(case, approvals, ACCEPTED), approvals, "A"), known, ACCEPTED + 9)
    last = Exit(NUMBER, 8, 1, 1, BOXES["B"], Way.GATE, ACCEPTED + 10, last=True)
    after = leave(stopped, last, standings(case.policy.asked, case.version, known), ACCEPTED + 11)
    waits = {wait.fact_key: wait.since for wait in after.waiting}
    assert waits == {BOXES["A"]: ACCEPTED + 9, BOXES["B"]: ACCEPTED + 11}


def recorded(case: Case, known: list[Decision], act: Act, container: str) -> Case | None:
    done = Intervention(act, "", "operator/officer-customs", NUMBER, "扣于北仑三期", container=container)
    return intervened(case, done, standings(case.policy.asked, case.version, known), ACCEPTED + 20)


def test_what_is_recovered_is_nobodys_to_recover_any_more_until_that_is_taken_back(
    case: Case, approvals: list[Decision], decide: Callable[..., Decision]
) -> None:
    known = [*approvals, decide("customs", Verdict.RECALLED, 2)]
    stopped = advance(out_of(advance(case, approvals, ACCEPTED), approvals, "A,B"), known, ACCEPTED + 9)
    assert recorded(stopped, known, Act.RECOVER, BOXES["C"]) is None, "it has not left"
    assert recorded(stopped, known, Act.CANCEL_RECOVERY, BOXES["A"]) is None, "nobody has recovered it"
    one = recorded(stopped, known, Act.RECOVER, BOXES["A"])
    assert one is not None
    assert (one.state, recoveries(one)) == (State.RELEASE_STOPPED, ["customs:B"])
    assert recorded(one, known, Act.RECOVER, BOXES["A"]) is None, "once is enough"
    back = recorded(one, known, Act.CANCEL_RECOVERY, BOXES["A"])
    assert back is not None
    assert sorted(recoveries(back)) == ["customs:A", "customs:B"]
    assert recoveries(out_of(one, known, "A")) == ["customs:B", "customs:A"], "it has left again"


def test_once_all_is_recovered_the_case_waits_for_what_the_agency_decides_on_it(
    case: Case, approvals: list[Decision], decide: Callable[..., Decision]
) -> None:
    """Nothing that an agency does not agree to is closed."""
    known = [*approvals, decide("customs", Verdict.RECALLED, 2)]
    last = Exit(NUMBER, 8, 1, 1, BOXES["A"], Way.GATE, ACCEPTED + 10, last=True)
    found = standings(case.policy.asked, case.version, known)
    gone = leave(advance(case, approvals, ACCEPTED), last, found, ACCEPTED + 11)
    after = recorded(gone, known, Act.RECOVER, BOXES["A"])
    assert after is not None
    assert [(wait.party, wait.fact_kind) for wait in after.waiting] == [("customs", "recall")]
    lifted = advance(after, [*known, decide("customs", Verdict.APPROVED, 3)], ACCEPTED + 30)
    assert (gone.state, after.state, lifted.state) == (State.COLLECTED, State.COLLECTED, State.CLOSED)
