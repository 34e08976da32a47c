"""When an appeal is taken: the decision table (appeals.txt), line by line; and of two at once, one."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from sqlalchemy import Connection

from agencykit.decisions import tables as kit
from agencykit.decisions.requests import Claim
from agencykit.refusals import RecordPurged, StateForbids
from agencykit.rules import Verdict
from agencykit.storage.bulk import insert_rows
from agencykit.storage.rows import run
from agencykit.storage.times import to_micros
from agencykit.testing.racing import overtaking
from border.domain.rules.appeal import APPEAL_RULES, Contested, Term, why_not
from border.operations.appeals import LODGED, Lodging, lodge_appeal

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


def refused(connection: Connection, number: str) -> None:
    """A refusal of border's, as far as an appeal reads it."""
    seal = {"log": "border/1", "first_sequence": 1, "count": 1, "seal": b"", "signature": b""}
    insert_rows(connection, kit.seals, [seal])
    place = {"log": "border/1", "sequence": 1, "first_sequence": 1, "version": 1, "revision": 1}
    row = place | {"clearance_number": number, "verdict": int(Verdict.REFUSED)}
    insert_rows(connection, kit.decisions, [row | {"decision": b"", "proof": b"", "facts": b"{}"}])


def appeal(connection: Connection, request_id: str) -> Any:
    claim = Claim("appeal", "operator/agent", request_id, b"", "310020041117AAAA")
    lodging = Lodging(claim, f"appeal of {request_id}", claim.clearance_number, "the permit stands", own_only=False)
    return lodge_appeal(connection, lodging, lambda signed: NOW, 15, to_micros(NOW))


def test_an_appeal_that_was_purged_is_not_lodged_again(connection: Connection) -> None:
    refused(connection, "310020041117AAAA")
    appeal(connection, "first")
    run(connection, "DELETE FROM appeals")
    with pytest.raises(RecordPurged):
        appeal(connection, "first")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_appeals_at_once_the_second_meets_the_first(database_url: str) -> None:
    def first(connection: Connection) -> None:
        assert appeal(connection, "first").state == LODGED

    def second(connection: Connection) -> None:
        with pytest.raises(StateForbids):
            appeal(connection, "second")

    overtaking(database_url, lambda connection: refused(connection, "310020041117AAAA"), lambda connection: None)
    overtaking(database_url, first, second)
