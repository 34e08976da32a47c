"""What a service's database has to do with its clock: PostgreSQL has one of its own, and the audit says when neither
was believed.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.runtime.guarded import GuardedClock
from agencykit.storage.database import Database
from agencykit.storage.rows import run

DATABASE = "database"
# Acts of the audit.
WRONG, AGREES = "clock_wrong", "clock_agrees"
# Writes a row: the act, and by how many milliseconds the clock was ahead.
Row = Callable[[Connection, str, int], None]


def database_time(connection: Connection) -> float:
    """Seconds since 1970 by PostgreSQL's clock."""
    [(seconds,)] = run(connection, "SELECT extract(epoch FROM clock_timestamp())::float8")
    return float(seconds)


@dataclass(slots=True)
class ClockLook:
    """Compares with the database's clock where it has one, and keeps in the audit when terms began to stand still."""

    clock: GuardedClock
    database: Database
    row: Row
    _kept: bool = False

    async def look(self) -> None:
        """Every few seconds. Raises what the database raises: then it is done the next time."""
        if self.database.dialect == "postgresql":
            asked = self.clock.monotonic()
            told = await self.database.read(database_time)
            self.clock.heard(DATABASE, told, self.clock.monotonic() - asked, alone=True)
        wrong = self.clock.wrong
        if wrong != self._kept:
            ahead = round(self.clock.ahead_seconds() * 1000)
            await self.database.write(self.row, WRONG if wrong else AGREES, ahead)
            self._kept = wrong
