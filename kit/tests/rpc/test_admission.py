"""Who is refused for want of room hears it at once, and when to come again; a second caller keeps his share."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from agencykit.refusals import Overloaded, from_status, to_status
from agencykit.rpc.admission import SOONEST_SECONDS
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
ASSESS = "/clearance.agency.v1.AgencyService/AssessConsignments"


async def list_work(caller: Any) -> Any:
    return await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=10)


async def assess(caller: Any, items: int) -> Any:
    request = agency.AssessConsignmentsRequest(items=[agency.AssessmentItem() for _ in range(items)])
    return await caller.unary(ASSESS, request, agency.AssessConsignmentsResponse, timeout_seconds=10)


class Closed:
    """An office that answers nobody before `open`."""

    def __init__(self, house: Any) -> None:
        self._house, self._gate = house, asyncio.Event()
        self._held: list[asyncio.Task[Any]] = []
        house.office.then = self._wait

    async def _wait(self, _request: Any, _call: Any) -> Any:
        await self._gate.wait()
        return work.ListWorkResponse()

    async def hold(self, caller: Any, calls: int) -> None:
        self._held += [asyncio.create_task(list_work(caller)) for _ in range(calls)]
        await self._house.in_flight(len(self._held))

    async def open(self) -> None:
        self._gate.set()
        await asyncio.gather(*self._held)
        assert self._house.server.layers.in_flight == 0


async def test_one_caller_fills_the_house_and_a_second_is_let_in_at_once(open_house: Any) -> None:
    async with open_house(max_in_flight=8, max_in_flight_per_caller=8) as house:
        office = Closed(house)
        flood, modest, third = (house.caller(f"operator/{name}") for name in ("flood", "modest", "third"))
        await office.hold(flood, 6)
        for _ in range(3):
            with pytest.raises(Overloaded):
                await list_work(flood)
        await office.hold(modest, 1)
        await office.hold(third, 1)
        with pytest.raises(Overloaded):
            await list_work(modest)
        await office.open()
        await list_work(flood)


async def test_whoever_has_more_weight_has_a_larger_share(open_house: Any) -> None:
    async with open_house(max_in_flight=16, max_in_flight_per_caller=16, caller_weights={"operator/crane": 3}) as house:
        usual, crane = house.caller("operator/usual"), house.caller("operator/crane")
        office = Closed(house)
        # Of the 12 that are open to anybody, 9 are the crane's and 3 the other's.
        await office.hold(usual, 4)
        await office.hold(crane, 9)
        with pytest.raises(Overloaded):
            await list_work(usual)
        await office.open()


async def test_a_batch_takes_room_for_each_of_its_items(open_house: Any) -> None:
    async with open_house(max_items_in_flight=40) as house:
        gateway = house.caller("gateway")
        assert len((await assess(gateway, 30)).answers) == 30
        held = asyncio.Event()
        house.agency.before_answer = held
        first = asyncio.create_task(assess(gateway, 30))
        await house.in_flight(1)
        with pytest.raises(Overloaded) as refused:
            await assess(gateway, 30)
        assert refused.value.metadata == {"limit": "40"}
        # An officer with one small request is let in beside the batch.
        await list_work(house.caller("operator/li-wei"))
        held.set()
        await first
        # Larger than the room: it comes in where it is alone.
        assert len((await assess(gateway, 41)).answers) == 41


async def test_who_is_refused_hears_when_to_come_again(open_house: Any) -> None:
    async with open_house(max_in_flight=1) as house, house.raw() as channel:
        office = Closed(house)
        await office.hold(house.caller("operator/first"), 1)
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await channel.unary_unary(LIST)(b"", timeout=5)
        assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        trailer = dict(failed.value.trailing_metadata() or ())
        status = Status.FromString(bytes(trailer["grpc-status-details-bin"]))
        info, again = ErrorInfo(), RetryInfo()
        assert status.details[0].Unpack(info)
        assert status.details[1].Unpack(again)
        assert (info.reason, info.domain) == ("OVERLOADED", "clearance")
        assert again.retry_delay.ToMilliseconds() == SOONEST_SECONDS * 1000
        with pytest.raises(Overloaded) as refused:
            await list_work(house.caller("operator/second"))
        assert refused.value.retry_seconds == SOONEST_SECONDS
        await office.open()


async def test_who_calls_too_often_hears_when_he_may_again(open_house: Any) -> None:
    async with open_house(max_calls_per_second_per_caller=2) as house:
        caller = house.caller("operator/greedy")
        ends = await asyncio.gather(*(list_work(caller) for _ in range(12)), return_exceptions=True)
        waits = [end.retry_seconds for end in ends if isinstance(end, Overloaded)]
        assert waits
        assert all(wait is not None and 0 < wait <= 0.5 for wait in waits)


async def test_a_flood_is_told_of_once_a_second_and_leaves_neither_a_line_nor_a_span_for_each(
    open_house: Any, tmp_path: Path
) -> None:
    async with open_house(max_in_flight=1) as house:
        office = Closed(house)
        await office.hold(house.caller("operator/first"), 1)
        flood = house.caller("operator/flood")
        for _ in range(20):
            with pytest.raises(Overloaded):
                await list_work(flood)
        lines = [json.loads(line) for line in house.log_text().splitlines()]
        told = [line for line in lines if line["event"] == "overloaded"]
        assert 1 <= len(told) < 20
        assert told[0]["identity"] == "spiffe://ningbo.clearance/operator/flood"
        assert told[0]["count"] == 1
        assert not [line for line in lines if line.get("outcome") == "OVERLOADED"]
        with sqlite3.connect(tmp_path / "spans.db") as spans:
            kept = spans.execute(
                "SELECT count(*) FROM spans WHERE status = 'OVERLOADED' AND kind = 'SERVER'"
            ).fetchone()
        assert kept == (0,)
        await office.open()


def test_a_refusal_of_another_implementation_without_a_time_is_read_all_the_same() -> None:
    status = to_status(Overloaded(7, 2.5))
    assert from_status(status).retry_seconds == 2.5  # type: ignore[union-attr]
    del status.details[1]
    bare = from_status(status)
    assert isinstance(bare, Overloaded)
    assert bare.retry_seconds is None
