"""Sealing from a running service: nothing waits for it, and one that fails for long is told of."""

from collections.abc import Awaitable
from typing import TypeVar

from agencykit.runtime import Clock
from agencykit.telemetry.log import Log
from agencykit.telemetry.metrics import Metrics

# A vacuum, or a transaction that is long, is over by then.
LASTING_SECONDS = 60.0

Sealed = TypeVar("Sealed")


class Sealer:
    """Now and then sealing meets somebody who holds the table, and the next attempt finds the same rows.

    `audit.not_sealed` in the log is a warning at first, and an error once sealing has failed for a minute;
    `audit.behind` is the metric. Nobody outside vouches for what is written until it succeeds.
    """

    def __init__(self, clock: Clock, log: Log, metrics: Metrics) -> None:
        self._clock, self._log = clock, log
        self._failing_since: float | None = None
        self.behind_seconds = 0.0
        metrics.watch("audit.behind", "s", "how long sealing the audit has been failing", lambda: self.behind_seconds)

    async def tried(self, sealing: Awaitable[Sealed]) -> Sealed | None:
        """What sealing returns; None where it failed, whatever the reason."""
        try:
            sealed = await sealing
        except Exception as error:
            now = self._clock.monotonic()
            self._failing_since = now if self._failing_since is None else self._failing_since
            self.behind_seconds = now - self._failing_since
            tell = self._log.error if self.behind_seconds >= LASTING_SECONDS else self._log.warning
            tell("audit.not_sealed", duration_ms=round(self.behind_seconds * 1000), error=error)
            return None
        self._failing_since, self.behind_seconds = None, 0.0
        return sealed
