"""What happens to complaints by itself: unanswered ones come before the port office, uncontested answers lapse."""

from collections.abc import Callable
from dataclasses import dataclass, field

from agencykit.storage import Database
from gateway.domain.complaint import Rules
from gateway.operations.complaints import any_due, take_time
from gateway.operations.context import Context
from gateway.operations.duties import Duties
from gateway.operations.log import Log
from gateway.operations.loop import Loop

DUTY = "complaints"
REST_SECONDS = 15.0


@dataclass(slots=True)
class ComplaintTimers:
    """Done by the replica that has the duty; while nobody can say what time it is, nothing happens."""

    database: Database
    context: Callable[[], Context]
    duties: Duties
    rules: Rules
    log: Log
    loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self.loop = Loop(DUTY, self._step, self.log)
        self.duties.add(DUTY)
        self.duties.on_change.append(self.loop.notify)

    async def _step(self) -> float:
        context = self.context()
        if DUTY not in self.duties.held or context.stopped is not None:
            return REST_SECONDS
        numbers = await self.database.read(any_due, context)
        if not numbers:
            return REST_SECONDS
        for _, event in await self.database.write(take_time, numbers, self.context(), self.rules):
            # Its number is whoever complains' to know.
            self.log.warning("complaint.timer", transition=event.name)
        return 0.0
