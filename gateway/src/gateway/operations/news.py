"""What happens when a case has been recorded: callers hear, spans end, alarms go to the log, loops wake."""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.domain.states import ORDERS
from gateway.operations.board import Board
from gateway.operations.flights import Flights
from gateway.operations.known import Known
from gateway.operations.log import Log
from gateway.operations.ports import Spans
from gateway.operations.record import Recorded


@dataclass(slots=True)
class News:
    """Told of every record, after its commit."""

    board: Board
    flights: Flights
    known: Known
    spans: Spans
    log: Log
    # Called when cases changed, when there is something to tell the agencies, when a case is due again.
    on_change: list[Callable[[], None]] = field(default_factory=list)
    on_outcome: list[Callable[[], None]] = field(default_factory=list)
    on_due: list[Callable[[], None]] = field(default_factory=list)

    def publish(self, recorded: Recorded, began_ns: int) -> None:
        """One case was recorded; its transaction began at `began_ns`."""
        self.known.stored(recorded.places)
        self._end_spans(recorded, began_ns)
        self.board.post(recorded.view, closed=recorded.closed)
        for act, agency, reason in recorded.alarms:
            number = recorded.view.case.number
            self.log.error(
                "case.alarm", **{"clearance.number": number, "alarm": act, "agency": agency, "reason": reason}
            )
        _call(self.on_change)
        if recorded.view.case.state is not recorded.state_before:
            _call(self.on_outcome)
        if recorded.closed and recorded.view.case.expects_answer():
            _call(self.on_due)

    def _end_spans(self, recorded: Recorded, began_ns: int) -> None:
        case, now = recorded.view.case, self.spans.now()
        attributes = {"clearance.number": case.number, "clearance.state": case.state.name, "version": case.version}
        if case.state is not recorded.state_before:
            name = "release" if case.state in ORDERS else "decide"
            self.spans.record(name, "", case.trace, began_ns, now, attributes)
        if recorded.closed and (root := self.flights.roots.pop(case.number, None)) is not None:
            begun = case.create_time * 1000
            self.spans.record("clearance", case.trace, root.parent, begun, now, attributes, link=root.link)


def _call(listeners: list[Callable[[], None]]) -> None:
    for listener in listeners:
        listener()
