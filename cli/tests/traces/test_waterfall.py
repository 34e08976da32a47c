"""A trace read from span stores and drawn as one tree."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tongguan.traces.store import Link, Span, Stores
from tongguan.traces.tree import branches
from tongguan.traces.waterfall import waterfall

TRACE, RPC_TRACE, LATER_TRACE = "a" * 32, "b" * 32, "c" * 32
MILLISECOND = 10**6
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Adds one span to the store of its service, in the form in which services keep them."""

    def add(
        service: str,
        span_id: str,
        parent: str,
        name: str,
        start: float,
        end: float,
        status: str = "OK",
        attributes: str = "{}",
        links: str = "[]",
        trace_id: str = TRACE,
    ) -> None:
        connection = sqlite3.connect(tmp_path / f"{service}.db")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS spans (trace_id TEXT, span_id TEXT, parent_span_id TEXT, name TEXT, "
            "start_ns INTEGER, end_ns INTEGER, status TEXT, attributes_json TEXT, links_json TEXT, service TEXT, "
            "kind TEXT, traces TEXT, packed TEXT)"
        )
        times = (int(start * MILLISECOND), int(end * MILLISECOND))
        row = (
            trace_id,
            span_id,
            parent,
            name,
            *times,
            status,
            attributes,
            links,
            service,
            "INTERNAL",
            trace_id,
            attributes + links,
        )
        connection.execute(f"INSERT INTO spans VALUES ({','.join('?' * 13)})", row)
        connection.commit()
        connection.close()

    return add


@pytest.fixture
def stores(tmp_path: Path, write: Write) -> Stores:
    """A clearance of 100 ms over the gateway and two agencies, one of which failed; the batch call is another trace."""
    link = f'[{{"trace_id":"{RPC_TRACE}","span_id":"r1"}}]'
    write("gateway", "g1", "", "clearance", 0, 100, attributes='{"clearance.number":"31002004000000000007"}')
    write("customs", "c1", "g1", "customs.assess", 10, 40, links=link, attributes='{"decision.verdict":"APPROVED"}')
    write("port", "p1", "g1", "port.assess", 10, 90, status="ERROR", attributes='{"error.type":"UNAVAILABLE"}')
    write("customs", "c2", "c1", "decide", 20, 30)
    write("customs", "r1", "", "AssessConsignments", 8, 42, trace_id=RPC_TRACE)
    write(
        "gateway", "l1", "", "clearance.resume", 5000, 5001, trace_id=LATER_TRACE, links=link.replace(RPC_TRACE, TRACE)
    )
    return Stores([tmp_path])


def test_one_tree_over_all_services(stores: Stores) -> None:
    tree = [(branch.depth, branch.span.service, branch.span.name) for branch in branches(stores.spans_of(TRACE))]
    assert tree == [
        (0, "gateway", "clearance"),
        (1, "port", "port.assess"),
        (1, "customs", "customs.assess"),
        (2, "customs", "decide"),
    ]


def test_the_waterfall_shows_times_in_milliseconds_errors_and_links(stores: Stores) -> None:
    lines = [line.plain.rstrip() for line in waterfall(stores.spans_of(TRACE), 120, stores.span)]
    assert lines[0] == f"trace {TRACE}  4 spans, 100.0 ms, gateway, port, customs, 1 failed"
    port = next(line for line in lines if "port.assess" in line)
    customs = next(line for line in lines if "customs.assess" in line)
    assert port.split()[:4] == ["port", "port.assess", "10.0", "80.0"]
    assert port.endswith("✗ failed UNAVAILABLE")
    assert customs.split()[:4] == ["customs", "customs.assess", "10.0", "30.0"]
    assert customs.endswith("APPROVED ↗ customs AssessConsignments 34.0 ms (trace bbbbbbbb…)")


def test_bars_lie_where_the_time_was_spent(stores: Stores) -> None:
    lines = waterfall(stores.spans_of(TRACE), 130, stores.span)
    bars = {line.plain.split()[1]: line.plain for line in lines[2:]}
    assert bars["clearance"].count("█") == max(text.count("█") for text in bars.values())
    assert bars["decide"].index("█") > bars["customs.assess"].index("█")
    assert bars["port.assess"].count("█") > 2 * bars["customs.assess"].count("█")


def test_later_traces_that_go_on_from_it_are_found(stores: Stores) -> None:
    assert stores.traces_linking_to(TRACE) == [LATER_TRACE]


def test_a_clearance_is_found_by_its_number_without_a_gateway(stores: Stores) -> None:
    assert stores.trace_of_clearance("31002004000000000007") == TRACE
    assert stores.trace_of_clearance("31002004000000000008") is None


def test_a_link_to_a_span_that_is_not_here_shows_its_ids(stores: Stores) -> None:
    assert stores.span(Link("d" * 32, "x")) is None


def test_a_store_whose_service_has_written_nothing_yet_is_passed_over(stores: Stores, tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "border.db").close()
    assert len(stores.spans_of(TRACE)) == 4


def test_every_span_comes_once_even_when_parents_are_missing_or_run_in_a_circle() -> None:
    def span(span_id: str, parent: str) -> Span:
        return Span(TRACE, span_id, parent, span_id, 0, 1, "OK", {}, [], "gateway")

    tree = branches([span("one", "two"), span("two", "one"), span("orphan", "outside"), span("self", "self")])
    assert sorted(branch.span.span_id for branch in tree) == ["one", "orphan", "self", "two"]
    assert all(branch.orphan for branch in tree)


def test_no_spans_draw_nothing() -> None:
    assert waterfall([], 80, lambda link: None) == []
