"""Recovery: the same flights as a first pass, for cases nobody waits for. It has a bounded share of the convoys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from agencykit.storage import Database
from gateway.domain.quarantine import Kind, Poison, reason_of
from gateway.operations.context import Context
from gateway.operations.flights import Flights
from gateway.operations.lines import Line
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.operations.quarantine import Aside
from gateway.operations.questions import Cargo
from gateway.operations.recover import claim, claim_numbers, leave_alone, load_cargos
from gateway.operations.sift import WHOLE, Tries, sift
from gateway.operations.tasks import Tasks
from gateway.operations.trip import Trip

# Parked cases taken to try an agency that did not answer last time.
PROBE = 1


@dataclass(slots=True)
class Recovery:
    """Claims cases and lets them fly, at most `recovery_convoys` at a time."""

    database: Database
    context: Callable[[], Context]
    lines: dict[str, Line]
    flights: Flights
    log: Log
    aside: Aside
    tries: Tries = field(default_factory=Tries)
    loop: Loop = field(init=False)
    _flying: Tasks = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("recovery", self._step, self.log)
        self._flying = Tasks(self.log, self.loop.notify)

    async def drain(self) -> None:
        """Claims no more and lets those under way arrive."""
        await self.loop.stop()
        await self._flying.settle()

    async def _step(self) -> float:
        """Fills the free flights; rests when nothing more is due or no flight is free."""
        limits = self.context().limits
        while len(self._flying) < limits.recovery_convoys:
            open_lines = {
                line.name: limits.convoy_items if line.healthy else PROBE
                for line in self.lines.values()
                if line.may_ask_again
            }
            cargos = await self._claimed(limits.convoy_items, open_lines)
            if not cargos:
                break
            self._depart(cargos)
        return limits.recovery_interval

    async def _claimed(self, most: int, open_lines: dict[str, int]) -> list[Cargo]:
        """Where one of them cannot be read, the others; that one is looked at a few times, then set aside."""
        try:
            return await self.database.write(claim, most, open_lines, self.context())
        except WHOLE:
            raise
        except Exception as error:
            self.log.warning("recovery.sifted", error=error)
        cargos: list[Cargo] = []

        async def load(part: Sequence[str]) -> None:
            cargos.extend(await self.database.read(load_cargos, part))

        numbers = await self.database.write(claim_numbers, most, open_lines, self.context())
        for number, why in await sift(numbers, load):
            enough = self.context().limits.refusals
            poison = [Poison(Kind.CLEARANCE, "", number, "read", reason_of(why), enough)]
            if self.tries.failed(number, enough):
                self.tries.forget(number)
            else:
                poison = []
            self.aside.tell(await self.database.write(leave_alone, number, poison, self.context()))
        return cargos

    def _depart(self, cargos: list[Cargo]) -> None:
        for cargo in cargos:
            self.flights.begin(cargo)
        self._flying.begin(self.flights.fly(cargos, Trip(patient=True)), "recovery flight")
