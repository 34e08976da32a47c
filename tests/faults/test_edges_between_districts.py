"""Whatever befalls the edges between the gateways of two districts: movements wait, go on, and end once at both."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from edge_faults import Kinds
from edges import Edges, edges
from guaranteed import ACCESS_CODE
from in_transit import GRNS
from processes import end
from under_way import Movement, UnderWay

pytestmark = [pytest.mark.timeout(280), pytest.mark.full, pytest.mark.asyncio(loop_scope="module")]
KINDS = tuple(Kinds(random.Random()).made)
THERE, BACK = "ningbo to hangzhou", "hangzhou to ningbo"
ABROAD, AT_HOME = 8, 4
LASTS_SECONDS, DRAINED_SECONDS, POLL_SECONDS = 3.0, 30, 0.1
DISCHARGED = Movement.STATE_DISCHARGED


class Sides:
    """Both districts and the edges between them. `sent` are all movements, by whether they cross them."""

    def __init__(self, ningbo: UnderWay, hangzhou: UnderWay, road: Edges) -> None:
        self.ningbo, self.hangzhou, self.road = ningbo, hangzhou, road
        self.rounds = 0
        self.abroad: list[str] = []
        self.at_home: list[str] = []

    async def send(self) -> None:
        """Goods leave Ningbo, for Hangzhou and for another office of its own."""
        self.rounds += 1
        sent = [self.ningbo.send(f"{self.rounds}-{place}", "hangzhou") for place in range(ABROAD)]
        kept = [self.ningbo.send(f"{self.rounds}-own-{place}", "ningbo") for place in range(AT_HOME)]
        mrns = await asyncio.gather(*sent, *kept)
        self.abroad += mrns[:ABROAD]
        self.at_home += mrns[ABROAD:]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sides(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Sides]:
    folder = tmp_path_factory.mktemp("sides")
    with pytest.MonkeyPatch.context() as patch, edges() as road:
        patch.setenv("TONGGUAN_ACCESS_CODE", ACCESS_CODE)
        async with AsyncExitStack() as stack:
            ningbo, hangzhou = (UnderWay(name, folder / name, stack) for name in ("ningbo", "hangzhou"))
            for each, other, name in ((ningbo, hangzhou, THERE), (hangzhou, ningbo, BACK)):
                each.prepare()
                each.know(other, road.open(name, f"127.0.0.1:{other.port}").address)
            try:
                for each in (ningbo, hangzhou):
                    await each.open()
                yield Sides(ningbo, hangzhou, road)
            finally:
                road.close()
                for process in (*ningbo.services.values(), *hangzhou.services.values()):
                    end(process)


async def received(where: UnderWay, mrns: list[str]) -> None:
    """They arrive there and are unloaded, once they are announced."""
    left = set(mrns)
    while left:
        for movement in await where.listed(Movement.STATE_EXPECTED):
            if movement.mrn in left:
                left.remove(movement.mrn)
                await where.receive(movement.mrn)
        await asyncio.sleep(POLL_SECONDS)


async def discharged(where: UnderWay, mrns: list[str]) -> None:
    """Until all of them are, there."""
    while True:
        if set(mrns) <= {movement.mrn for movement in await where.listed(DISCHARGED)}:
            return
        await asyncio.sleep(POLL_SECONDS)


async def ended_once(where: UnderWay, mrns: list[str]) -> None:
    """Of each, one event ended it, and nothing more is to be said."""
    for movement in await where.whole(mrns):
        ends = [event for event in movement.events if event.state_after == DISCHARGED]
        assert (len(ends), len(movement.messages)) == (1, 0)


@pytest.mark.parametrize("suffering", [(THERE,), (BACK,), (THERE, BACK)], ids=["there", "back", "both"])
@pytest.mark.parametrize("kind", KINDS)
async def test_movements_wait_for_an_edge_that_suffers_and_end_once_at_both_sides(
    sides: Sides, kind: str, suffering: tuple[str, ...]
) -> None:
    kinds = Kinds(random.Random(f"{kind} {suffering}"))
    abroad, at_home = len(sides.abroad), len(sides.at_home)
    for edge in suffering:
        sides.road.suffer(edge, kinds.make(kind))
    async with asyncio.timeout(DRAINED_SECONDS), asyncio.TaskGroup() as going:
        # Goods that need nobody abroad come to their end while it lasts.
        await sides.send()
        going.create_task(asyncio.sleep(LASTS_SECONDS))
        await received(sides.ningbo, sides.at_home[at_home:])
        await discharged(sides.ningbo, sides.at_home[at_home:])
    sides.road.heal()
    healed = time.monotonic()
    async with asyncio.timeout(DRAINED_SECONDS):
        await received(sides.hangzhou, sides.abroad[abroad:])
        await asyncio.gather(*(discharged(where, sides.abroad) for where in (sides.ningbo, sides.hangzhou)))
    print(f"{kind}, {' and '.join(suffering)}: drained in {time.monotonic() - healed:.1f} s")
    await ended_once(sides.ningbo, [*sides.abroad[abroad:], *sides.at_home[at_home:]])
    await ended_once(sides.hangzhou, sides.abroad[abroad:])


async def test_after_all_that_both_ledgers_sum_and_nothing_is_held_any_more(sides: Sides) -> None:
    for where in (sides.ningbo, sides.hangzhou):
        assert "all balances agree" in where.guarantee("reconcile")
        guarantee = json.loads(where.guarantee("show", GRNS[where.name], "--json"))
        assert guarantee["availableUnits"] == guarantee["limit"]["minorUnits"]
