"""The reservation of a guarantee in the traces: below its clearance's while that is young, later linked to it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from guaranteed import Guaranteed, rest
from guaranteed_districts import told

HOLD = "clearance.customs.v1.GuaranteeService/HoldGuarantees"


@pytest.mark.parametrize("hours", [0, 2])
def test_a_reservation_is_told_in_the_clearances_trace_or_linked_to_it(hours: int, tmp_path: Path) -> None:
    store = tmp_path / "gateway.spans"

    async def story(told: Guaranteed) -> str:
        clearance = await told.submitted()
        await told.enter(clearance.consignment.trader.identifier)
        told.skip(hours * 3600)
        await told.ask(clearance)
        told.district.parties["gateway"].telemetry.flush()
        return clearance.trace_id

    trace = told(tmp_path, story, span_store=store)
    with closing(sqlite3.connect(store)) as connection:
        query = "SELECT trace_id, span_id, links_json FROM spans WHERE name = 'guarantee.reserve'"
        [(own_trace, span, links)] = connection.execute(query).fetchall()
        [(call,)] = connection.execute("SELECT name FROM spans WHERE parent_span_id = ?", (span,)).fetchall()
    assert (own_trace == trace, trace in links) == (hours == 0, hours > 0)
    assert call == HOLD


def test_reservations_that_share_a_call_stand_in_their_traces_and_are_linked_to_it(tmp_path: Path) -> None:
    store = tmp_path / "gateway.spans"

    async def story(told: Guaranteed) -> set[str]:
        clearances = await told.granted(2)
        await rest()
        told.district.parties["gateway"].telemetry.flush()
        return {each.trace_id for each in clearances}

    traces = told(tmp_path, story, span_store=store)
    with closing(sqlite3.connect(store)) as connection:
        query = (
            "SELECT span_id, parent_span_id FROM spans WHERE name = 'guarantee.convoy' ORDER BY start_ns DESC LIMIT 1"
        )
        [(convoy, above)] = connection.execute(query).fetchall()
        query = "SELECT trace_id FROM spans WHERE name = 'guarantee.reserve' AND links_json LIKE ?"
        linked = {trace for (trace,) in connection.execute(query, (f"%{convoy}%",))}
        calls = connection.execute("SELECT name FROM spans WHERE parent_span_id = ?", (convoy,)).fetchall()
    assert (above, linked) == ("", traces)
    assert calls == [(HOLD,)]
