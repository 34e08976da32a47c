"""What a broker submits is text in the spreadsheet of whoever lists it."""

import csv
from pathlib import Path

import pytest
from simulated import SimulatedDistrict, simulated_district

from agencykit.testing.virtual import virtual_time
from clearance.gateway.v1.clearance_pb2 import Clearance
from tongguan.output import Output
from tongguan.report.rows import clearance_row, clearances_table
from tongguan.sample.generation import generate

HOSTILE = ("=1+cmd|'/C_calc'!A0", "@SUM(A1:A9)", "-2+3", "+HYPERLINK(A1)")


async def _submitted(district: SimulatedDistrict) -> list[Clearance]:
    lines = [line for line in generate(len(HOSTILE), 4, district.runtime.clock.now()) if "submission" in line]
    for line, reference in zip(lines, HOSTILE, strict=True):
        line["submission"]["consignment"]["reference"] = reference
        await district.submit(line)
    return await district.clearances()


def test_no_reference_that_the_gateway_takes_is_a_formula_in_the_list(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with virtual_time(seed=2004) as world:

        async def play() -> list[Clearance]:
            async with simulated_district(tmp_path, world) as district:
                return await _submitted(district)

        found = world.loop.run_until_complete(play())
    made = clearances_table()
    for clearance in found:
        made.add_row(*clearance_row(clearance))
    Output(csv=True).show(made)
    rows = list(csv.reader(capfdbinary.readouterr()[0].decode("utf-8-sig").splitlines()))
    assert sorted(row[1] for row in rows[1:]) == sorted(f"'{reference}" for reference in HOSTILE)
