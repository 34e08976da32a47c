"""What agencies and partners tell a gateway of itself: what time it is, and what they hold under its own signature."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from agencykit.rpc.health import RECORDS, TERMS
from agencykit.runtime.guarded import GuardedClock
from agencykit.storage.clock import ClockLook
from agencykit.telemetry import Telemetry
from agencykit.telemetry.clock import compares, watch_clock
from clearance.common.v1.evidence_pb2 import SignedOrder
from gateway.operations.clocks import Clocks, clock_row
from gateway.operations.context import Context
from gateway.operations.lines import Line
from gateway.operations.loop import Loop
from gateway.operations.old_copy import OldCopy
from gateway.operations.ports import CallFailed
from gateway.operations.settings import GatewaySettings
from gateway.rpc.keys import OwnKeys
from gateway.rpc.own_signed import OwnSigned
from gateway.storage.kept import KeptDatabase

# So long an agency is waited for before anything is done.
SHOW_SECONDS = 1.0
# What time it is in the district; who hears what time it is there; and who hears what is held there.
Ears = tuple[Callable[[], float], Callable[[float, float], None], Callable[[SignedOrder], Awaitable[None]]]


class Others:
    """`copy` says whether this database is an old backup; `conditions` are health's."""

    def __init__(
        self,
        settings: GatewaySettings,
        clock: GuardedClock,
        database: KeptDatabase,
        keys: OwnKeys,
        context: Callable[[], Context],
        telemetry: Telemetry,
    ) -> None:
        clock.sure = not settings.compare_clocks
        watch_clock(clock, telemetry)
        self._clock, self.heard = clock, compares(clock, telemetry)
        self.copy = OldCopy(database, context, telemetry.log)
        self.signed = OwnSigned(settings.district, settings.ca_file.read_bytes(), keys, self.copy)
        self._clocks = Clocks(ClockLook(clock, database, clock_row(context)), telemetry.log)
        self.conditions = {TERMS: lambda: not clock.wrong, RECORDS: lambda: not self.copy.held}

    def of_agency(self, name: str) -> Ears:
        """For the line to it."""
        return self._clock.middle, partial(self.heard, name), partial(self.signed.order, name)

    async def ask(self, lines: Iterable[Line]) -> None:
        """Before anything is done by this database. Whoever does not answer is heard later."""
        asked = list(lines)
        self._clock.expects([line.name for line in asked])
        await self.copy.look()

        async def ask(line: Line) -> None:
            try:
                await line.port.show(SHOW_SECONDS)
            except CallFailed:
                return

        async with asyncio.TaskGroup() as asking:
            for line in asked:
                asking.create_task(ask(line))

    @property
    def loops(self) -> list[Loop]:
        """What looks again."""
        return [self.copy.loop, self._clocks.loop]
