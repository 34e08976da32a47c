"""One trace runs through both districts; what happens days later is linked to it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from in_transit import TWO, InTransit, discharged, released, rest, told_in_transit


def spans_of(store: Path) -> list[tuple[str, str, str]]:
    """(trace, name, links) of all spans about movements that one gateway has written."""
    with closing(sqlite3.connect(store)) as connection:
        query = "SELECT trace_id, name, links_json FROM spans WHERE name LIKE 'transit.%' ORDER BY start_ns"
        return [(trace, name, links) for trace, name, links in connection.execute(query)]


def test_departure_and_destination_stand_in_one_trace_and_later_days_are_linked(tmp_path: Path) -> None:
    stores = {name: tmp_path / f"{name}.spans" for name in TWO}

    async def story(ningbo: InTransit, hangzhou: InTransit) -> str:
        await ningbo.enter_guarantee()
        mrn = await released(ningbo)
        hangzhou.skip(2)
        await hangzhou.arrive(mrn)
        await rest()
        await discharged(ningbo, hangzhou, mrn)
        for each in (ningbo, hangzhou):
            each.district.parties["gateway"].telemetry.flush()
        return str((await ningbo.get(mrn)).trace_id)

    trace = told_in_transit(tmp_path, TWO, story, span_stores=stores)
    home, there = (spans_of(stores[name]) for name in TWO)
    assert [(own == trace, name) for own, name, _ in home[:2]] == [(True, "transit.declare"), (True, "transit.release")]
    assert (trace, "transit.AnticipatedArrival") in [(own, name) for own, name, _ in there]
    arrived = [(own, links) for own, name, links in there if name == "transit.arrive"]
    arrived += [(own, links) for own, name, links in home if name == "transit.ArrivalAdvice"]
    assert len(arrived) == 2
    assert all(own != trace and trace in links for own, links in arrived)
