"""When an appeal is taken: the decision table (appeals.txt), line by line."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter

import pytest

from agencykit.rules import Verdict
from border.domain.rules.appeal import APPEAL_RULES, Contested, Term, why_not

NOW = datetime(2004, 11, 17, 6, tzinfo=UTC)
TABLE = [
    re.split(r"  +", line.strip())
    for line in Path(__file__).with_name("appeals.txt").read_text("utf-8").splitlines()
    if line and not line.startswith(("#", "verdict"))
]


def ago(text: str) -> timedelta:
    found = {unit: int(count) for count, unit in re.findall(r"(\d+) (day|minute)", text)}
    return timedelta(days=found.get("day", 0), minutes=found.get("minute", 0))


@pytest.mark.parametrize("line", TABLE, ids=" ".join)
def test_an_appeal_is_taken_as_the_table_says(line: list[str]) -> None:
    verdict, before, appealed, answer = line
    contested = Contested("310020041117AAAA", Verdict[verdict], NOW - ago(before), appealed == "yes")
    finding = why_not(contested, Term(NOW))
    assert (finding.rule_id if finding else "taken") == answer
    if finding:
        [rule] = [each for each in APPEAL_RULES if each.id == finding.rule_id]
        texts = (rule.zh, rule.en, rule.enough_zh, rule.enough_en)
        assert all(texts)
        assert {name for text in texts for _, name, _, _ in Formatter().parse(text) if name} <= set(finding.parameters)


def test_every_rule_of_appeals_says_no_once() -> None:
    assert {rule.id for rule in APPEAL_RULES} == {answer for *_, answer in TABLE} - {"taken"}
