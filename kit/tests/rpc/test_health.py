"""Whether a service serves is told to all who ask or watch, and told before it stops."""

import asyncio
from typing import Any, cast

import grpc
import pytest
from grpc_health.v1 import health_pb2

from agencykit.rpc.health import TERMS, Health
from agencykit.rpc.transport import Unreachable
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
CHECK = "/grpc.health.v1.Health/Check"
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


async def check(caller: Any, service: str = "") -> health_pb2.HealthCheckResponse:
    request = health_pb2.HealthCheckRequest(service=service)
    answer = await caller.unary(CHECK, request, health_pb2.HealthCheckResponse, timeout_seconds=5)
    assert isinstance(answer, health_pb2.HealthCheckResponse)
    return answer


async def test_health_says_not_serving_before_the_drain(open_house: Any) -> None:
    async with open_house(drain_delay_ms=300) as house:
        caller = house.caller()
        states = []
        watch = caller.stream(
            "/grpc.health.v1.Health/Watch",
            health_pb2.HealthCheckRequest(service="clearance.agency.v1.WorkService"),
            health_pb2.HealthCheckResponse,
            timeout_seconds=10,
        )
        states.append((await anext(watch)).status)
        stopped = asyncio.create_task(house.server.stop(5))
        states.append((await anext(watch)).status)
        # Still answered, while balancers look elsewhere.
        await caller.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=10)
        assert [answer async for answer in watch] == []
        await asyncio.wait_for(stopped, 5)
        assert states == [SERVING, NOT_SERVING]


@pytest.mark.parametrize("service", ["", "clearance.agency.v1.WorkService", "clearance.agency.v1.AgencyService"])
async def test_health_answers_for_the_whole_and_for_each_service(open_house: Any, service: str) -> None:
    async with open_house() as house:
        answer = await check(house.caller("broker/3104980001"), service)
        assert answer.status == SERVING


async def test_health_does_not_know_other_services(open_house: Any) -> None:
    async with open_house() as house:
        with pytest.raises(Unreachable) as failed:
            await check(house.caller(), "clearance.port.v1.ManifestService")
        assert failed.value.code is grpc.StatusCode.NOT_FOUND


async def test_a_stop_while_the_state_is_being_sent_is_told_before_the_watch_ends() -> None:
    async def admit(_context: Any) -> None:
        pass

    health = Health(["clearance.agency.v1.WorkService"], admit)
    await health.tell(True)
    watch = health.Watch(health_pb2.HealthCheckRequest(), cast(Any, None))
    states = [(await anext(watch)).status]
    await health.stop()
    states += [answer.status async for answer in watch]
    assert states == [SERVING, NOT_SERVING]


async def test_a_service_that_answers_and_cannot_do_all_says_so_under_a_name_of_its_own() -> None:
    async def admit(_context: Any) -> None:
        pass

    runs = [True]
    health = Health(["clearance.agency.v1.WorkService"], admit, {TERMS: lambda: runs[0]})
    await health.tell(True)

    async def told(name: str) -> int:
        return int((await health.Check(health_pb2.HealthCheckRequest(service=name), cast(Any, None))).status)

    assert await told(TERMS) == SERVING
    runs[0] = False
    assert [await told(TERMS), await told("")] == [NOT_SERVING, SERVING]
