"""A party that runs as several replicas: each has its turn, and who does not answer is passed over for a while."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from agencykit.refusals import Unavailable
from agencykit.rpc.replicas import replicated
from agencykit.rpc.rota import Rota
from agencykit.rpc.transport import Unreachable
from agencykit.runtime import real_runtime
from clearance.agency.v1 import work_service_pb2 as work

LIST = "/clearance.agency.v1.WorkService/ListWork"
NOBODY = "127.0.0.1:1"


def test_all_have_their_turn() -> None:
    rota = Rota(3)
    assert [rota.turn(0.0)[0] for _ in range(6)] == [0, 1, 2, 0, 1, 2]


def test_one_that_failed_comes_last_for_half_a_second_and_then_for_twice_as_long() -> None:
    rota = Rota(2)
    rota.failed(0, 100.0)
    assert [rota.turn(100.4)[0] for _ in range(2)] == [1, 1]
    assert {rota.turn(100.6)[0] for _ in range(2)} == {0, 1}
    rota.failed(0, 100.6)
    assert [rota.turn(101.5)[0] for _ in range(2)] == [1, 1]
    rota.answered(0)
    assert {rota.turn(101.5)[0] for _ in range(2)} == {0, 1}


def test_where_all_failed_the_one_whose_time_is_over_first_is_tried() -> None:
    rota = Rota(3)
    for place, when in ((2, 10.0), (0, 10.1), (1, 10.2)):
        rota.failed(place, when)
    assert rota.turn(10.3) == [2, 0, 1]


async def call(way: Any, seconds: float = 5.0) -> str:
    answer = await way.unary(LIST, work.ListWorkRequest(), work.ListWorkResponse, timeout_seconds=seconds)
    return str(answer.next_page_token)


async def test_no_call_fails_while_one_of_two_replicas_is_there(open_house: Callable[..., Any]) -> None:
    async with open_house() as house:
        way = replicated([house.caller(address=NOBODY), house.caller()], real_runtime().clock)
        assert Counter([await call(way) for _ in range(8)]) == {"lantern": 8}
        await way.close()


async def test_a_replica_that_drains_sends_its_callers_on(open_house: Callable[..., Any]) -> None:
    async def draining(_request: object, _call: object) -> None:
        raise Unavailable

    async with open_house() as leaving, open_house() as staying:
        leaving.office.then = draining
        way = replicated([leaving.caller(), staying.caller()], real_runtime().clock)
        assert {await call(way) for _ in range(6)} == {"lantern"}
        await way.close()


async def test_what_nobody_answers_fails_as_it_would_with_one(open_house: Callable[..., Any]) -> None:
    async with open_house() as house:
        way = replicated([house.caller(address=NOBODY), house.caller(address="127.0.0.1:2")], real_runtime().clock)
        with pytest.raises(Unreachable) as failed:
            await call(way, seconds=1.0)
        assert failed.value.code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
        await way.close()
