"""gate: what may leave the port, what leaves, and what has left."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.as_of import parse_as_of
from tongguan.failures import Exit, Misused, combined
from tongguan.interrupting import until_interrupted
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from tongguan.gatehouse import Gatehouse

app = typer.Typer(name="gate", help="The port's gate: show, out, follow, notices.", no_args_is_help=True)

PORT, TERMINAL = "port", "operator"
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the clearance.")]


@app.command()
@command
def show(session: Session, number: Number) -> None:
    """Show the newest order that the port was told of, and what of the goods is covered, held and out."""
    from tongguan.gatehouse import goods_table, standing_table

    standing = _gatehouse(session).look_up(number)
    session.output.item(standing)
    session.output.show(standing_table(standing), goods_table(standing))


@app.command()
@command
def out(
    session: Session,
    number: Number,
    container: Annotated[
        list[str] | None, typer.Option(help="Only this one; all that are covered and still there if none.")
    ] = None,
    order: Annotated[int, typer.Option(min=0, help="Order acted on; 0 is the newest.")] = 0,
    place: Annotated[str, typer.Option(metavar="CODE", help="Gate or berth.")] = "",
    conveyance: Annotated[str, typer.Option(metavar="PLATE", help="Truck, or ship.")] = "",
    packages: Annotated[
        int, typer.Option(min=0, help="Packages of this load of loose goods; 0 is all that are left.")
    ] = 0,
    at: Annotated[
        datetime | None,
        typer.Option(
            metavar="TIME", parser=parse_as_of, help="When they left, as on the ticket; needed with --packages. Now."
        ),
    ] = None,
) -> Exit:
    """Report that goods leave; the port refuses what is not released by its newest order.

    Repeat a report whose answer was lost as it was: a load of --packages is known by its time, and counts once.
    """
    from tongguan.gatehouse import exit_line
    from tongguan.statuses import to_failure

    if packages and at is None:
        raise Misused("--packages: a load is known by its time", "give --at TIME, as on its ticket")
    gatehouse = _gatehouse(session)
    answers = gatehouse.let_out(gatehouse.look_up(number), container or (), order, place, conveyance, packages, at)
    exits = set()
    for answer in answers:
        if answer.HasField("error"):
            failure = to_failure(answer.error, PORT)
            session.output.failure(failure)
            exits.add(failure.exit)
            continue
        exits.add(Exit.OK)
        session.output.item(answer.gate_out)
        session.output.show(exit_line(answer.gate_out))
    if not answers:
        session.output.show("nothing is left to leave")
    return combined(exits)


@app.command()
@command
def follow(
    session: Session,
    position: Annotated[int, typer.Option(min=0, help="Go on after this position; 0 begins with the first exit.")] = 0,
    timeout: Annotated[float, typer.Option(min=0, help="End after so many seconds; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Print what leaves the port, in the order of recording."""
    from tongguan.gatehouse import exit_line

    with until_interrupted():  # which is how one stops following
        for left in _gatehouse(session).follow(position, timeout):
            session.output.item(left)
            session.output.show(exit_line(left))


@app.command()
@command
def notices(
    session: Session,
    position: Annotated[int, typer.Option(min=0, help="Go on after this position; 0 begins with the first.")] = 0,
    timeout: Annotated[float, typer.Option(min=0, help="End after so many seconds; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Print release and stop orders as terminals and trucks hear of them (--as terminal, --as haulier)."""
    from tongguan.gatehouse import notice_line

    with until_interrupted():  # which is how one stops following
        for notice in _gatehouse(session).notices(position, timeout):
            session.output.item(notice)
            session.output.show(notice_line(notice))


def _gatehouse(session: Session) -> "Gatehouse":
    from tongguan.gatehouse import Gatehouse

    return Gatehouse(session.peer(PORT, TERMINAL))
