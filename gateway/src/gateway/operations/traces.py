"""The trace of each clearance: its root span, and what stands below it.

The root span lasts from the acceptance to the end of the first flight. What follows soon stands in the same trace. A
wait of hours or days is not one giant span: what comes after it is a trace of its own, linked to the first.
"""

from dataclasses import dataclass, field

from gateway.domain.case import Case
from gateway.domain.identifiers import Micros
from gateway.domain.states import ORDERS
from gateway.operations.ports import Spans
from gateway.operations.questions import Cargo
from gateway.operations.record import Recorded

# After so many nanoseconds a case's trace is left alone.
LONG_WAIT_NS = 3600 * 10**9


def placed(case: Case, now: int) -> tuple[str, str]:
    """(parent, link) of a span about a case that begins now: below its trace while it is young, later linked to it."""
    return beside(case.trace, case.create_time, now)


def beside(trace: str, began: Micros, now: int) -> tuple[str, str]:
    """(parent, link) of a span that begins now, about what began at `began` with the context `trace`."""
    return (trace, "") if now - began * 1000 <= LONG_WAIT_NS else ("", trace)


@dataclass(frozen=True, slots=True)
class _Open:
    """A root span that is still to be recorded."""

    own: str
    parent: str
    link: str
    begun: int


@dataclass(slots=True)
class Traces:
    """Spans of the cases under way here."""

    spans: Spans
    _open: dict[str, _Open] = field(default_factory=dict)

    def begin(self, cargo: Cargo) -> None:
        """A flight with this case begins."""
        case, now = cargo.case, self.spans.now()
        accepted = case.create_time * 1000
        if cargo.root is not None:
            self._open[case.number] = _Open(case.trace, cargo.root.parent, cargo.root.link, accepted)
        elif now - accepted > LONG_WAIT_NS:
            self._open[case.number] = _Open(self.spans.child(""), "", case.trace, now)

    def context(self, case: Case) -> str:
        """The context below which everything about this case stands now."""
        opened = self._open.get(case.number)
        return opened.own if opened else case.trace

    def recorded(self, recorded: Recorded, began: int) -> None:
        """A case was recorded in a transaction that began at `began`; its flight's root span ends when it is closed."""
        case, now = recorded.view.case, self.spans.now()
        attributes = {"clearance.number": case.number, "clearance.state": case.state.name, "version": case.version}
        if case.state is not recorded.state_before:
            name = "release" if case.state in ORDERS else "decide"
            self.spans.record(name, "", self.context(case), began, now, attributes)
        if recorded.closed and (root := self._open.pop(case.number, None)) is not None:
            self.spans.record("clearance", root.own, root.parent, root.begun, now, attributes, link=root.link)

    def end(self, number: str) -> None:
        """The flight is over, whatever was recorded."""
        self._open.pop(number, None)
