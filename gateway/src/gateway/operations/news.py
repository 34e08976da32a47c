"""What happens when a case has been recorded: callers hear, spans end, alarms go to the log, loops wake."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.operations.board import Board
from gateway.operations.known import Known
from gateway.operations.log import Log
from gateway.operations.record import Recorded
from gateway.operations.traces import Traces


@dataclass(slots=True)
class News:
    """Told of every record, after its commit."""

    board: Board
    traces: Traces
    known: Known
    log: Log
    # Called when cases changed, when there is something to tell the agencies, when a case is due again.
    on_change: list[Callable[[], None]] = field(default_factory=list)
    on_outcome: list[Callable[[], None]] = field(default_factory=list)
    on_due: list[Callable[[], None]] = field(default_factory=list)

    def publish(self, recorded: Recorded, began_ns: int) -> None:
        """One case was recorded; its transaction began at `began_ns`."""
        self.known.stored(recorded.places)
        self.traces.recorded(recorded, began_ns)
        self.board.post(recorded.view, closed=recorded.closed)
        for act, agency, reason in recorded.alarms:
            number = recorded.view.case.number
            self.log.error(
                "case.alarm", **{"clearance.number": number, "alarm": act, "agency": agency, "reason": reason}
            )
        _call(self.on_change)
        if recorded.told:
            _call(self.on_outcome)
        if recorded.closed and recorded.view.case.expects_answer():
            _call(self.on_due)


def _call(listeners: list[Callable[[], None]]) -> None:
    for listener in listeners:
        listener()
