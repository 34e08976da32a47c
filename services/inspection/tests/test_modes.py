"""Class of the producer × risk of the goods → how they are supervised: the default matrix as a table to be read."""

from typing import Any

import pytest

from agencykit.rules import RequiredAction, Verdict
from inspection.domain.consignment import Direction
from inspection.domain.reference import Mode, Reference

# Risk grade (1 highest) by what the goods are: exports by class of the producer, imports by risk alone.
TABLE = """
grade  export    import    class_1  class_2  class_3  unnamed  imported
1      36041000  72044900  sample   examine  examine  examine  examine
2      87112000  87112000  release  sample   examine  examine  sample
3      95030041  95030041  release  release  sample   sample   release
"""
HEADER, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (row[0], row[2 if column == "imported" else 1], column, mode)
    for row in ROWS
    for column, mode in zip(HEADER[3:], row[3:], strict=True)
]
MAKER = "3302T00017"
# What a mode leads to: the rule that finds it, and what officers then do.
LEADS_TO = {
    Mode.SAMPLE: [("INS-231", Verdict.EXAMINE, RequiredAction.SAMPLE)],
    Mode.EXAMINE: [("INS-232", Verdict.EXAMINE, RequiredAction.PRESENT)],
    Mode.RELEASE: [],
}


@pytest.mark.parametrize(("grade", "code", "column", "mode"), CELLS, ids=[f"{c[0]}-{c[2]}" for c in CELLS])
def test_goods_are_supervised_as_the_table_says(grade: str, code: str, column: str, mode: str, judge: Any) -> None:
    named = column.startswith("class")
    found = judge(
        item={"code": code, "origin_country_code": "CN", "producer_identifier": MAKER if named else ""},
        view={"direction": Direction.IMPORT if column == "imported" else Direction.EXPORT},
        facts={"producer_classes": {MAKER: int(column[-1])} if named else {}},
    )
    assert [(each.rule_id, each.effect, each.required_action) for each in found] == LEADS_TO[Mode(mode)]
    assert all(each.parameters["grade"] == grade for each in found)


def test_the_table_holds_the_whole_matrix(reference: Reference) -> None:
    exports = {
        (int(grade), int(column[-1])): Mode(mode) for grade, _, column, mode in CELLS if column.startswith("class")
    }
    imports = {int(grade): Mode(mode) for grade, _, column, mode in CELLS if column == "imported"}
    assert (exports, imports) == (reference.modes.exports, reference.modes.imports)
