"""Takes up again what somebody has tried again and what has no other place than the record of what was set aside."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from agencykit.storage import Database
from gateway.domain.quarantine import Kind
from gateway.operations.duties import DutyLost
from gateway.operations.exit_follower import ExitFollower
from gateway.operations.follower import Follower
from gateway.operations.log import Log
from gateway.operations.loop import Loop
from gateway.storage.quarantine import requeued_parties

Again = Callable[[], Awaitable[None]]
# A requeue wakes it; the rest is for one that another replica was asked for.
REST_SECONDS = 10.0


@dataclass(slots=True)
class Retrier:
    """`again` by kind and party; each does nothing where another replica has its duty."""

    again: Mapping[tuple[Kind, str], Again]
    database: Database
    log: Log
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop("requeued", self._step, self.log)

    @classmethod
    def of(
        cls, followers: Iterable[Follower], gates: Iterable[ExitFollower], database: Database, log: Log
    ) -> "Retrier":
        """For what these have set aside."""
        again: dict[tuple[Kind, str], Again] = {
            (Kind.DECISION, each.line.name): each.strays.retry for each in followers
        }
        again |= {(Kind.EXIT, each.line.name): each.retry for each in gates}
        return cls(again, database, log)

    async def _step(self) -> float:
        for place in await self.database.read(requeued_parties, (Kind.DECISION, Kind.EXIT)):
            if place in self.again:
                try:
                    await self.again[place]()
                except DutyLost:
                    continue
        return REST_SECONDS
