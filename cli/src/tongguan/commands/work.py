"""work: what an agency's officers do, each under his own identity, so that examinations end."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from tongguan.failures import Exit, Failure, Misused, combined
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.agency.v1.work_service_pb2 import Work
    from tongguan.desk import Desk

app = typer.Typer(name="work", help="Officers' work: list, take, return, record.", no_args_is_help=True)

Agency = Annotated[
    str, typer.Option(metavar="AGENCY[=HOST:PORT]", help="Whose work; the officer-AGENCY identity is used.")
]
Ids = Annotated[list[str], typer.Argument(metavar="WORK_ID", help="From `work list`.")]


@app.command("list")
@command
def list_(
    session: Session,
    agency: Agency,
    state_filter: Annotated[
        str, typer.Option("--state-filter", help="OPEN, TAKEN, DONE or CANCELLED; open and taken if none.")
    ] = "",
    clearance: Annotated[str, typer.Option(metavar="NUMBER", help="Only work on this clearance.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Most to list, oldest first; 0 lists all.")] = 100,
) -> None:
    """List work, oldest first."""
    from tongguan.desk import state_number, work_row, work_table

    made = work_table()
    for work in _desk(session, agency).list(state_number(state_filter), clearance, limit):
        session.output.item(work)
        made.add_row(*work_row(work))
    session.output.show(made if made.row_count else "no such work")


@app.command()
@command
def take(session: Session, ids: Ids, agency: Agency) -> Exit:
    """Take open work."""
    desk = _desk(session, agency)
    return _each(session, ids, lambda work_id: desk.take(work_id, str(uuid4())))


@app.command("return")
@command
def return_(session: Session, ids: Ids, agency: Agency) -> Exit:
    """Put taken work back on the list."""
    desk = _desk(session, agency)
    return _each(session, ids, lambda work_id: desk.give_back(work_id, str(uuid4())))


@app.command()
@command
def record(
    session: Session,
    ids: Ids,
    agency: Agency,
    outcome: Annotated[
        str, typer.Option(metavar="cleared|refused|sampled|suspicious|unreadable", help="What was found.")
    ],
    reason: Annotated[str, typer.Option(help="The officer's reason.")],
    measured: Annotated[
        list[str] | None, typer.Option(metavar="QUANTITY=FOUND[:LIMIT]", help="What was measured; may be repeated.")
    ] = None,
    found: Annotated[
        list[str] | None,
        typer.Option("--find", metavar="KIND[:WORDS]", help="What was not as declared; may be repeated."),
    ] = None,
    container: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER", help="Only this container; may be repeated. The rest stays work."),
    ] = None,
    item: Annotated[
        list[int] | None,
        typer.Option(metavar="NUMBER", help="Only this goods item, of cargo without containers; may be repeated."),
    ] = None,
) -> Exit:
    """Record the result of work taken; the agency then decides again.

    A sample taken opens work for the laboratory, an image that is suspicious or unreadable opens the examination. A
    result on some of the containers lets these go before the rest, once every other agency has approved them too.
    """
    from clearance.common.v1.decision_pb2 import Scope
    from tongguan.desk import OUTCOMES, find, measurement

    if outcome not in OUTCOMES:
        raise Misused(f"--outcome {outcome} is not known", f"take one of: {', '.join(OUTCOMES)}")
    desk, measurements = _desk(session, agency), [measurement(each) for each in measured or ()]
    finds = [find(text) for text in found or ()]
    scope = Scope(container_numbers=container or (), item_numbers=item or ()) if container or item else None
    return _each(session, ids, lambda work_id: desk.record(work_id, outcome, reason, measurements, finds, scope))


@app.command()
@command
def ask(
    session: Session,
    ids: Ids,
    agency: Agency,
    document: Annotated[
        list[str], typer.Option(metavar="KIND[:REASON]", help="Document code of what is wanted; may be repeated.")
    ],
    reason: Annotated[str, typer.Option(help="The officer's reason.")],
    days: Annotated[int, typer.Option(min=1, max=90, help="How long the broker has.")] = 15,
) -> Exit:
    """Ask the broker for documents, on a review taken. An amendment that names them brings the review back."""
    from tongguan.desk import requested

    desk, documents = _desk(session, agency), [requested(each) for each in document]
    until = datetime.now(UTC) + timedelta(days=days)
    return _each(session, ids, lambda work_id: desk.ask(work_id, reason, documents, until))


@app.command()
@command
def simulate(
    session: Session,
    agency: Agency,
    truth: Annotated[
        Path, typer.Option(metavar="FILE", help="What is really inside, as `tongguan sample --truth` writes it.")
    ],
    limit: Annotated[int, typer.Option(min=0, help="Most to do, oldest first; 0 does all.")] = 0,
) -> Exit:
    """Do the open examinations as an officer would who opens the boxes: what is inside he reads in the truth file."""
    from tongguan.officer import Desks, SimulatedOfficer, read_truth

    desks = Desks(_desk(session, agency), _desk(session, agency, "examiner"))
    officer = SimulatedOfficer(desks, session.clearances(), read_truth(truth))
    pieces = list(officer.open_work(limit))
    done = _each(session, [piece.id for piece in pieces], officer.examine)
    session.output.note(f"{officer.examined} examined, with {officer.found} of them something was found")
    return done if pieces else Exit.OK


@app.command()
@command
def queue(
    session: Session,
    agency: Annotated[str, typer.Option(metavar="AGENCY[=HOST:PORT]", help="Whose scanner.")] = "customs",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Most places to list.")] = 100,
) -> None:
    """Who waits for the scanner, in order, and how long it will take."""
    from tongguan.scanner import queue_lines, scanner_queue

    found = scanner_queue(session.officer(agency), limit)
    for place in found.places:
        session.output.item(place)
    session.output.show(*queue_lines(found))


def _desk(session: Session, agency: str, who: str = "officer") -> "Desk":
    """`who`: whoever opens goods is another than the officer who reads papers and images."""
    from tongguan.desk import Desk

    name = session.learn(agency)
    return Desk(session.peer(name, f"{who}-{name}"))


def _each(session: Session, ids: Sequence[str], act: "Callable[[str], Work]") -> Exit:
    """Acts on each and prints it; one that is refused does not keep the others."""
    from tongguan.desk import work_row, work_table

    made, exits = work_table(), set()
    for work_id in ids:
        try:
            work = act(work_id)
        except Failure as failure:
            session.output.failure(failure)
            exits.add(failure.exit)
            continue
        exits.add(Exit.OK)
        session.output.item(work)
        made.add_row(*work_row(work))
    if made.row_count:
        session.output.show(made)
    return combined(exits)
