"""Calls in process pass the same layers as calls by a socket, under virtual time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import pytest

from agencykit.identity import Identity
from agencykit.refusals import (
    CallerNotListed,
    DeadlineTooShort,
    FormInvalid,
    Internal,
    NotFound,
    Overloaded,
    Unavailable,
)
from agencykit.rpc.layers import Layers
from agencykit.rpc.service import Service
from agencykit.rpc.transport import Unreachable
from agencykit.runtime import Runtime
from agencykit.settings import ServiceSettings, SettingsError
from agencykit.telemetry import Telemetry
from agencykit.testing.inline import InlineTransport
from agencykit.testing.virtual import virtual_time
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
FOLLOW = "/clearance.agency.v1.AgencyService/FollowDecisions"
DESCRIBE = "/clearance.agency.v1.AgencyService/DescribeAgency"
WORK = work.DESCRIPTOR.services_by_name["WorkService"]
AGENCY = agency.DESCRIPTOR.services_by_name["AgencyService"]

Handler = Callable[[Any, Any], Awaitable[Any]]


class Officers:
    """A work service whose ListWork the test supplies."""

    def __init__(self, handler: Handler) -> None:
        self.ListWork = self.TakeWork = self.ReturnWork = self.RecordWork = handler


class Feed:
    """An agency that beats once a second."""

    def __init__(self) -> None:
        other = self._describe
        self.AssessConsignments = self.GetDecision = self.WithdrawConsignment = other
        self.RecordOutcomes = self.ProposeExamination = self.DescribeAgency = other
        self.calls: list[Any] = []

    async def _describe(self, _request: Any, call: Any) -> Any:
        self.calls.append(call)
        return agency.DescribeAgencyResponse()

    async def FollowDecisions(self, _request: Any, call: Any) -> AsyncIterator[Any]:
        self.calls.append(call)
        while True:
            yield agency.FollowDecisionsResponse()
            await asyncio.sleep(1)


async def answer(_request: Any, _call: Any) -> Any:
    return work.ListWorkResponse(next_page_token="lantern")


class Bench:
    """Layers in process and a caller of them."""

    def __init__(self, runtime: Runtime, handler: Handler = answer, path: str = "operator/li-wei", **more: Any) -> None:
        settings = ServiceSettings(**more)
        self.telemetry = Telemetry(settings, "customs", runtime)
        self.feed = Feed()
        services = [Service(Officers(handler), WORK, ["operator/*"]), Service(self.feed, AGENCY, ["gateway"])]
        self.layers = Layers(settings, runtime, services, self.telemetry)
        self.caller = InlineTransport(self.layers, Identity.of_district("ningbo", path), self.telemetry)

    async def list(self, timeout_seconds: float = 5, **fields: Any) -> Any:
        request = work.ListWorkRequest(**fields)
        return await self.caller.unary(LIST, request, work.ListWorkResponse, timeout_seconds=timeout_seconds)


def play(scene: Callable[[Runtime], Awaitable[None]]) -> float:
    """Runs a scene in virtual time and tells how long it took there."""
    with virtual_time() as world:

        async def whole() -> float:
            await scene(world.runtime)
            return world.loop.time()

        return world.loop.run_until_complete(whole())


def test_the_layers_stand_in_the_stated_order() -> None:
    async def scene(runtime: Runtime) -> None:
        order = ("error boundary", "telemetry", "identity", "authorisation", "deadline", "admission")
        assert Bench(runtime).layers.order == (*order, "decoding", "validation", "faults")

    play(scene)


def test_a_call_is_answered_and_refused_as_by_a_socket() -> None:
    async def refuse(_request: Any, _call: Any) -> Any:
        raise NotFound("work", "7c0d")

    async def scene(runtime: Runtime) -> None:
        assert (await Bench(runtime).list()).next_page_token == "lantern"
        with pytest.raises(CallerNotListed):
            await Bench(runtime, path="broker/3104980001").list()
        with pytest.raises(FormInvalid):
            await Bench(runtime).list(page_size=-1)
        with pytest.raises(DeadlineTooShort):
            await Bench(runtime).list(timeout_seconds=0.05)
        with pytest.raises(NotFound) as refused:
            await Bench(runtime, refuse).list()
        assert refused.value.metadata == {"resource": "work", "name": "7c0d"}

    assert play(scene) == 0


def test_a_failure_inside_is_hidden() -> None:
    async def stumble(_request: Any, _call: Any) -> Any:
        raise RuntimeError("E12345678")

    async def scene(runtime: Runtime) -> None:
        with pytest.raises(Internal) as failed:
            await Bench(runtime, stumble).list()
        assert "E12345678" not in str(failed.value)

    play(scene)


def test_deadlines_hold_in_virtual_time() -> None:
    async def dawdle(_request: Any, call: Any) -> Any:
        assert call.remaining() == pytest.approx(3.98)
        await asyncio.sleep(3600)

    async def scene(runtime: Runtime) -> None:
        with pytest.raises(Unreachable) as failed:
            await Bench(runtime, dawdle).list(timeout_seconds=4)
        assert failed.value.code is grpc.StatusCode.DEADLINE_EXCEEDED

    assert play(scene) == pytest.approx(3.98)


def test_a_stream_beats_until_the_services_limit() -> None:
    async def scene(runtime: Runtime) -> None:
        bench = Bench(runtime, path="gateway")
        stream = bench.caller.stream(
            FOLLOW, agency.FollowDecisionsRequest(), agency.FollowDecisionsResponse, timeout_seconds=3600
        )
        assert len([each async for each in stream]) == 25

    assert play(scene) == pytest.approx(25)


def test_a_drain_ends_streams_and_refuses_what_is_new() -> None:
    async def scene(runtime: Runtime) -> None:
        bench = Bench(runtime, path="gateway")
        stream = bench.caller.stream(
            FOLLOW, agency.FollowDecisionsRequest(), agency.FollowDecisionsResponse, timeout_seconds=60
        )
        asyncio.get_running_loop().call_later(2.5, bench.layers.drain)
        assert len([each async for each in stream]) == 3
        with pytest.raises(Unavailable):
            await bench.caller.unary(
                DESCRIBE, agency.DescribeAgencyRequest(), agency.DescribeAgencyResponse, timeout_seconds=5
            )

    assert play(scene) == pytest.approx(2.5)


def test_trace_context_goes_from_caller_to_handler(tmp_path: Any) -> None:
    async def scene(runtime: Runtime) -> None:
        bench = Bench(runtime, path="gateway", span_store=tmp_path / "spans.db")
        span = bench.telemetry.rpc_span("server", "/a.B/C", None)
        await bench.caller.unary(
            DESCRIBE,
            agency.DescribeAgencyRequest(),
            agency.DescribeAgencyResponse,
            timeout_seconds=5,
            trace=span.context,
        )
        [call] = bench.feed.calls
        assert call.trace.trace_id == span.name.trace_id
        assert call.trace.span_id != span.name.span_id
        bench.telemetry.close()

    play(scene)


def test_a_hook_delays_refuses_and_loses_answers() -> None:
    async def scene(runtime: Runtime) -> None:
        bench = Bench(runtime)
        seen: list[tuple[str, str]] = []

        async def lose_the_answer(moment: str, method: str) -> None:
            seen.append((moment, method))
            if moment == "called":
                await asyncio.sleep(2)
            else:
                raise Unreachable(grpc.StatusCode.UNAVAILABLE, "cable cut")

        bench.caller.hook = lose_the_answer
        with pytest.raises(Unreachable, match="cable cut"):
            await bench.list()
        assert seen == [("called", LIST), ("answered", LIST)]
        bench.caller.layers = None
        with pytest.raises(Unreachable, match="nobody listens"):
            await bench.list()

    assert play(scene) == pytest.approx(4)


def test_overload_is_refused_in_process_too() -> None:
    gate = asyncio.Event()

    async def wait(request: Any, call: Any) -> Any:
        await gate.wait()
        return await answer(request, call)

    async def scene(runtime: Runtime) -> None:
        bench = Bench(runtime, wait, max_in_flight=2)
        held = [asyncio.create_task(bench.list()) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await bench.list()
        gate.set()
        await asyncio.gather(*held)

    play(scene)


def test_callers_of_a_service_that_is_not_served_are_a_faulty_setting() -> None:
    async def scene(runtime: Runtime) -> None:
        with pytest.raises(SettingsError, match=r"tax\.v1\.TaxService is not served here"):
            Bench(runtime, callers={"tax.v1.TaxService": ["gateway"]})

    play(scene)


def test_a_servicer_that_misses_an_rpc_is_noticed_at_start() -> None:
    with pytest.raises(TypeError, match="Feed does not answer ListWork, TakeWork, ReturnWork, RecordWork"):
        Service(Feed(), WORK)
