"""submit: a file of typed lines."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Exit
from tongguan.lines import opened
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.lodging.outcome import Outcome, Result
    from tongguan.report.foreseen import Foreseen

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
    in the file's order, and each failed line as {"error": …, "line": N}; a fact that is lodged prints nothing. Without,
    what would be refused later although nothing is wrong now is listed below the table.
    """
    from tongguan.lodging.lines import read_lines
    from tongguan.lodging.send import Pace, send
    from tongguan.progress import progress
    from tongguan.reach import require_gateway
    from tongguan.report.foreseen import Foreseen

    for given in agency or ():
        session.learn(given)
    with opened(file) as texts:
        lines = read_lines(texts)
    for name in {fact.kind.agency for fact in lines.facts}:
        session.address(name)  # an address that nobody knows is found out before anything is sent
    if lines.submissions:
        require_gateway(session, min(REACH_SECONDS, timeout))
    foreseen = Foreseen()
    with progress(session.output) as bars:
        outcome = send(
            session, lines, Pace(batch, concurrency, timeout), bars, lambda line, it: _tell(session, line, it, foreseen)
        )
    _summarise(session, outcome, len(lines.facts), foreseen)
    return outcome.exit()


def _tell(session: Session, line: int, result: "Result", foreseen: "Foreseen") -> None:
    from google.rpc.status_pb2 import Status

    from clearance.gateway.v1.clearance_pb2 import Clearance

    if isinstance(result, Status):
        session.output.error(result, line)
    elif isinstance(result, Clearance):
        session.output.item(result)
        foreseen.take(result)


def _summarise(session: Session, outcome: "Outcome", facts: int, foreseen: "Foreseen") -> None:
    from tongguan.report.catalogue import catalogue_by
    from tongguan.report.tables import states_table
    from tongguan.running.telling import tell_errors

    output = session.output
    if outcome.states:
        output.show(states_table(outcome.states))
        if foreseen.count and not output.json_lines:
            output.show("", foreseen.text(catalogue_by(session.peer)))
    elif not outcome.errors:
        output.note(f"{facts} facts lodged, nothing submitted")
    tell_errors(output, outcome)
