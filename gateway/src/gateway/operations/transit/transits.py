"""Movements as callers act on them: each call is one transaction, and its span stands in the movement's trace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from agencykit.refusals import Unavailable
from agencykit.storage import Database
from gateway.domain.transit.movement import Movement
from gateway.domain.transit.states import Event, Side
from gateway.operations.context import Context
from gateway.operations.ledger import Named
from gateway.operations.log import Log
from gateway.operations.ports import CallFailed, Spans
from gateway.operations.traces import beside
from gateway.operations.transit.acts import Act, act, try_again
from gateway.operations.transit.carriage import Carried, CarrierPort
from gateway.operations.transit.declare import Amended, Declared, amend, declare
from gateway.operations.transit.reading import MovementView, find, page, view
from gateway.operations.transit.reserve import Reservations
from gateway.storage.movements import Filter, Key


@dataclass(slots=True)
class Transits:
    """What the gateway's TransitService does."""

    database: Database
    context: Callable[[], Context]
    reservations: Reservations
    carriers: CarrierPort
    log: Log
    spans: Spans
    # Called when letters or steps became due.
    on_change: list[Callable[[], None]] = field(default_factory=list)

    async def declare(self, declared: Declared, named: Sequence[Named]) -> MovementView:
        """The movement, its guarantee confirmed or refused. Raises Unavailable where it must be asked again."""
        begin = self.spans.now()
        carried = await self._carried(declared.content, declared.trace, leaving=False)
        movement = await self.database.write(declare, declared, carried, self.context())
        await self.reservations.reserve(movement, named)
        if movement.trace == declared.trace:
            said = {"movement": movement.mrn, "state": movement.state.name}
            self.spans.record("transit.declare", movement.trace, declared.parent, begin, self.spans.now(), said)
        return await self._told(movement)

    async def amend(self, amended: Amended, named: Sequence[Named]) -> MovementView:
        """The movement, with other guarantees."""
        begin = self.spans.now()
        movement = await self.database.write(amend, amended, self.context())
        await self.reservations.reserve(movement, named)
        self._record("transit.amend_guarantee", movement, begin)
        return await self._told(movement)

    async def act(self, wanted: Act) -> MovementView:
        """The movement after it."""
        begin = self.spans.now()
        if wanted.said.event is Event.RELEASE:
            found = await self.database.read(view, wanted.key)
            carried = await self._carried(found.movement.declaration, found.movement.trace, leaving=True)
            wanted = replace(wanted, carried=carried)
        movement = await self.database.write(act, wanted, self.context())
        self._record(f"transit.{wanted.said.event.name.lower()}", movement, begin)
        return await self._told(movement)

    async def requeue(self, mrn: str, by: str) -> MovementView:
        """What was set aside is tried again, on whichever sides this district has."""
        found = await self.database.read(find, mrn, 0, "")
        await self.database.write(try_again, Key(found.movement.side, mrn), by, self.context())
        return await self._told(found.movement)

    async def find(self, reference: str, side: int, declarant: str) -> MovementView:
        """All about one."""
        return await self.database.read(find, reference, side, declarant)

    async def page(self, wanted: Filter, most: int) -> list[MovementView]:
        """The newest first."""
        return await self.database.read(page, wanted, most)

    async def _carried(self, declaration: bytes, trace: str, *, leaving: bool) -> Carried:
        try:
            return await self.carriers.carried(declaration, trace, leaving=leaving)
        except CallFailed as failed:
            self.log.warning("transit.carrier_unchecked", reason=failed.reason)
            raise Unavailable from failed

    async def _told(self, movement: Movement) -> MovementView:
        for listener in self.on_change:
            listener()
        return await self.database.read(view, Key(Side(movement.side), movement.mrn))

    def _record(self, name: str, movement: Movement, begin: int) -> None:
        parent, link = beside(movement.trace, movement.create_time, begin)
        said = {"movement": movement.mrn, "state": movement.state.name}
        self.spans.record(name, "", parent, begin, self.spans.now(), said, link=link)
