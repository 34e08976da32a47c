"""submit: a file of typed lines."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Exit, Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.lodging.outcome import Outcome, Result

BATCH_LIMIT = 256
REACH_SECONDS = 5.0


@command
def submit(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON Lines of typed lines; - reads standard input.")],
    batch: Annotated[int, typer.Option(min=1, max=BATCH_LIMIT, help="Submissions in one call.")] = 100,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Calls at a time.")] = 2,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for all of it, outages ridden out included.")] = 60.0,
    agency: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=HOST:PORT", help="Where to lodge an agency's facts, if not at its usual address."),
    ] = None,
) -> Exit:
    """Lodge the facts of a file with the agencies, then submit its submissions.

    Lines are `{"submission": …}` and facts `{"manifest": …}`, `{"certificate": …}` and so on (see `tongguan sample`).
    Facts are lodged by the operator, submissions by the broker whose licence they declare. A missing request id is
    derived from the content: sending a file twice has one effect. With --json each clearance is printed as it stands,
    in the file's order, and each failed line as {"error": …, "line": N}; a fact that is lodged prints nothing.
    """
    from tongguan.lodging.lines import read_lines
    from tongguan.lodging.send import Pace, send
    from tongguan.progress import progress
    from tongguan.reach import require_gateway

    for given in agency or ():
        session.learn(given)
    with _opened(file) as texts:
        lines = read_lines(texts)
    for name in {fact.kind.agency for fact in lines.facts}:
        session.address(name)  # an address that nobody knows is found out before anything is sent
    if lines.submissions:
        require_gateway(session, REACH_SECONDS)
    with progress(session.output) as bars:
        outcome = send(
            session, lines, Pace(batch, concurrency, timeout), bars, lambda line, it: _tell(session, line, it)
        )
    _summarise(session, outcome, len(lines.facts))
    return outcome.exit()


def _tell(session: Session, line: int, result: "Result") -> None:
    from google.rpc.status_pb2 import Status

    if isinstance(result, Status):
        session.output.error(result, line)
    elif result is not None:
        session.output.item(result)


def _summarise(session: Session, outcome: "Outcome", facts: int) -> None:
    from tongguan.report.tables import states_table
    from tongguan.running.telling import tell_errors

    output = session.output
    if outcome.states:
        output.show(states_table(outcome.states))
    elif not outcome.errors:
        output.note(f"{facts} facts lodged, nothing submitted")
    tell_errors(output, outcome)


@contextmanager
def _opened(file: str) -> Iterator[Iterator[bytes]]:
    if file == "-":
        yield iter(sys.stdin.buffer)
        return
    try:
        with Path(file).open("rb") as lines:
            yield iter(lines)
    except OSError as error:
        raise Misused(f"{file}: {error.strerror}", "name a file of JSON Lines, or - for standard input") from error
