"""How each scheme stands after a decision: its benefit delivered, or why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agencykit.list_files import ListsInvalid
from agencykit.rules import Circumstances, Finding, Outcome, RequiredAction, Verdict
from customs.domain.benefits import Withheld, remarks_of, settle
from customs.domain.catalogue import WHOLE
from customs.domain.consignment import ConsignmentView, DeclarationType, Direction
from customs.domain.facts import Broker, Enterprise, EnterpriseClass, Facts
from customs.domain.reference import Reference
from customs.domain.risk.profile import Lane
from customs.domain.risk.selection import Mark, Selection, Way
from customs.domain.schemes import Scheme, SchemeTable, Terms
from customs.storage import standings
from customs.storage.reference import ReferenceFiles, load_reference

ACCEPTED = datetime(2004, 11, 22, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
CERTIFIED = Enterprise(
    "3302961234",
    EnterpriseClass.B,
    high_tech_until_time=ACCEPTED + HOUR,
    networked_until_time=ACCEPTED + HOUR,
    premises="宁波保税区扬帆路17号",
)
SCHEMES = [Scheme.HIGH_TECH, Scheme.ADVANCE, Scheme.NETWORKED, Scheme.PREMISES, Scheme.URGENT, Scheme.GUARANTEE]
TABLE = """
lane   verdict  declared decided urgent high_tech advance  networked  premises   urgent    guarantee
GREEN  APPROVED ahead    at-once yes    .         .        NOT_NEEDED NOT_NEEDED .         NOT_NEEDED
GREEN  OWING    ahead    at-once no     .         .        NOT_NEEDED NOT_NEEDED NOT_ASKED NOT_NEEDED
YELLOW APPROVED ahead    at-once no     R-7/2     .        .          NOT_NEEDED NOT_ASKED NOT_NEEDED
RED    EXAMINE  ahead    at-once no     R-7/2     CUS-1    R-7/2      .          NOT_ASKED NOT_NEEDED
GREEN  APPROVED ahead    late    no     .         LATE     NOT_NEEDED NOT_NEEDED NOT_ASKED NOT_NEEDED
GREEN  APPROVED after    at-once no     .         NOT_USED NOT_NEEDED NOT_NEEDED NOT_ASKED NOT_NEEDED
"""


def outcome(verdict: str) -> Outcome:
    effect = Verdict.APPROVED_WITH_OBLIGATIONS if verdict == "OWING" else Verdict[verdict]
    action = RequiredAction.PAY if verdict == "OWING" else RequiredAction.NONE
    return Outcome(effect, (Finding("CUS-1", 1, effect, required_action=action),))


def known(reference: Reference, lane: str = "GREEN", enterprise: Enterprise = CERTIFIED) -> Facts:
    facts = Facts(reference, (), enterprise, Broker("3104980001"))
    mark = Mark(("R-7", 2), Lane[lane], Way.DRAWN, 1, 2)
    facts.selection = Selection(Lane[lane], (mark,) if lane != "GREEN" else ())
    return facts


def circumstances(decided: datetime = ACCEPTED, urgent: bool = False) -> Circumstances:
    return Circumstances("NB20041122000001", 1, "spiffe://ningbo.clearance/broker/1", ACCEPTED, decided, urgent)


def coming(view: ConsignmentView, declared: str = "ahead") -> ConsignmentView:
    """An import at a small port that arrives two hours later."""
    kind = DeclarationType.PRE_LODGED if declared == "ahead" else DeclarationType.STANDARD
    changes: dict[str, Any] = {"direction": Direction.IMPORT, "port_code": "CNZOS", "arrival_time": ACCEPTED + 2 * HOUR}
    return replace(view, declaration_type=kind, items=(), **changes)


@pytest.mark.parametrize("row", TABLE.strip().splitlines()[1:])
def test_how_a_scheme_stands_follows_from_selection_verdict_and_time(
    row: str, view: ConsignmentView, reference: Reference
) -> None:
    lane, verdict, declared, decided, urgent, *reasons = row.split()
    facts, seen = known(reference, lane), coming(view, declared)
    moment = circumstances(ACCEPTED + 3 * HOUR if decided == "late" else ACCEPTED, urgent == "yes")
    found = stands_after(seen, facts, moment, outcome(verdict))
    stands = [(scheme, reason.strip(".")) for scheme, reason in zip(SCHEMES, reasons, strict=True)]
    assert found == stands
    assert standings.from_text(standings.to_text(found)) == stands


def test_what_was_delivered_before_stays_so_when_the_same_is_decided_again(
    view: ConsignmentView, reference: Reference
) -> None:
    """A later decision does not know whether the first one was urgent, and comes after the goods."""
    facts = known(reference)
    facts.stood = {Scheme.ADVANCE: "", Scheme.URGENT: ""}
    found = stands_after(coming(view), facts, circumstances(ACCEPTED + 3 * HOUR), outcome("APPROVED"))
    assert {(Scheme.ADVANCE, ""), (Scheme.URGENT, "")} <= set(found)


def test_an_amendment_after_arrival_leaves_the_declaration_one_made_before(
    view: ConsignmentView, reference: Reference
) -> None:
    facts = known(reference, enterprise=replace(CERTIFIED, high_tech_until_time=ACCEPTED + 9 * HOUR))
    facts.first_accept_time = ACCEPTED
    amended = replace(circumstances(ACCEPTED + 3 * HOUR), accept_time=ACCEPTED + 3 * HOUR)
    found = stands_after(coming(view), facts, amended, outcome("APPROVED"))
    assert (Scheme.ADVANCE, Withheld.LATE.name) in found


def test_what_stood_against_a_scheme_is_a_finding_that_is_still_open(
    view: ConsignmentView, reference: Reference
) -> None:
    findings = (Finding("CUS-112", 1, Verdict.HOLD, resolved=True), Finding("CUS-113", 1, Verdict.HOLD))
    found = stands_after(coming(view), known(reference), circumstances(), Outcome(Verdict.HOLD, findings))
    assert (Scheme.ADVANCE, "CUS-113") in found


def stands_after(
    view: ConsignmentView, facts: Facts, moment: Circumstances, outcome: Outcome
) -> list[tuple[Scheme, str]]:
    remarks_of(view, facts, moment)
    assert facts.benefits is not None
    return facts.benefits.standings(outcome)


def told(view: ConsignmentView, facts: Facts, moment: Circumstances) -> dict[str, dict[str, str]]:
    rules = [rule for rule in WHOLE if rule.id > "CUS-190"]
    return {found.rule_id: dict(found.parameters) for rule in rules for found in rule(view, facts, moment)}


def test_a_decision_tells_the_schemes_that_bear_upon_it_and_where_goods_are_opened(
    view: ConsignmentView, reference: Reference
) -> None:
    facts = known(reference, "RED")
    assert told(coming(view), facts, circumstances(urgent=True)) == {
        "CUS-193": {"selected_by": "R-7/2"},
        "CUS-194": {"arrival": "2004-11-22"},
        "CUS-199": {"place": "宁波保税区扬帆路17号"},
        "CUS-201": {},
        "CUS-202": {},
    }


def test_an_option_of_later_law_is_told_where_the_list_grants_it(view: ConsignmentView, reference: Reference) -> None:
    terms = Terms(frozenset({EnterpriseClass.B}), away_from=frozenset({"3101"}))
    lists = replace(reference, schemes=SchemeTable({Scheme.HOME: terms}))
    facts = known(lists)
    assert told(view, facts, circumstances()) == {"CUS-203": {}}
    assert facts.benefits is not None
    assert facts.benefits.standings(outcome("APPROVED")) == [(Scheme.HOME, Withheld.NOT_ELSEWHERE.name)]


def test_a_consignment_that_is_entitled_to_nothing_says_nothing(view: ConsignmentView, reference: Reference) -> None:
    facts = known(reference, enterprise=Enterprise("3302961234", EnterpriseClass.C))
    assert told(view, facts, circumstances()) == {}
    assert facts.schemes == ()


def test_a_bad_table_of_schemes_is_refused_with_every_fault(tmp_path: Path) -> None:
    (tmp_path / "schemes.toml").write_text(
        """
[GREEN_LANE]
enterprise_classes = ["A", "E"]
hs_prefixes = ["8"]
[NETWORKED]
registered = true
[URGENT]
enterprise_classes = ["A"]
registered = true
since = "2006"
[FAST_TRACK]
enterprise_classes = ["A"]
"""
    )
    with pytest.raises(ListsInvalid) as refused:
        load_reference(replace(ReferenceFiles(), schemes=tmp_path / "schemes.toml"))
    [fault] = refused.value.faults
    for part in (
        "FAST_TRACK: no such scheme",
        "GREEN_LANE, enterprise_classes: E",
        "GREEN_LANE, hs_prefixes: prefix '8'",
        "NETWORKED: enterprise_classes is missing",
        "URGENT: nobody is registered for it",
        "URGENT, since: '2006' is not a day",
    ):
        assert part in fault


def test_what_a_decision_was_worked_out_with_is_let_go_once_it_is_known_how_the_schemes_stand(
    view: ConsignmentView, reference: Reference
) -> None:
    facts = known(reference)
    remarks_of(coming(view), facts, circumstances())
    settle(facts, outcome("APPROVED"))
    assert (Scheme.ADVANCE, "") in facts.standings
    assert facts.benefits is None
