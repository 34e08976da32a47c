"""When agencies must hear that a joint examination will not take place: a table to be read."""

from dataclasses import replace

import pytest

from gateway.domain.examination import Examination, ExaminationState

MADE = Examination(
    number="310020040000000001",
    round=1,
    version=1,
    state=ExaminationState.PROPOSED,
    agencies=("customs", "inspection"),
    containers=("CSQU3054383",),
    resource="SCAN-H986",
    start_time=1_101_117_000_000_000,
    operator="spiffe://ningbo.clearance/operator/port-office",
    request_id="41842f92-ae5a-5f2e-81d8-1eb1b79ec0fc",
)
# Without a slot no agency is asked.
TABLE = """
PROPOSED   slot     stands
ARRANGED   slot     stands
OPENED     slot     stands
DECLINED   no-slot  stands
DECLINED   slot     off
CANCELLED  no-slot  off
CANCELLED  slot     off
"""


@pytest.mark.parametrize("row", [line.split() for line in TABLE.strip().splitlines()], ids=" ".join)
def test_what_was_cancelled_or_declined_after_agencies_were_asked_is_off(row: list[str]) -> None:
    state, slot, told = row
    examination = replace(MADE, state=ExaminationState[state], appointment_id="A-1" if slot == "slot" else "")
    assert examination.is_off == (told == "off")
