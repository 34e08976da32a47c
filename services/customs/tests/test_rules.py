"""Every rule of customs finds its fault in one sample, and nothing in a near twin."""

from typing import Any

import pytest

from agencykit.rules import Finding, Stage
from customs.domain.catalogue import RULES
from customs.domain.rules.risk import examined_at

from .rule_cases import CASES
from .rule_samples import AT_HOME, TOMORROW, Case, Sample, of_class


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule_id}-{n}" for n, case in enumerate(CASES)])
def test_rule_finds_the_fault_and_lets_the_twin_pass(case: Case, judge: Any) -> None:
    found = judge(case.rule_id, **case.sample)
    assert [(each.effect, each.required_action) for each in found] == [(case.effect, case.action)]
    assert judge(case.rule_id, **case.twin) == []


@pytest.mark.parametrize(
    ("sample", "place", "stage"),
    [(AT_HOME, "宁波保税区扬帆路17号", Stage.FOUND), (of_class(2, TOMORROW), "CNBLG", Stage.IMAGE)],
    ids=["at the premises", "at the port"],
)
def test_the_examination_order_names_the_place_and_no_scanner_stands_at_an_enterprise(
    sample: Sample, place: str, stage: Stage, judge: Any
) -> None:
    [order] = judge("CUS-181", **sample, view={"container_numbers": ("CSQU3054383",)})
    assert (order.parameters["place"], order.stage, examined_at(order)) == (place, stage, place)


def test_an_officer_is_sent_nowhere_by_other_findings_nor_where_no_port_is_declared(judge: Any) -> None:
    [order] = judge("CUS-181", **of_class(2), view={"port_code": ""})
    [other] = judge("CUS-174", view={"trade_mode_code": ""})
    assert (order.parameters["place"], examined_at(order), examined_at(other)) == ("-", "", "")


def test_every_rule_has_its_sample() -> None:
    """CUS-201 hangs on the request and CUS-203 on a list of its own: test_benefits.py; the last two on who verifies:
    test_verification.py.
    """
    assert {case.rule_id for case in CASES} | {"CUS-201", "CUS-203", "CUS-204", "CUS-205"} == {
        rule.id for rule in RULES
    }


def test_the_sound_consignment_is_approved_without_a_word(judge: Any) -> None:
    assert judge() == []


@pytest.mark.parametrize("case", CASES, ids=[f"{case.rule_id}-{n}" for n, case in enumerate(CASES)])
def test_findings_carry_what_their_texts_name(case: Case, judge: Any) -> None:
    texts = {rule.id: (rule.zh, rule.en, rule.enough_zh, rule.enough_en) for rule in RULES}
    found: list[Finding] = judge(**case.sample)
    for each in found:
        for text in texts[each.rule_id]:
            assert text.format_map(each.parameters)


def test_ids_are_unique_and_versions_positive() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(rule.id.startswith(("CUS-1", "CUS-2")) and rule.version >= 1 and rule.source for rule in RULES)
