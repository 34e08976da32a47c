"""An agency's own timers: they go on after a failure, and stand still once somebody has set the clock."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from agencykit.decisions.ticking import TICK_SECONDS, Ticking
from agencykit.runtime.guarded import GuardedClock
from agencykit.settings import ServiceSettings
from agencykit.storage import Database
from agencykit.storage.clock import WRONG, ClockLook
from agencykit.telemetry import Telemetry
from agencykit.telemetry.clock import watch_clock
from agencykit.telemetry.log import LogWriter
from agencykit.testing.virtual import VirtualClock, World, virtual_time


class SettableClock(VirtualClock):
    """A clock that somebody can set."""

    shift = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.shift


def ticks_of(
    folder: Path, world: World, seconds: float, shift: timedelta, failing: int = 0
) -> tuple[int, list[str], list[str]]:
    """How often it ticked within so many seconds when the clock is set after half of them, the errors logged, and what
    the audit keeps.
    """
    clock = SettableClock(world.loop)
    runtime = replace(world.runtime, clock=clock)
    telemetry = Telemetry(ServiceSettings(), "test", runtime, LogWriter(folder / "log"))
    database = Database(f"sqlite+pysqlite:///{folder / 'agency.db'}", runtime)
    moments: list[datetime] = []
    kept: list[str] = []

    def tick(_connection: Connection, now: datetime) -> None:
        moments.append(now)
        if len(moments) == failing:
            raise ValueError("once")

    async def play() -> None:
        guarded = GuardedClock(clock)
        watch_clock(guarded, telemetry)
        look = ClockLook(guarded, database, lambda _connection, act, _ahead: kept.append(act))
        ticking = Ticking(tick, database, guarded, telemetry, look)
        ticking.start()
        await asyncio.sleep(seconds / 2)
        clock.shift = shift
        await asyncio.sleep(seconds / 2)
        await ticking.stop()
        await database.close()

    world.loop.run_until_complete(play())
    telemetry.close()
    told = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    return len(moments), [line["event"] for line in told if line["level"] == "error"], kept


def test_it_ticks_every_few_seconds_and_goes_on_after_a_failure(tmp_path: Path) -> None:
    with virtual_time() as world:
        count, errors, kept = ticks_of(tmp_path, world, 10 * TICK_SECONDS, timedelta(seconds=29), failing=3)
    assert (count, errors, kept) == (10, ["tick.failed"], [])


def test_a_clock_that_was_set_by_more_than_half_a_minute_ends_nothing(tmp_path: Path) -> None:
    with virtual_time() as world:
        count, errors, kept = ticks_of(tmp_path, world, 10 * TICK_SECONDS, timedelta(seconds=-31))
    assert count in {5, 6}
    assert (errors, kept) == (["clock.wrong"], [WRONG])
