"""A file of movements on its way: guarantees and carriers are entered, then movements declared, several at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from google.rpc.code_pb2 import Code

from clearance.customs.v1.guarantee_register_service_pb2 import GuaranteeEntry
from clearance.customs.v1.register_service_pb2 import Carrier
from clearance.gateway.v1.transit_service_pb2 import DeclareMovementRequest, Movement
from tongguan import statuses
from tongguan.clearances import content_of, request_id
from tongguan.facts import TRANSIT_MESSAGES, LineRefused, parse_line
from tongguan.failures import Failure
from tongguan.lodging.lines import Bad
from tongguan.lodging.outcome import Outcome, Result
from tongguan.movements import with_request_id
from tongguan.progress import Progress

ENTERED, MOVEMENTS = "entered", "movements"


@dataclass(frozen=True, slots=True)
class Entered:
    """A guarantee or a carrier to enter, and the line it stood in."""

    line: int
    entry: GuaranteeEntry | Carrier

    @property
    def act(self) -> str:
        """The request id, by content, so that entering it twice has one effect."""
        kind = "guarantee" if isinstance(self.entry, GuaranteeEntry) else "carrier"
        return request_id(f"register {kind}", content_of(self.entry))


@dataclass(frozen=True, slots=True)
class Declared:
    """A movement to declare, its request id filled in, and the line it stood in."""

    line: int
    request: DeclareMovementRequest


@dataclass(frozen=True, slots=True)
class MovementLines:
    """A file as read."""

    entered: Sequence[Entered]
    movements: Sequence[Declared]
    bad: Sequence[Bad]


def read_movements(texts: Iterable[str | bytes]) -> MovementLines:
    """Reads the lines of a file, counted from 1; empty ones are passed over."""
    entered: list[Entered] = []
    movements: list[Declared] = []
    bad: list[Bad] = []
    for number, text in enumerate(texts, start=1):
        if not text.strip():
            continue
        try:
            _kind, message = parse_line(text, TRANSIT_MESSAGES)
        except LineRefused as refused:
            bad.append(Bad(number, statuses.make(Code.INVALID_ARGUMENT, str(refused), "MALFORMED")))
            continue
        if isinstance(message, GuaranteeEntry | Carrier):
            entered.append(Entered(number, message))
        elif isinstance(message, DeclareMovementRequest):
            movements.append(Declared(number, with_request_id(message)))
    return MovementLines(entered, movements, bad)


def with_access_codes(declared: Declared, known: Mapping[str, str], otherwise: str) -> Declared:
    """Gives each guarantee that has no access code its own, or the one that is for all."""
    for guarantee in declared.request.guarantees:
        guarantee.access_code = guarantee.access_code or known.get(guarantee.grn, otherwise)
    return declared


def declare_all(
    enter: Callable[[Entered], object],
    declare: Callable[[DeclareMovementRequest], Movement],
    lines: MovementLines,
    concurrency: int,
    progress: Progress,
    tell: Callable[[int, Result], None],
) -> Outcome:
    """Sends a file and returns what became of each line; `tell` hears of each in the file's order."""
    outcome = Outcome([each.line for part in (lines.entered, lines.movements, lines.bad) for each in part], tell)
    outcome.put((each.line, each.status) for each in lines.bad)

    def entered(line: Entered) -> None:
        enter(line)

    with ThreadPoolExecutor(concurrency) as pool:
        try:
            _each(pool, ENTERED, lines.entered, entered, outcome, progress)
            _each(pool, MOVEMENTS, lines.movements, lambda each: declare(each.request), outcome, progress)
        except BaseException:  # Ctrl-C above all: what has not begun does not begin
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return outcome


Line = TypeVar("Line", Entered, Declared)


def _each(
    pool: ThreadPoolExecutor,
    name: str,
    lines: Sequence[Line],
    act: Callable[[Line], Movement | None],
    outcome: Outcome,
    progress: Progress,
) -> None:
    """Carries out one kind of lines, and returns when all are."""
    if lines:
        progress.begin(name, len(lines))

    def carry_out(line: Line) -> None:
        try:
            result: Result = act(line)
        except Failure as failure:
            result = statuses.of_failure(failure)
        outcome.put([(line.line, result)])
        progress.advance(name, 1)

    for future in [pool.submit(carry_out, line) for line in lines]:
        future.result()
