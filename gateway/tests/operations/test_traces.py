"""One trace for each clearance, whole and its own, also where a hundred share one call."""

from collections import defaultdict
from contextlib import closing
from typing import Any

from agencykit.telemetry.context import trace_id
from clearance.common.v1.trace_pb2 import TraceContext
from clearance.gateway.v1 import clearance_service_pb2 as rpc

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def spans(district: Any, replica: Any, trace: str) -> list[tuple[str, str, str]]:
    """(name, parent's name, links) of a trace's spans in all services' stores; the root's parent is empty."""
    import sqlite3

    found = []
    replica.telemetry.flush()
    for office in district.offices.values():
        office.telemetry.flush()
    for store in sorted(district.folder.glob("*.spans")):
        with closing(sqlite3.connect(store)) as connection:
            query = "SELECT span_id, parent_span_id, name, links_json FROM spans WHERE trace_id = ?"
            found += connection.execute(query, (trace,)).fetchall()
    names = {span_id: name for span_id, _, name, _ in found}
    return [(name, names.get(parent, parent), links) for _, parent, name, links in found]


async def test_a_clearance_is_one_tree_with_all_agencies_in_it(
    district: Any, gateway: Any, reference: str, make: Any
) -> None:
    [answer] = await gateway.caller().batch(
        [rpc.SubmitClearanceRequest(request_id=gateway.runtime.ids.uuid(), consignment=make.air_import(reference))]
    )
    tree = {(name, parent) for name, parent, _ in spans(district, gateway, answer.clearance.trace_id)}
    # Whether all answers were recorded at once or one after the other is a matter of time.
    tree.discard(("decide", "clearance"))
    expected = {("clearance", ""), ("release", "clearance")}
    for agency in make.agencies:
        expected.add((f"{agency}.assess", "clearance"))
    assert tree == expected


async def test_a_hundred_clearances_in_one_batch_have_a_hundred_traces_linked_to_the_same_calls(
    district: Any, gateway: Any, reference: str, make: Any
) -> None:
    requests = [
        rpc.SubmitClearanceRequest(
            request_id=gateway.runtime.ids.uuid(), consignment=make.air_import(f"{reference}-{number}")
        )
        for number in range(100)
    ]
    traces = [answer.clearance.trace_id for answer in await gateway.caller().batch(requests)]
    assert len(set(traces)) == 100
    linked: dict[str, set[str]] = defaultdict(set)
    for trace in traces[::20]:
        found = spans(district, gateway, trace)
        assert {name for name, _, _ in found} >= {f"{agency}.assess" for agency in make.agencies}
        for name, _, links in found:
            linked[name].add(links)
    for agency in make.agencies:
        assert len(linked[f"{agency}.assess"]) == 1, "one call, linked from each of its items"
        assert linked[f"{agency}.assess"] != {"[]"}


async def test_a_submission_joins_the_trace_it_names(district: Any, gateway: Any, reference: str, make: Any) -> None:
    context = TraceContext(traceparent=TRACE)
    clearance = await gateway.caller().submit(make.air_import(reference), trace_context=context)
    assert clearance.trace_id == trace_id(TRACE)
    [(parent, links)] = [
        (parent, links) for name, parent, links in spans(district, gateway, clearance.trace_id) if name == "clearance"
    ]
    assert parent == "00f067aa0ba902b7"
    assert links != "[]", "the call that brought it"


async def test_a_lone_submission_stands_below_its_call(district: Any, gateway: Any, reference: str, make: Any) -> None:
    clearance = await gateway.caller().submit(make.air_import(reference))
    found = spans(district, gateway, clearance.trace_id)
    call = "clearance.gateway.v1.ClearanceService/SubmitClearance"
    assert [parent for name, parent, _ in found if name == "clearance"] == [call]


async def ordered(broker: Any, number: str, make: Any) -> None:
    """Waits until the case has an order."""

    async def there() -> bool:
        return bool((await broker.get(number)).orders)

    await make.eventually(there)


async def test_what_happens_later_stands_in_the_same_trace(
    district: Any, gateway: Any, reference: str, make: Any
) -> None:
    broker = gateway.caller()
    clearance = await broker.submit(make.sea_import(reference))
    await district.weigh(reference)

    await ordered(broker, clearance.number, make)
    names = [name for name, _, _ in spans(district, gateway, clearance.trace_id)]
    assert names.count("clearance") == 1
    assert names.count("release") == 1
    assert {f"{agency}.decide" for agency in make.agencies} <= set(names)


async def test_an_asking_that_failed_and_the_next_stand_in_the_trace(
    district: Any, gateway: Any, reference: str, make: Any
) -> None:
    broker = gateway.caller()
    district.offices["border"].down = True
    clearance = await broker.submit(make.air_import(reference))
    district.offices["border"].down = False

    await ordered(broker, clearance.number, make)
    names = [name for name, _, _ in spans(district, gateway, clearance.trace_id)]
    assert names.count("ask border") >= 2
    assert names.count("ask port") == 0


async def test_what_comes_after_a_wait_of_hours_is_a_trace_of_its_own_linked_to_the_first(
    district: Any, gateway: Any, reference: str, make: Any, monkeypatch: Any
) -> None:
    import sqlite3

    from gateway.operations import traces

    monkeypatch.setattr(traces, "LONG_WAIT_NS", 0)
    broker = gateway.caller()
    clearance = await broker.submit(make.sea_import(reference))
    await district.weigh(reference)

    await ordered(broker, clearance.number, make)
    assert [name for name, _, _ in spans(district, gateway, clearance.trace_id)].count("release") == 0
    with closing(sqlite3.connect(district.folder / "gateway-1.spans")) as connection:
        query = "SELECT trace_id, links_json FROM spans WHERE name = 'clearance' AND trace_id <> ?"
        later = connection.execute(query, (clearance.trace_id,)).fetchall()
    assert later
    assert all(clearance.trace_id in links for _, links in later)
    assert any(name == "release" for trace, _ in later for name, _, _ in spans(district, gateway, trace))
