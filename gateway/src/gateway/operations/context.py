"""What every writing operation knows of its surroundings."""

from dataclasses import dataclass

from sqlalchemy import Connection

from agencykit.backup.old_copies import chain_of
from gateway.domain.commitment import Commitments
from gateway.domain.identifiers import Micros
from gateway.domain.policy import Policy
from gateway.operations.limits import Limits
from gateway.operations.ports import Voucher
from gateway.storage.leases import lease_now

# How often what stands still is looked at.
LOOK_AGAIN = 30_000_000


@dataclass(frozen=True, slots=True)
class Context:
    """The moment by the injected clock, and the replica that acts."""

    now: Micros
    replica: str
    policy: Policy
    commitments: Commitments
    limits: Limits
    district: str
    # Says, signed, on whose behalf agencies are asked.
    vouch: Voucher
    # The agency that keeps the ledger of guarantees; empty where none of the district does.
    ledger: str = ""
    # Since when terms and deadlines stand still, because nobody can say what time it is; None while they run.
    stopped: Micros | None = None
    # Counts how often the database was put back and went on: sheets then stand in chains of other names.
    generation: int = 0

    @property
    def chain(self) -> str:
        """In which this replica's sheets stand."""
        return chain_of(self.replica, self.generation)

    @property
    def legal_now(self) -> Micros:
        """The moment by which terms and deadlines are judged."""
        return self.now if self.stopped is None else min(self.now, self.stopped)

    def legal_in(self, connection: Connection) -> Micros:
        """The same, where it must not run apart from `lease_now`."""
        now = self.lease_now(connection)
        return now if self.stopped is None else min(now, self.stopped)

    def when_due(self, moment: Micros | None) -> Micros | None:
        """When to look at a term that ends at this moment; one that has ended and stands still, again and again."""
        if moment is None or self.stopped is None or moment > self.now:
            return moment
        return self.now + LOOK_AGAIN

    def lease_now(self, connection: Connection) -> Micros:
        """The moment by which leases and due times are judged."""
        return lease_now(connection, self.now)

    def lease_end(self, connection: Connection) -> Micros:
        """The end of a lease that begins now."""
        return self.lease_now(connection) + int(self.limits.lease * 1e6)
