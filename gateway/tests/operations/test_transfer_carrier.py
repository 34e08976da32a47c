"""A partner that is away for days is tried again and again, and is there at once when it comes back."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from agencykit.storage import Database
from agencykit.telemetry.log import Log, LogWriter
from agencykit.testing.virtual import virtual_time
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.ports import CallFailed
from gateway.operations.transfer_carrier import DUTY, LONGEST_SECONDS, TransferCarrier

# More than a floating-point number can be doubled.
TRIES = 1500


@dataclass
class Partner:
    """Cannot be reached for so many calls, by the moment of the loop; then nothing waits to be handed over."""

    calls: list[float] = field(default_factory=list)
    back: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, request_id: str) -> int:
        self.calls.append(asyncio.get_running_loop().time())
        if len(self.calls) <= TRIES:
            raise CallFailed("UNAVAILABLE")
        self.back.set()
        return 0


def nobody_renews() -> Context:
    raise AssertionError("the duty is held all the time")


def test_a_partner_that_is_away_for_days_is_tried_each_minute_until_it_is_back(tmp_path: Path, templates: Path) -> None:
    shutil.copy(templates / "gateway.db", tmp_path / "gateway.db")
    partner = Partner()
    with virtual_time() as world:

        async def outage() -> None:
            database = Database(f"sqlite+pysqlite:///{tmp_path / 'gateway.db'}", world.runtime)
            log = Log(LogWriter(tmp_path / "gateway.log"), "gateway", world.runtime.clock)
            duties = Duties(database, nobody_renews, log, held={DUTY: 1})
            carrier = TransferCarrier("hangzhou", "ningbo", partner, database, duties, world.runtime.randomness, log)
            carrier.loop.start()
            await partner.back.wait()
            await carrier.loop.stop()
            await database.close()

        world.loop.run_until_complete(outage())
    waits = [after - before for before, after in zip(partner.calls, partner.calls[1:], strict=False)]
    assert max(waits) <= LONGEST_SECONDS
    assert min(waits[10:]) >= LONGEST_SECONDS / 2
