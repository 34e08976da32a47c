"""What happens to movements by itself, on their time limits (domain.transit.timers)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from agencykit.storage import Database
from gateway.domain.quarantine import Kind, Poison, reason_of
from gateway.domain.transit.change import Happening
from gateway.domain.transit.states import Event
from gateway.domain.transit.timers import due_event
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.quarantine import Aside, set_aside
from gateway.operations.sift import Tries, sift
from gateway.operations.transit.carrier import BATCH, DUTY, REST_SECONDS
from gateway.operations.transit.sheet import load_sheet
from gateway.storage.movements import Key, due_movements

TIMER = "timer"
# What a timer says where words are asked for.
TEXTS = {
    Event.ENQUIRE: "no arrival advice and no answer to the status request",
    Event.REMIND: "no answer to the enquiry in time",
}


def any_due(connection: Connection, context: Context) -> list[Key]:
    """Movements to which something happens by itself now."""
    return due_movements(connection, context.lease_now(connection), BATCH)


def take_time(connection: Connection, keys: Sequence[Key], context: Context) -> list[tuple[str, Event]]:
    """Lets it happen; (MRN, event) of each."""
    sheet, now = load_sheet(connection, keys), context.lease_now(connection)
    happened = []
    for key, movement in list(sheet.now.items()):
        event = due_event(movement, now)
        if event is not None and sheet.happen(key, Happening(event, TIMER, now, text=TEXTS.get(event, ""))) is None:
            happened.append((key.mrn, event))
    sheet.write(connection, context)
    return happened


@dataclass(slots=True)
class MovementTimers:
    """Done by the replica that has the duty."""

    database: Database
    context: Callable[[], Context]
    duties: Duties
    log: Log
    aside: Aside
    tries: Tries = field(default_factory=Tries)
    # Called when something happened.
    on_change: list[Callable[[], None]] = field(default_factory=list)
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("movement timers", self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        context = self.context()
        if DUTY not in self.duties.held or context.stopped is not None:
            return REST_SECONDS
        keys = await self.database.read(any_due, context)
        if not keys:
            return REST_SECONDS
        rest, limit = 0.0, self.context().limits.refusals
        for key, error in await sift(keys, self._take):
            if self.tries.failed(key, limit):
                self.tries.forget(key)
                said = (Kind.MOVEMENT, "", key.mrn, key.side.name.lower(), reason_of(error), limit)
                self.aside.tell(await self.database.write(set_aside, [Poison(*said)], self.context()))
            else:
                rest = REST_SECONDS
        for listener in self.on_change:
            listener()
        return rest

    async def _take(self, keys: Sequence[Key]) -> None:
        for mrn, event in await self.database.write(take_time, keys, self.context()):
            self.log.warning("transit.timer", movement=mrn, transition=event.name)
