"""What gRPC does by default and this server does not: shared ports, endless connections, told secrets, hard ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from grpc_reflection.v1alpha import reflection_pb2

from agencykit.refusals import FaultInjected, Internal, NotFound, Refusal, Unavailable
from agencykit.rpc.server import Server
from agencykit.rpc.transport import Unreachable
from agencykit.runtime import real_runtime
from agencykit.settings import SettingsError
from clearance.agency.v1 import agency_service_pb2 as agency
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
ASSESS = "/clearance.agency.v1.AgencyService/AssessConsignments"
HEALTH = "/grpc.health.v1.Health/Check"
BATCH = agency.AssessConsignmentsRequest(items=[agency.AssessmentItem(request_id="kept for the handler")])


async def list_work(caller: Any) -> Any:
    return await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=10)


async def assess(caller: Any) -> Any:
    return await caller.unary(ASSESS, BATCH, agency.AssessConsignmentsResponse, timeout_seconds=10)


async def test_a_failure_inside_shows_a_correlation_id_and_nothing_else(open_house: Any) -> None:
    async with open_house() as house:

        async def stumble(_request: Any, _call: Any) -> Any:
            raise KeyError("沈阳机床厂, passport E12345678")

        house.office.then = stumble
        with pytest.raises(Internal) as failed:
            await list_work(house.caller())
        correlation_id = failed.value.metadata["correlation_id"]
        assert "E12345678" not in str(failed.value)
        [line] = [line for line in house.log_text().splitlines() if '"internal"' in line]
        assert correlation_id in line
        assert "KeyError" in line
        assert "stumble" in line
        assert "E12345678" not in line


async def test_an_answer_of_the_wrong_kind_is_an_internal_failure(open_house: Any) -> None:
    async with open_house() as house:

        async def mistake(_request: Any, _call: Any) -> Any:
            return work.TakeWorkResponse()

        house.office.then = mistake
        with pytest.raises(Internal):
            await list_work(house.caller())
        assert "answers ListWorkResponse, not TakeWorkResponse" in house.log_text()


async def test_a_refusal_arrives_as_the_same_refusal(open_house: Any) -> None:
    async with open_house() as house:

        async def refuse(_request: Any, _call: Any) -> Any:
            raise NotFound("work", "7c0d")

        house.office.then = refuse
        with pytest.raises(NotFound) as refused:
            await list_work(house.caller())
        assert refused.value.metadata == {"resource": "work", "name": "7c0d"}
        assert str(refused.value) == "no such work, or not yours to see: 7c0d"


async def test_a_party_behind_that_is_away_makes_the_service_unavailable(open_house: Any) -> None:
    async with open_house() as house:

        async def ask_further(_request: Any, _call: Any) -> Any:
            raise Unreachable(grpc.StatusCode.UNKNOWN, "port.internal:7104 said nonsense")

        house.office.then = ask_further
        with pytest.raises(Unavailable):
            await list_work(house.caller())


async def test_a_second_server_on_the_same_port_is_refused_and_named(open_house: Any) -> None:
    async with open_house() as house:
        settings = house.district.settings(port=house.server.port)
        second = Server(settings, real_runtime(), [], house.telemetry)
        with pytest.raises(SettingsError, match=f"port: 127.0.0.1:{house.server.port} is taken"):
            await second.start()


async def test_a_drain_finishes_what_is_under_way_and_refuses_what_is_new(open_house: Any) -> None:
    async with open_house() as house:
        gate = asyncio.Event()

        async def wait(_request: Any, _call: Any) -> Any:
            await gate.wait()
            return work.ListWorkResponse(next_page_token="finished")

        house.office.then = wait
        caller = house.caller()
        under_way = asyncio.create_task(list_work(caller))
        await house.in_flight(1)
        stopped = asyncio.create_task(house.server.stop(10))
        await asyncio.sleep(0.1)
        with pytest.raises((Unavailable, Unreachable)):
            await list_work(house.caller("operator/late"))
        gate.set()
        assert (await under_way).next_page_token == "finished"
        await asyncio.wait_for(stopped, 5)


async def test_a_drain_does_not_wait_for_streams_but_ends_them_well(open_house: Any) -> None:
    async with open_house() as house:
        house.agency.beats = 60
        stream = house.follow()
        await anext(stream)
        async with asyncio.timeout(3):
            await asyncio.gather(house.server.stop(10), _ends(stream))
        assert house.agency.ended


async def _ends(stream: Any) -> None:
    async for _ in stream:
        pass


async def test_in_production_there_is_no_reflection(open_house: Any) -> None:
    async with open_house(production=True) as house, house.raw() as channel:
        call = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")(
            iter([reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString()]), timeout=5
        )
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await anext(aiter(call))
        assert failed.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_reflection_lists_what_is_served(open_house: Any) -> None:
    async with open_house() as house, house.raw() as channel:
        call = channel.stream_stream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")(
            iter([reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString()]), timeout=5
        )
        answer = reflection_pb2.ServerReflectionResponse.FromString(await anext(aiter(call)))
        assert {service.name for service in answer.list_services_response.service} >= {
            "clearance.agency.v1.AgencyService",
            "clearance.agency.v1.WorkService",
            "grpc.health.v1.Health",
        }


@asynccontextmanager
async def counted(port: int) -> AsyncIterator[tuple[int, list[str]]]:
    """A port that passes everything on to `port`, and a list with one entry for each connection."""
    connections: list[str] = []
    pipes: set[asyncio.Task[None]] = set()

    async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append("one more")
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        pipes.add(asyncio.create_task(pipe(reader, inner_writer)))
        pipes.add(asyncio.create_task(pipe(inner_reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], connections
    await asyncio.gather(*pipes)


async def test_a_connection_ends_at_its_age_and_no_call_fails_for_it(open_house: Any) -> None:
    # An age that a handshake on a busy machine does not reach.
    async with open_house(max_connection_age_ms=600) as house, counted(house.server.port) as (port, connections):
        caller = house.caller(address=f"127.0.0.1:{port}")
        for _ in range(12):
            await list_work(caller)
            await asyncio.sleep(0.2)
        await caller.close()
        assert len(connections) >= 3


async def test_an_unknown_method_is_unimplemented(open_house: Any) -> None:
    async with open_house() as house:
        with pytest.raises(Unreachable) as failed:
            await house.caller().unary("/a.B/C", work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=5)
        assert failed.value.code is grpc.StatusCode.UNIMPLEMENTED


async def test_the_fault_switch_delays_assessments_and_nothing_else(
    open_house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGGUAN_FAULTS", "1")
    async with open_house(fault_assess_delay_ms=300) as house:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await list_work(house.caller())
        assert loop.time() - begun < 0.3
        begun = loop.time()
        await assess(house.caller("gateway"))
        assert loop.time() - begun >= 0.3


async def test_the_fault_switch_fails_assessments_at_its_rate(open_house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGGUAN_FAULTS", "1")
    async with open_house(fault_error_rate=1.0) as house:
        with pytest.raises(FaultInjected) as failed:
            await assess(house.caller("gateway"))
        assert isinstance(failed.value, Refusal)
        assert failed.value.transient
        assert house.agency.calls == []
        await list_work(house.caller())


async def test_a_server_does_not_start_with_a_certificate_that_cannot_work(district: Any) -> None:
    settings = district.settings()
    settings.key_file.write_bytes(district.files("border").key.read_bytes())
    from agencykit.telemetry import Telemetry

    runtime = real_runtime()
    server = Server(settings, runtime, [], Telemetry(settings, "customs", runtime))
    with pytest.raises(SettingsError, match="is not the key of"):
        await server.start()
