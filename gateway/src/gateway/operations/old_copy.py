"""Whether this database is an old backup, put back: others hold what this gateway signed, and it is not here.

Agencies say with their answer to the five-second word which order they were told last, partners which sheet of heads
they keep. What proves anything is the gateway's own signature under it and nobody's word: no agency and no partner can
make a gateway hold itself. One that does writes nothing (storage.kept), so that it has no duties either.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.backup.old_copies import WITNESSED, generation_of, hold, standing
from gateway.domain.identifiers import Micros
from gateway.operations.context import Context
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.storage.audit import Entry, write_audit
from gateway.storage.heads import own_digest
from gateway.storage.kept import KeptDatabase
from gateway.storage.orders import load_orders
from gateway.storage.purged import of_clearance, purged_before

# How often it is looked whether another replica has found it out, or somebody has said that it goes on.
REST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A sheet that this gateway signed, as somebody keeps it."""

    chain: str
    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order that this gateway signed, as somebody was told it."""

    clearance: str
    number: int
    issue_time: Micros
    order_bytes: bytes


Own = OwnSheet | OwnOrder


def lost(connection: Connection, own: Own) -> bool:
    """Whether this database does not know what it must know of; what a restoration lost that is over does not count."""
    now = standing(connection)
    if isinstance(own, OwnOrder):
        if own.issue_time <= now.resume_time or purged_before(connection, [of_clearance(own.clearance)]):
            return False
        issued = load_orders(connection, [own.clearance]).get(own.clearance, [])
        return all(each.order_bytes != own.order_bytes for each in issued)
    if generation_of(own.chain) < now.generation:
        return False
    digest, _ = own_digest(connection, own.chain, own.number)
    return digest != own.digest


def hold_for(connection: Connection, own: Own, witness: str, context: Context) -> bool:
    """Holds itself, with a row of the audit; False where it is held."""
    chain = own.chain if isinstance(own, OwnSheet) else own.clearance
    if not hold(connection, WITNESSED, context.now, witness, chain, own.number):
        return False
    details = {"chain": chain, "number": own.number}
    write_audit(connection, context.replica, context.now, [Entry("", "held", witness, details)])
    return True


@dataclass(slots=True)
class OldCopy:
    """`held` as it was last read; what decides is the database, in every transaction that writes."""

    database: KeptDatabase
    context: Callable[[], Context]
    log: Log
    held: bool = False
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("old copy", self._step, self.log)

    async def _step(self) -> float:
        await self.look()
        return REST_SECONDS

    async def look(self) -> None:
        """How the database stands; told once."""
        now = await self.database.read(standing)
        held = now.held or now.generation != self.database.generation
        if held and not self.held:
            self.log.error("gateway.held", effect="it writes nothing until two persons resume it; see docs/backup.md")
        self.held = held

    async def shown(self, own: Own, witness: str) -> None:
        """Somebody holds this, and the own signature was found under it."""
        if self.held or not await self.database.read(lost, own):
            return
        if await self.database.write_anyway(hold_for, own, witness, self.context()):
            source = own.chain if isinstance(own, OwnSheet) else ""
            self.log.error("gateway.old_copy", party=witness, position=own.number, source=source)
        await self.look()
