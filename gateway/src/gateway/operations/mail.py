"""What an agency is told at least once: how each kind of news is read, sent, and forgotten once it is receipted."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from sqlalchemy import Connection

from gateway.domain.examination import CalledOff
from gateway.domain.identifiers import Micros
from gateway.domain.quarantine import Kind
from gateway.operations.batches import Sized
from gateway.operations.lines import Line
from gateway.storage import called_off, outcomes
from gateway.storage.outcomes import Outcome


class News(Sized, Protocol):
    """One thing to tell about one case."""

    @property
    def number(self) -> str:
        """The case's number."""
        ...

    @property
    def subject(self) -> str:
        """Which one of its case."""
        ...

    @property
    def trace(self) -> str:
        """A traceparent; empty where it has none."""
        ...


Piece = TypeVar("Piece", bound=News)


@dataclass(frozen=True, slots=True)
class Mail(Generic[Piece]):
    """One kind of news. `kind` stands in the log, `item` where one is set aside."""

    kind: str
    item: Kind
    # The oldest that are due for an agency at a moment, at most so many.
    due: Callable[[Connection, str, Micros, int], list[Piece]]
    forget: Callable[[Connection, str, Iterable[Piece]], None]
    # Counts a refusal of one and sets when it is told again; None sets it aside.
    put_off: Callable[[Connection, str, Piece, Micros | None], None]
    # One call; raises CallFailed where it brought no receipts.
    send: Callable[[Line, Sequence[Piece]], Awaitable[Sequence[bool]]]


async def send_outcomes(line: Line, told: Sequence[Outcome]) -> Sequence[bool]:
    """One RecordOutcomes with what became of cases."""
    await line.port.tell(line.name, told, line.limits.call_budget)
    return [True] * len(told)


async def _send_called_off(line: Line, told: Sequence[CalledOff]) -> Sequence[bool]:
    await line.port.call_off(line.name, told, line.limits.call_budget)
    return [True] * len(told)


OUTCOMES: Mail[Outcome] = Mail(
    "outcome",
    Kind.OUTCOME,
    outcomes.due_outcomes,
    outcomes.forget_outcomes,
    outcomes.put_off_outcome,
    send_outcomes,
)
CALLED_OFF: Mail[CalledOff] = Mail(
    "called_off",
    Kind.CALLED_OFF,
    called_off.due_called_off,
    called_off.forget_called_off,
    called_off.put_off_called_off,
    _send_called_off,
)
