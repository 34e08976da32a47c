"""A passenger who may be watched for is a case that an officer of border decides."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(200)

ABOARD = {
    "identification": "9074729",
    "voyageNumber": "NINGBO-047",
    "lodgeTime": "2004-11-18T06:00:00Z",
    "passengers": [{"name": "ZHUGE, HǍIMÍNG", "documentNumber": "E51830274", "birthDate": 19580613}],
}
ENTRY = {"id": "W-2004-47", "kind": "KIND_PERSON", "name": "Haiming Zhuge"}


def test_a_case_is_listed_and_decided_once(district: Any, json_lines: Callable[[Any], list[dict[str, Any]]]) -> None:
    facts = "\n".join(json.dumps({kind: fact}) for kind, fact in (("passenger_list", ABOARD), ("watch_entry", ENTRY)))
    assert district("submit", "-", input=facts).returncode == 0
    [case] = [each for each in json_lines(district("watched", "list", "--json")) if each["entryId"] == ENTRY["id"]]
    assert (case["call"], case["numbers"], case.get("exact", False)) == ("9074729/NINGBO047", [1], False)
    decide = ("watched", "decide", case["id"], "--reason", "another nationality")
    assert district(*decide, "--outcome", "perhaps").returncode == 2
    [decided] = json_lines(district(*decide, "--outcome", "cleared", "--json"))
    assert (decided["state"], decided["officer"].rpartition("/")[2]) == ("STATE_CLEARED", "officer-border")
    assert district(*decide, "--outcome", "confirmed").returncode == 1
    assert case["id"] not in district("watched", "list").stdout


def test_an_appeal_needs_a_refusal(district: Any, json_lines: Callable[[Any], list[dict[str, Any]]]) -> None:
    lodged = district("appeal", "lodge", "310020041117AAAA", "--grounds", "the storm is in the log book")
    assert lodged.returncode == 1
    assert "NOT_FOUND" in lodged.stderr
    assert json_lines(district("appeal", "list", "--json")) == []
    nothing = "00000000-0000-4000-8000-000000000000"
    decide = ("appeal", "decide", nothing, "--reason", "none")
    assert district(*decide, "--outcome", "maybe").returncode == 2
    assert district(*decide, "--outcome", "upheld").returncode == 1
