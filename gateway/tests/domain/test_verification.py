"""Declared at home, verified at the port: every combination of docs/verification.md, on both sides."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from agencykit.rules import Verdict
from gateway.domain.advance import advance
from gateway.domain.asking import may_ask
from gateway.domain.case import AskState, Case
from gateway.domain.decision import HOME_ORDER, Decision, Wait, WaitKind, standings
from gateway.domain.guarantee import Terms
from gateway.domain.policy import AppliedPolicy, applied_policy
from gateway.domain.scope import Scope
from gateway.domain.states import State
from gateway.domain.verification import awaits_gate, said_of

from .conftest import LATER, Decide, ask

ROOT = Path(__file__).resolve().parents[3]
DOC = (ROOT / "docs" / "verification.md").read_text("utf-8")
HOME, PORT = "hangzhou", "ningbo"
BEFORE = {"NOT_RELEASED": State.IN_PROGRESS, "RELEASED": State.RELEASED, "GONE": State.COLLECTED}
HOME_SAYS = {"AGREES": Verdict.APPROVED, "REFRAINS": Verdict.PENDING}
AGENCIES_SAY = {"AGREE": Verdict.APPROVED, "REFRAIN": Verdict.PENDING, "REFUSE": Verdict.REFUSED}
ORDERS = {"RELEASE": Verdict.APPROVED, "STOP": Verdict.RECALLED}


def table(heading: str) -> list[list[list[str]]]:
    """Its rows, each cell as its words."""
    part = DOC.split(f"{heading}\n", 1)[1].lstrip().split("\n\n", 1)[0]
    return [[cell.split() for cell in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def cells(heading: str, given: int) -> dict[tuple[str, ...], list[str]]:
    """The first columns, one word each → the words of the others; no combination stands there twice."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in table(heading):
        for key in product(*row[:given]):
            assert key not in found, f"{key} stands there twice"
            found[key] = [word for cell in row[given:] for word in cell]
    return found


AT_HOME, AT_PORT = cells("### At home", 3), cells("### At the port", 3)


def home_case(case: Case) -> Case:
    """Customs is asked at home, and Ningbo after it."""
    asked = {"customs": "spiffe://hangzhou.clearance/customs", PORT: "spiffe://ningbo.clearance/gateway"}
    policy = AppliedPolicy("1", ("customs", PORT), asked, {PORT: ("customs",)}, verified_at=PORT)
    asks = (ask("customs"), ask(PORT, state=AskState.HELD))
    return case.changed(policy=policy, asks=asks, journey="import/sea", order_number=1)


def port_case(case: Case) -> Case:
    """Two agencies are asked at the port; home asks, and is not asked."""
    asked = {name: f"spiffe://ningbo.clearance/{name}" for name in ("border", "port")}
    asked[HOME] = "spiffe://hangzhou.clearance/gateway"
    policy = AppliedPolicy("1", ("border", "port", HOME), asked, declared_at=HOME)
    asks = (ask("border"), ask("port"))
    return case.changed(policy=policy, asks=asks, journey="import/sea", order_number=1)


def before(case: Case, name: str) -> Case:
    out = ("CSQU3054383",) if name == "GONE" else ()
    return case.changed(state=BEFORE[name], out=out)


def test_the_tables_name_every_combination_once() -> None:
    says = ("UNASKED", "PENDING", "EXAMINE", "APPROVED", "REFUSED", "RECALLED")
    assert set(AT_HOME) == set(product(BEFORE, HOME_SAYS, says))
    assert set(AT_PORT) == set(product(BEFORE, AGENCIES_SAY, ("NONE", *ORDERS)))


@pytest.mark.parametrize("key", AT_HOME, ids=" ".join)
def test_a_case_at_home_goes_by_its_own_agencies_and_by_what_the_port_says(
    key: tuple[str, str, str], case: Case, decide: Decide
) -> None:
    was, own, says = key
    decisions = [decide("customs", HOME_SAYS[own])]
    decisions += [decide(PORT, Verdict[says])] if says != "UNASKED" else []
    after = advance(before(home_case(case), was), decisions, LATER)
    assert after.state.name == AT_HOME[key][0]
    asked = after.asked(PORT)
    assert asked is not None
    assert (asked.state is AskState.HELD) == (says == "UNASKED" and own == "REFRAINS")


