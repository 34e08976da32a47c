"""What is to be said to a district about movements: how often it is tried, and how much travels together."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from agencykit.storage import Database
from agencykit.telemetry.log import Log, LogWriter
from agencykit.telemetry.metrics import NoMetrics
from agencykit.testing.virtual import World, virtual_time
from gateway.domain.transit.content import AnticipatedArrival, Content, DepartureRecord, Enquiry, MovementRecord
from gateway.domain.transit.states import Side
from gateway.operations.context import Context
from gateway.operations.duties import Duties, renew
from gateway.operations.limits import Limits
from gateway.operations.ports import CallFailed
from gateway.operations.quarantine import Aside
from gateway.operations.transit.carrier import DUTY, LONGEST_SECONDS, MovementCarrier
from gateway.operations.transit.receive import Outcome, Receipt
from gateway.storage.movement_mail import Posted, Stream, post

Story = Callable[[MovementCarrier, Callable[..., Awaitable[None]]], Awaitable[None]]
LETTERS = 100


@dataclass
class Hangzhou:
    """Its gateway, which may be away. `calls`: moment of the loop, and the letters that came."""

    away: bool = False
    calls: list[tuple[float, list[Posted]]] = field(default_factory=list)

    async def deliver(self, letters: Sequence[Posted]) -> Sequence[Receipt]:
        self.calls.append((asyncio.get_running_loop().time(), list(letters)))
        if self.away:
            raise CallFailed("UNAVAILABLE")
        return [Receipt(Outcome.APPLIED) for _ in letters]


def carried(folder: Path, templates: Path, hangzhou: Hangzhou, story: Story) -> None:
    """Plays a story with a carrier that runs, and a way to say something about a movement, by its number."""
    shutil.copy(templates / "gateway.db", folder / "gateway.db")
    with virtual_time() as world:

        async def play() -> None:
            database = Database(f"sqlite+pysqlite:///{folder / 'gateway.db'}", world.runtime)
            log = Log(LogWriter(folder / "gateway.log"), "gateway", world.runtime.clock)
            duties = Duties(database, lambda: _context(world), log)
            duties.held = await database.write(renew, [DUTY], _context(world))
            shared = (database, lambda: _context(world), duties, world.runtime.clock, world.runtime.randomness, log)
            carrier = MovementCarrier("hangzhou", hangzhou, *shared, Aside(log, NoMetrics()))
            carrier.loop.start()

            async def say(number: int, content: Content) -> None:
                stream = Stream("hangzhou", Side.DESTINATION, f"04CN3100{number:010}")
                await database.write(post, [(stream, content, "")], _context(world).now)
                carrier.loop.notify()

            await story(carrier, say)
            await carrier.loop.stop()
            await database.close()

        world.loop.run_until_complete(play())


def _context(world: World) -> Context:
    now = round(world.runtime.clock.now().timestamp() * 1e6)
    policy = cast(Any, SimpleNamespace())
    return Context(now, "replica", policy, policy, Limits(), "ningbo", lambda met, now: [])


def test_whatever_is_to_be_said_meanwhile_a_district_that_is_away_is_not_asked_more_often(
    tmp_path: Path, templates: Path
) -> None:
    hangzhou = Hangzhou(away=True)

    async def story(carrier: MovementCarrier, say: Callable[..., Awaitable[None]]) -> None:
        for number in range(LETTERS):
            await say(number, Enquiry("where is it?", False))
            await asyncio.sleep(0.1)
        hangzhou.away, asked = False, len(hangzhou.calls)
        await asyncio.sleep(LONGEST_SECONDS)
        assert asked <= 10
        assert len({each.stream for _, letters in hangzhou.calls[asked:] for each in letters}) == LETTERS

    carried(tmp_path, templates, hangzhou, story)


def test_large_declarations_travel_in_more_than_one_call(tmp_path: Path, templates: Path) -> None:
    hangzhou = Hangzhou(away=True)
    declaration = bytes(2**19)
    departure = DepartureRecord(1, 2, (), "A1")
    announced = AnticipatedArrival(MovementRecord(declaration, hashlib.sha256(declaration).digest(), departure, "2921"))

    async def story(carrier: MovementCarrier, say: Callable[..., Awaitable[None]]) -> None:
        for number in range(12):
            await say(number, announced)
        hangzhou.away, hangzhou.calls[:] = False, []
        await asyncio.sleep(LONGEST_SECONDS)
        sizes = [len(letters) for _, letters in hangzhou.calls]
        assert (sum(sizes), max(sizes)) == (12, 6)

    carried(tmp_path, templates, hangzhou, story)
