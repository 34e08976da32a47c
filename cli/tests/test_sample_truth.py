"""The hidden truth of a sample: its own file, the same each time, and nothing of it in what is submitted."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clearance.agency.v1.work_service_pb2 import Find
from tongguan.failures import Misused
from tongguan.officer import read_truth
from tongguan.sample.generation import generate, hidden_truth

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
SIZE = 1500


@pytest.fixture(scope="module")
def truth() -> list[dict[str, object]]:
    return list(hidden_truth(SIZE, 7, MORNING))


def test_there_is_one_line_for_each_submission_in_their_order(truth: list[dict[str, object]]) -> None:
    submitted = [line["submission"] for line in generate(SIZE, 7, MORNING) if "submission" in line]
    assert [line["reference"] for line in truth] == [one["consignment"]["reference"] for one in submitted]


def test_the_same_arguments_tell_the_same_truth_and_another_seed_another(truth: list[dict[str, object]]) -> None:
    assert truth == list(hidden_truth(SIZE, 7, MORNING))
    assert [line["finds"] for line in truth] != [line["finds"] for line in hidden_truth(SIZE, 8, MORNING)]


def test_a_few_in_a_hundred_are_not_as_declared_in_many_ways(truth: list[dict[str, object]]) -> None:
    kinds = Counter(find["kind"] for line in truth for find in line["finds"])  # type: ignore[attr-defined]
    assert 0.015 < sum(bool(line["finds"]) for line in truth) / SIZE < 0.07
    assert len(kinds) >= 6
    assert set(kinds) <= set(Find.Kind.keys())


def test_an_officer_reads_what_a_sample_wrote_and_nothing_else(tmp_path: Path, truth: list[dict[str, object]]) -> None:
    file = tmp_path / "truth.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in truth))
    known = read_truth(file)
    assert len(known) == SIZE
    assert sum(bool(finds) for finds in known.values()) == sum(bool(line["finds"]) for line in truth)
    file.write_text('{"reference": "NB1", "finds": []}\n{"reference": "NB2", "finds": [{"kind": "KIND_GOLD"}]}\n')
    with pytest.raises(Misused, match=r"truth\.jsonl:2"):
        read_truth(file)
    with pytest.raises(Misused, match="cannot be read"):
        read_truth(tmp_path / "nothing")
