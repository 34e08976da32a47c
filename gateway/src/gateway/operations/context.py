"""What every writing operation knows of its surroundings."""

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.domain.commitment import Commitments
from gateway.domain.identifiers import Micros
from gateway.domain.policy import Policy
from gateway.operations.limits import Limits
from gateway.operations.ports import Voucher
from gateway.storage.leases import lease_now


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

    def lease_now(self, connection: Connection) -> Micros:
        """The moment by which leases and due times are judged."""
        return lease_now(connection, self.now)

    def lease_end(self, connection: Connection) -> Micros:
        """The end of a lease that begins now."""
        return self.lease_now(connection) + int(self.limits.lease * 1e6)
