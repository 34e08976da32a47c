"""A port that is put back to an older copy has lost a stop order: it hears of it again before its gate opens.

Nothing that the port decided is missing, so that its own log shows nothing; only what it was told is gone.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agencykit.decisions.completeness import view_age
from agencykit.decisions.restoring import RESTORED, hold, resume
from agencykit.storage.engines import make_engine
from agencykit.storage.times import to_micros
from agencykit.testing.postgres import own_database
from agencykit.testing.virtual import virtual_time
from clearance.gateway.v1 import clearance_pb2 as pb

from .test_old_copy import copy_back, save

GATEWAY, AGENCIES = "spiffe://ningbo.clearance/gateway", ("customs", "inspection", "border", "port")
RELEASED, STOPPED = (1, 1), (2, 2)
# At the port's gate.
LIMIT = 60_000_000
PORT = "operator/port-office"


class Quay:
    """A district in virtual time, with goods that were released when the port was saved, and were stopped since."""

    def __init__(self, district: Any, make: Any, copy: Path) -> None:
        self.district, self.make, self.copy = district, make, copy
        self.number = ""

    async def released_saved_and_stopped(self, *, decided_since: bool) -> None:
        """Customs stops the goods after the copy; the port itself may have decided on others since."""
        district, make = self.district, self.make
        self.gateway = await district.open_gateway()
        broker = self.gateway.caller()
        await district.weigh("NB-1", 1000.0)
        self.number = (await broker.submit(make.sea_import("NB-1"))).number
        await self._refused_and_decided_on_again(broker)
        await self._reaches(broker, pb.Clearance.STATE_RELEASED)
        await asyncio.sleep(12)
        save(district, "port", self.copy)
        if decided_since:
            await broker.submit(make.air_import("NB-2"))
        await district.weigh("NB-1", 2000.0, "customs")
        await self._reaches(broker, pb.Clearance.STATE_RELEASE_STOPPED)
        await asyncio.sleep(12)
        assert await self.orders() == [RELEASED, STOPPED]

    async def _refused_and_decided_on_again(self, broker: Any) -> None:
        """What was told of it bears an earlier time than that of its last change."""
        seized = self.make.sea_import("NB-3")
        seized.goods_location_code = "SEIZURE-YARD"
        await broker.submit(seized)
        await asyncio.sleep(12)
        await self.district.weigh("NB-3", 1000.0, "customs", "border")
        await asyncio.sleep(12)

    async def _reaches(self, broker: Any, state: int) -> None:
        async def reached() -> bool:
            return bool((await broker.get(self.number)).state == state)

        await self.make.eventually(reached)

    async def orders(self) -> list[tuple[int, ...]]:
        """What the port knows of the goods: number and kind of each order."""

        def told(connection: Any) -> list[tuple[int, ...]]:
            text = f"SELECT order_number, kind FROM outcomes WHERE clearance_number = '{self.number}' ORDER BY 1"
            return [tuple(row) for row in connection.exec_driver_sql(text)]

        return list(await self._port().read(told))

    async def stays_shut_until_it_knows(self, seconds: float) -> bool:
        """Whether it opens at all; never while the newest order that it knows lets the goods go."""
        opened = False
        for _ in range(int(seconds * 2)):
            await asyncio.sleep(0.5)
            age = await self._port().read(view_age, GATEWAY, to_micros(self.district.runtime.clock.now()))
            if age is not None and age < LIMIT:
                assert (await self.orders())[-1] == STOPPED, "the gate opens for goods that were stopped"
                opened = True
        return opened

    async def put_back(self, *deeds: Callable[[Any], object]) -> None:
        """Stops the port, puts the copy in place, does this to it, and starts it."""
        await self.stop_port()
        copy_back(self.district, "port", self.copy)
        engine = make_engine(own_database(self.district.folder / "port.db"), connections=0)
        for deed in deeds:
            with engine.begin() as connection:
                deed(connection)
        engine.dispose()
        await self.district.open_agency("port")
        self.gateway = await self.district.open_gateway()

    async def resume(self) -> None:
        """An officer says that it may go on; then it is started anew, as docs/backup.md has it."""
        await self._port().write(resume, PORT, 2)
        await self.stop_port()
        await self.district.open_agency("port")
        self.gateway = await self.district.open_gateway()

    async def stop_port(self) -> None:
        await self.gateway.app.stop()
        await self.district.offices["port"].app.stop()

    def _port(self) -> Any:
        return self.district.offices["port"].app.parts.database


async def by_hand(quay: Quay) -> None:
    await quay.put_back()
    assert not await quay.stays_shut_until_it_knows(20), "somebody has to look first"
    assert await quay.orders() == [RELEASED, STOPPED]
    await quay.resume()


async def restored_and_resumed_before_its_start(quay: Quay) -> None:
    await quay.put_back(held, resumed)


async def restored_and_resumed_after_its_start(quay: Quay) -> None:
    await quay.put_back(held)
    assert not await quay.stays_shut_until_it_knows(8)
    await quay.resume()


def held(connection: Any) -> None:
    hold(connection, RESTORED, 1)


def resumed(connection: Any) -> None:
    resume(connection, PORT, 2)


WAYS: dict[str, tuple[Callable[[Quay], Awaitable[None]], bool]] = {
    "by hand": (by_hand, False),
    "resumed before its start": (restored_and_resumed_before_its_start, False),
    "resumed after its start": (restored_and_resumed_after_its_start, False),
    "its log is behind, and it was resumed before its start": (restored_and_resumed_before_its_start, True),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_port_put_back_opens_its_gate_only_after_it_has_heard_again_of_the_stop_order(
    district_class: Any, tmp_path: Path, templates: Path, make: Any, way: str
) -> None:
    story, decided_since = WAYS[way]
    shutil.copy(templates / "gateway.db", tmp_path / "gateway.db")
    # The certificates are of today.
    with virtual_time(start=datetime.now(UTC)) as world:

        async def play() -> None:
            async with AsyncExitStack() as stack:
                url = f"sqlite+pysqlite:///{tmp_path / 'gateway.db'}"
                district = district_class(tmp_path, world.runtime, stack, url, templates)
                for name in AGENCIES:
                    await district.open_agency(name)
                quay = Quay(district, make, tmp_path / "port.copy")
                await quay.released_saved_and_stopped(decided_since=decided_since)
                await story(quay)
                assert await quay.stays_shut_until_it_knows(30), "once it has heard all, the gate opens"
                assert await quay.orders() == [RELEASED, STOPPED]
                assert not district.untold(), "and nothing is left that it refuses to hear"

        world.loop.run_until_complete(play())