@pytest.mark.parametrize("key", AT_PORT, ids=" ".join)
def test_a_case_at_the_port_goes_by_its_own_agencies_and_by_homes_order(
    key: tuple[str, str, str], case: Case, decide: Decide
) -> None:
    was, own, order = key
    decisions = [decide("border", Verdict.APPROVED), decide("port", AGENCIES_SAY[own])]
    decisions += [decide(HOME, ORDERS[order])] if order != "NONE" else []
    after = advance(before(port_case(case), was), decisions, LATER)
    found = standings(after.policy.asked, 1, decisions)
    said = said_of(after, found, 0, gate_told=True)
    assert [after.state.name, said.verdict.name] == AT_PORT[key]
    assert said.obeyed == (order != "NONE")
    # Home is not told to wait for itself.
    assert not [wait for wait in said.waits if wait.party == HOME and wait.fact_kind != HOME_ORDER]


def test_an_order_to_stop_is_obeyed_once_the_gate_has_receipted_it(case: Case, decide: Decide) -> None:
    decisions = [
        decide("border", Verdict.APPROVED),
        decide("port", Verdict.APPROVED),
        decide(HOME, Verdict.RECALLED, 3),
    ]
    after = advance(before(port_case(case), "RELEASED"), decisions, LATER)
    found = standings(after.policy.asked, 1, decisions)
    untold, told = (said_of(after, found, 1, gate_told=gate) for gate in (False, True))
    assert (untold.obeyed, awaits_gate(after, found, untold)) == (1, True)
    assert (told.obeyed, awaits_gate(after, found, told)) == (3, False)
    assert untold.text != told.text


def test_home_waits_for_the_port_to_obey_until_it_says_that_it_does(case: Case, decide: Decide) -> None:
    def waits(obeyed: int) -> set[str]:
        said: tuple[Wait, ...] = (Wait(WaitKind.PERSON, HOME, HOME_ORDER, str(obeyed)),)
        decisions: list[Decision] = [
            decide("customs", Verdict.RECALLED, 2),
            decide(PORT, Verdict.APPROVED, waits=said),
        ]
        after = advance(before(home_case(case), "RELEASED"), decisions, LATER)
        assert (after.state, after.order_number) == (State.RELEASE_STOPPED, 2)
        return {f"{wait.party} {wait.fact_kind}" for wait in after.waiting}

    assert waits(1) == {"customs recall", "ningbo stop"}
    assert waits(2) == {"customs recall"}


def test_release_on_guarantee_is_asked_for_before_the_port_is(case: Case, decide: Decide) -> None:
    """It hears of what all at home agree to, on a guarantee too."""
    at_home = home_case(case)
    found = standings(at_home.policy.asked, 1, [decide("customs", Verdict.HOLD)])
    assert may_ask(at_home, found, "customs", Terms((1,), 900, "CNY"), [])


def test_the_port_lets_go_no_more_than_home_orders_and_home_no_more_than_the_port_approves(
    case: Case, decide: Decide
) -> None:
    first, both = Scope(containers=frozenset({"CSQU3054383"})), Scope(containers=frozenset({"CSQU3054383", "TCLU1"}))
    approved = decide(PORT, Verdict.APPROVED, scope=first)
    at_home = advance(home_case(case), [decide("customs", Verdict.APPROVED), approved], LATER)
    assert (at_home.state, at_home.part) == (State.PARTLY_RELEASED, first)
    own = [decide("border", Verdict.APPROVED, scope=both), decide("port", Verdict.APPROVED)]
    at_port = advance(port_case(case), [*own, decide(HOME, Verdict.APPROVED, scope=first)], LATER)
    assert (at_port.state, at_port.part) == (State.PARTLY_RELEASED, first)
    said = said_of(at_port, standings(at_port.policy.asked, 1, own), 0, gate_told=True)
    assert (said.verdict, said.scope) == (Verdict.APPROVED, both)


def test_the_policy_of_such_a_case_reads_as_it_was_written(case: Case) -> None:
    for made in (home_case(case), port_case(case)):
        assert applied_policy(made.policy.text) == made.policy
    assert home_case(case).policy.told == ("customs", PORT)
    assert port_case(case).policy.told == ("border", "port")
    assert "verified" not in replace(case.policy).text


def test_what_crosses_is_shown_by_a_test_of_that_name() -> None:
    named = {cell[-1].strip("`") for row in table("### When they cross") for cell in row[2:]}
    written = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "simulation").glob("test_verification*.py"))
    assert len(named) >= 6
    assert not [name for name in named if f"def {name}(" not in written]
