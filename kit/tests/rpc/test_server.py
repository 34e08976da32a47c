"""What gRPC does by default and this server does not: shared ports, endless connections, told secrets, hard ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from agencykit.refusals import FaultInjected, Internal, NotFound, Overloaded, Refusal, Unavailable
from agencykit.rpc.rates import CallRates
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


async def test_too_much_work_is_refused_at_once_and_a_second_caller_keeps_its_share(open_house: Any) -> None:
    async with open_house(max_in_flight=3, max_in_flight_per_caller=2) as house:
        gate = asyncio.Event()

        async def wait(_request: Any, _call: Any) -> Any:
            await gate.wait()
            return work.ListWorkResponse()

        house.office.then = wait
        greedy, modest = house.caller("operator/greedy"), house.caller("operator/modest")
        held = [asyncio.create_task(list_work(greedy)) for _ in range(2)]
        await house.in_flight(2)
        with pytest.raises(Overloaded) as refused:
            await list_work(greedy)
        assert refused.value.metadata == {"limit": "2"}
        held.append(asyncio.create_task(list_work(modest)))
        await house.in_flight(3)
        with pytest.raises(Overloaded) as refused:
            await list_work(modest)
        assert refused.value.metadata == {"limit": "3"}
        # Health is answered although the house is full.
        health = await modest.unary(
            HEALTH, health_pb2.HealthCheckRequest(), health_pb2.HealthCheckResponse, timeout_seconds=5
        )
        assert health.status == health_pb2.HealthCheckResponse.SERVING
        gate.set()
        await asyncio.gather(*held)
        await list_work(greedy)
        assert house.server.layers.in_flight == 0


async def test_one_caller_does_not_take_all_streams(open_house: Any) -> None:
    async with open_house(max_streams=3, max_streams_per_caller=2) as house:
        streams = [house.follow() for _ in range(2)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(Overloaded) as refused:
            await anext(house.follow())
        assert refused.value.metadata == {"limit": "2"}
        for stream in streams:
            await stream.aclose()
        await house.in_flight(0)
        await anext(house.follow())


async def test_who_calls_too_often_is_refused_and_others_are_not(open_house: Any) -> None:
    async with open_house(max_calls_per_second_per_caller=5) as house:
        greedy = house.caller("operator/greedy")
        ends = await asyncio.gather(*(list_work(greedy) for _ in range(40)), return_exceptions=True)
        refused = [end for end in ends if isinstance(end, Overloaded)]
        assert refused[0].metadata == {"limit": "5"}
        assert 5 <= len(house.office.calls) == 40 - len(refused) < 20
        await list_work(house.caller("operator/modest"))


def test_a_bucket_fills_again_over_a_second_and_never_above_it() -> None:
    class Watch:
        seconds = 0.0

        def monotonic(self) -> float:
            return self.seconds

    watch = Watch()
    rates = CallRates(4, watch)  # type: ignore[arg-type]  # a clock of which only this is asked
    assert [rates.take("port") for _ in range(5)] == [True, True, True, True, False]
    watch.seconds += 0.5
    assert [rates.take("port") for _ in range(3)] == [True, True, False]
    watch.seconds += 60
    assert [rates.take("port") for _ in range(5)].count(True) == 4
    assert all(CallRates(0, watch).take("port") for _ in range(100))  # type: ignore[arg-type]


async def test_more_connections_than_there_is_room_for_are_closed_and_room_is_given_back(open_house: Any) -> None:
    async with open_house(max_connections=2) as house:
        first, second = house.caller(), house.caller("operator/second")
        await list_work(first)
        await list_work(second)
        with pytest.raises(Unreachable):
            await list_work(house.caller("operator/third"))
        await first.close()
        for _ in range(50):
            with suppress(Unreachable):
                await list_work(house.caller("operator/fourth"))
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("the room of a closed connection was not given back")


async def test_who_does_not_finish_its_handshake_is_cut_off(open_house: Any) -> None:
    async with open_house(handshake_timeout_ms=200) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.server.port)
        async with asyncio.timeout(3):
            assert await reader.read() == b""
        writer.close()
        await list_work(house.caller())


async def test_metadata_above_the_bound_is_refused_each_time(open_house: Any) -> None:
    async with open_house(max_metadata_bytes=4096) as house, house.raw() as channel:
        for _ in range(5):
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await channel.unary_unary(LIST)(b"", timeout=5, metadata=[("remark", "x" * 6000)])
            assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert house.office.calls == []


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
