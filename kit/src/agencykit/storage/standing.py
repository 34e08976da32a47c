"""Whether a database does what it is told: what its transactions met last.

On SQLite all writes go one after the other, and a full disk, a failing one or a file that another process has locked
concerns them alike. So once one has failed for such a reason, others are refused at once instead of waiting for the
same, and one in PAUSE_SECONDS tries: it succeeds as soon as the cause is gone.
"""

from agencykit.refusals import Unavailable
from agencykit.runtime import Clock
from agencykit.storage.errors import cause_of

PAUSE_SECONDS = 1.0
# Nobody else tries while one does; it may wait for a lock until the database gives up.
_TRYING_SECONDS = 30.0
# SQLite's word for a statement that it cannot carry out: others it can.
_STATEMENT = "SQLITE_ERROR"


class Standing:
    """Told by the threads of a database and asked by its event loop; each field is set by itself.

    `alike`: what one write meets all will, as there is one file; a server's connections have each their own fate.
    """

    def __init__(self, clock: Clock, *, alike: bool) -> None:
        self._clock, self._alike = clock, alike
        # The driver's word for what was wrong last, and how often anything was.
        self.cause, self.failures = "", 0
        # Monotonic seconds of the last write that was durable.
        self.written = clock.monotonic()
        self._failing, self._again = False, 0.0

    def admit(self) -> None:
        """Unavailable while writes are known to fail and it is not time for one to try."""
        if self._failing and self._clock.monotonic() < self._again:
            raise Unavailable

    def begin(self) -> None:
        """As `admit`, when a write's turn has come: the one before it may have met the fault."""
        if self._failing:
            self.admit()
            self._again = self._clock.monotonic() + _TRYING_SECONDS

    def failed(self, error: Unavailable, *, writing: bool) -> None:
        """A transaction ended so; what was refused here, or by what ran in it, tells nothing of the database."""
        if cause := cause_of(error):
            self.cause, self.failures = cause, self.failures + 1
            self._failing = self._failing or (writing and self._alike and cause != _STATEMENT)
        if writing:
            self._again = self._clock.monotonic() + PAUSE_SECONDS if cause and cause != _STATEMENT else 0.0

    def undecided(self) -> None:
        """A write ended for a reason of its own: the next may try."""
        self._again = 0.0

    def worked(self) -> None:
        """A write is durable."""
        self._failing = False
        self.written = self._clock.monotonic()
