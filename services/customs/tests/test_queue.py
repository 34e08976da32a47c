"""The scanner's queue: its order as a table to be read (queue.txt)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from customs.app import CustomsSettings, lists
from customs.domain.consignment import ConsignmentView, Direction, Item
from customs.domain.queue import Waiting, places
from customs.domain.reference import Reference

NOON = datetime(2004, 11, 22, 4, tzinfo=UTC)
TABLE = [
    line.split()
    for line in Path(__file__).with_name("queue.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def hours(text: str) -> timedelta:
    return timedelta(hours=float(text))


def waiting(view: ConsignmentView, item: Item, row: list[str]) -> Waiting:
    name, code, loading, since, containers, taken, *_ = row
    seen = replace(
        view,
        direction=Direction.IMPORT if loading == "import" else Direction.EXPORT,
        loading_time=NOON + hours(loading) if loading.startswith("+") else None,
        items=(replace(item, code=code),),
    )
    return Waiting("w", name, ("CSQU3054383",) * int(containers), NOON + hours(since), taken == "yes", seen)


def test_the_queue_is_ordered_as_the_table_says(view: ConsignmentView, item: Item, reference: Reference) -> None:
    found = places([waiting(view, item, row) for row in TABLE], reference.examining, NOON)
    told = {
        each.waiting.clearance_number: [str(each.position), str(each.ahead), f"{(each.expected - NOON).seconds // 60}"]
        for each in found
    }
    assert told == {row[0]: row[6:9] for row in TABLE}


def test_another_order_is_data(view: ConsignmentView, item: Item, reference: Reference) -> None:
    oldest = replace(reference.examining, order=("waiting",))
    found = places([waiting(view, item, row) for row in TABLE], oldest, NOON)
    assert [each.waiting.clearance_number for each in found][:3] == ["TAKEN", "NUTS-IMPORT", "NUTS-LATE"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('"perishable", "loading"', '"smell"'), "no such order: smell; there are perishable, loading, waiting"),
        (("images_per_hour = 20", "images_per_hour = 0"), "images_per_hour must be at least 1"),
        (('"REVIEW"', '"TEA"'), "TEA"),
        (("first = true", ""), "first"),
    ],
)
def test_a_bad_file_is_named_with_its_fault(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    path = CustomsSettings().examination_file
    (tmp_path / "examination.toml").write_text(path.read_text("utf-8").replace(*change, 1), "utf-8")
    settings: Any = {"examination_file": tmp_path / "examination.toml"}
    with pytest.raises(Exception, match=fault):
        lists(CustomsSettings(**settings))
