"""Server streams: the same layers, and ends that a follower can rely on."""

import asyncio
from typing import Any

import pytest

from agencykit.refusals import CallerNotListed, Internal, Overloaded
from clearance.agency.v1 import agency_service_pb2 as agency

FOLLOW = "/clearance.agency.v1.AgencyService/FollowDecisions"


async def count(stream: Any) -> int:
    return len([answer async for answer in stream])


async def test_a_stream_ends_without_error_at_the_callers_deadline(open_house: Any) -> None:
    async with open_house() as house:
        stream = house.caller("gateway").stream(
            FOLLOW, agency.FollowDecisionsRequest(), agency.FollowDecisionsResponse, timeout_seconds=0.5
        )
        assert await count(stream) > 3
        assert house.agency.ended


async def test_a_stream_ends_at_the_services_limit_however_long_the_deadline(open_house: Any) -> None:
    async with open_house(max_stream_ms=300) as house:
        async with asyncio.timeout(3):
            assert await count(house.follow()) > 3


async def test_a_stream_that_waits_is_ended_too(open_house: Any) -> None:
    async with open_house(max_stream_ms=300) as house:
        house.agency.beats = 60
        async with asyncio.timeout(3):
            assert await count(house.follow()) == 1
        assert house.agency.ended


async def test_a_stream_left_early_is_ended_at_the_server(open_house: Any) -> None:
    async with open_house() as house:
        stream = house.follow()
        await anext(stream)
        assert house.server.layers.in_flight == 1
        await stream.aclose()
        await house.in_flight(0)
        assert house.agency.ended


async def test_a_failure_in_the_midst_shows_a_correlation_id_only(open_house: Any) -> None:
    async with open_house() as house:
        house.agency.fails_after = 2
        with pytest.raises(Internal) as failed:
            await count(house.follow())
        assert "E12345678" not in str(failed.value) + house.log_text()


async def test_a_stream_passes_the_same_layers(open_house: Any) -> None:
    async with open_house() as house:
        stream = house.caller().stream(
            FOLLOW, agency.FollowDecisionsRequest(), agency.FollowDecisionsResponse, timeout_seconds=5
        )
        with pytest.raises(CallerNotListed):
            await count(stream)
        assert house.agency.calls == []


async def test_streams_have_a_limit_of_their_own(open_house: Any) -> None:
    async with open_house(max_streams=1, max_in_flight=1) as house:
        first = house.follow()
        await anext(first)
        with pytest.raises(Overloaded):
            await count(house.follow())
        await first.aclose()
