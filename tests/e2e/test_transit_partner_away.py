"""A partner frozen or killed while goods move to it, and a gateway killed itself, lose and double nothing."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from district import count
from guaranteed import ACCESS_CODE
from in_transit import GRNS
from processes import end
from under_way import Movement, UnderWay

pytestmark = pytest.mark.timeout(290)
MOVEMENTS = count(100, 1000)
HALF = MOVEMENTS // 2
RETURNED_SECONDS = 60
POLL_SECONDS = 0.1


@asynccontextmanager
async def two_districts(folder: Path) -> AsyncIterator[tuple[UnderWay, UnderWay]]:
    """Ningbo and Hangzhou, each other's partners."""
    async with AsyncExitStack() as stack:
        ningbo, hangzhou = (UnderWay(name, folder / name, stack) for name in ("ningbo", "hangzhou"))
        for each, other in ((ningbo, hangzhou), (hangzhou, ningbo)):
            each.prepare()
            each.know(other)
        try:
            for each in (ningbo, hangzhou):
                await each.open()
            yield ningbo, hangzhou
        finally:
            for process in (*ningbo.services.values(), *hangzhou.services.values()):
                process.send_signal(signal.SIGCONT)
                end(process)


def restart(where: UnderWay) -> None:
    """kill -9, and started again."""
    where.kill()
    where.start()


async def received(hangzhou: UnderWay, seen: set[str], most: int) -> None:
    """Whatever is announced to Hangzhou arrives there and is unloaded, until so many were."""
    async with asyncio.TaskGroup() as unloading:
        while len(seen) < most:
            for movement in await hangzhou.listed(Movement.STATE_EXPECTED):
                if movement.mrn not in seen:
                    seen.add(movement.mrn)
                    unloading.create_task(hangzhou.receive(movement.mrn))
            await asyncio.sleep(POLL_SECONDS)


async def stand(where: UnderWay, least: int, *states: "Movement.State.ValueType") -> None:
    """Until so many stand in one of these states there."""
    while True:
        if len(await where.listed(*states)) >= least:
            return
        await asyncio.sleep(POLL_SECONDS)


async def frozen(ningbo: UnderWay, hangzhou: UnderWay) -> None:
    """What is sent meanwhile leaves as ever, and is known there when it goes on."""
    hangzhou.services["gateway"].send_signal(signal.SIGSTOP)
    for least in (HALF // 5, HALF // 2):
        await stand(ningbo, least, Movement.STATE_RELEASED)
        restart(ningbo)
    await stand(ningbo, HALF, Movement.STATE_RELEASED)
    hangzhou.services["gateway"].send_signal(signal.SIGCONT)


async def killed(ningbo: UnderWay, hangzhou: UnderWay) -> None:
    """In the midst of unloading."""
    await stand(ningbo, HALF // 5, Movement.STATE_ARRIVED)
    hangzhou.kill()
    restart(ningbo)
    assert len(await ningbo.listed(Movement.STATE_DISCHARGED)) < MOVEMENTS - HALF // 5, "it was over before"
    hangzhou.start()


async def test_all_are_discharged_once_though_the_partner_was_frozen_and_killed_and_the_own_gateway_thrice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TONGGUAN_ACCESS_CODE", ACCESS_CODE)
    async with two_districts(tmp_path) as (ningbo, hangzhou):
        seen: set[str] = set()
        for disturbed, sent in ((frozen, range(HALF)), (killed, range(HALF, MOVEMENTS))):
            async with asyncio.TaskGroup() as going:
                away = going.create_task(disturbed(ningbo, hangzhou))
                for place in sent:
                    going.create_task(ningbo.send(f"LRN-{place}", "hangzhou"))
                going.create_task(received(hangzhou, seen, sent.stop))
                await away
                began = time.monotonic()
                for where in (ningbo, hangzhou):
                    await stand(where, sent.stop, Movement.STATE_DISCHARGED)
                assert time.monotonic() - began < RETURNED_SECONDS
        for where in (ningbo, hangzhou):
            await ended_once(where, seen)
            assert "all balances agree" in where.guarantee("reconcile")
            guarantee = json.loads(where.guarantee("show", GRNS[where.name], "--json"))
            assert guarantee["availableUnits"] == guarantee["limit"]["minorUnits"]


async def ended_once(where: UnderWay, mrns: set[str]) -> None:
    """Of each, one event ended it, and nothing more is to be said."""
    assert len(mrns) == MOVEMENTS
    for movement in await where.whole(mrns):
        ends = [event for event in movement.events if event.state_after == Movement.STATE_DISCHARGED]
        assert (len(ends), len(movement.messages)) == (1, 0)
