"""An agency's clock and its gateway's word on what time it is in the district."""

from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy import Connection

from agencykit.decisions.audit import AuditEntry, write_audit
from agencykit.runtime import Clock
from agencykit.runtime.guarded import GuardedClock
from agencykit.storage import to_micros
from agencykit.storage.clock import Row

GATEWAY = "gateway"


@dataclass(slots=True)
class DistrictWord:
    """Taken from two words at a time: one that was long on its way, or lay before a process that stood still, is passed
    over for the one that agrees better.
    """

    clock: GuardedClock
    # The word before, less what had run.
    _before: float | None = None

    def heard(self, told: Timestamp) -> None:
        """The gateway has just said what time it is."""
        ran, own = self.clock.monotonic(), self.clock.now().timestamp()
        base = told.seconds + told.nanos / 1e9 - ran
        before, self._before = self._before, base
        if before is not None:
            nearer = min(base, before, key=lambda each: abs(own - ran - each))
            self.clock.heard(GATEWAY, nearer + ran, 0.0, alone=True)

    def moment(self) -> Timestamp:
        """What the own clock says."""
        micros = to_micros(self.clock.now())
        return Timestamp(seconds=micros // 1_000_000, nanos=micros % 1_000_000 * 1000)


def clock_row(clock: Clock, identity: str) -> Row:
    """Writes into the audit that the clock of this agency is wrong, or agrees again."""

    def write(connection: Connection, act: str, ahead_ms: int) -> None:
        write_audit(connection, [AuditEntry(to_micros(clock.now()), identity, act, "", {"ahead_ms": ahead_ms})])

    return write
