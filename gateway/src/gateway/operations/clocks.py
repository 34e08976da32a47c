"""Looks at the own clock although nobody else may, compares it with the database's, and keeps in the audit when it was
wrong. Agencies' and partners' clocks are heard with what they answer anyway (rpc.agency, rpc.partner_port).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.storage.clock import ClockLook, Row
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.storage.audit import Entry, write_audit

REST_SECONDS = 5.0


@dataclass(slots=True)
class Clocks:
    """In every replica: each has a clock of its own."""

    look: ClockLook
    log: Log
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("clock", self._step, self.log)

    async def _step(self) -> float:
        await self.look.look()
        return REST_SECONDS


def clock_row(context: Callable[[], Context]) -> Row:
    """Writes into the audit that this replica's clock is wrong, or agrees again."""

    def write(connection: Connection, act: str, ahead_ms: int) -> None:
        now = context()
        write_audit(connection, now.replica, now.now, [Entry("", act, details={"ahead_ms": ahead_ms})])

    return write
