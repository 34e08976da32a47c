"""transit: customs transit (转关) as traders see it: declared, presented, looked at, written as NCTS."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.access_codes import read_access_codes
from tongguan.failures import Exit, Misused, Refused
from tongguan.lines import opened, printer
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.table import Table

    from clearance.gateway.v1.transit_service_pb2 import Movement
    from tongguan.lodging.movements import Entered, MovementLines
    from tongguan.lodging.outcome import Result
    from tongguan.movements import Movements

app = typer.Typer(name="transit", help="Customs transit (转关).", no_args_is_help=True)

MRN = re.compile(r"[0-9]{2}[A-Z]{2}[0-9A-Z]{12}[J-M][0-9F]")
BROKER, CUSTOMS, OPERATOR = "broker", "officer-customs", "operator"
Mrn = Annotated[str, typer.Argument(metavar="MRN", help="Its movement reference number.")]
Reference = Annotated[str, typer.Argument(metavar="MRN|LRN", help="Its number, or the broker's own reference.")]
Side = Annotated[
    str, typer.Option(metavar="SIDE", help="departure, destination or transit, where several are of this district.")
]
Reason = Annotated[str, typer.Option(help="Why, in words.")]
AccessCode = Annotated[
    str,
    typer.Option(
        envvar="TONGGUAN_ACCESS_CODE",
        help="Of guarantees; best given by the environment, so that no shell remembers it.",
    ),
]
Codes = Annotated[Path | None, typer.Option(metavar="FILE", help="Lines of GRN and access code.")]


@app.command()
@command
def declare(
    session: Session,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON Lines of movements; - reads standard input.")],
    access_code: AccessCode = "",
    codes: Codes = None,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Calls at a time.")] = 4,
) -> Exit:
    """Declare the movements of a file by a broker, and have their guarantees reserved.

    Lines are {"movement": …} as `tongguan convert --from ncts` writes them; {"guarantee": …} and {"carrier": …}
    enter one first, by customs' officer. Sending a file twice has one effect. Exit code 1 where a movement, or a
    guarantee for it, was refused; other guarantees are named with `amend`.

    \b
    Examples:
      tongguan sample 10 --movements | tongguan transit declare -
      tongguan convert --from ncts ie015.xml | tongguan transit declare -
      tongguan transit declare movements.jsonl --codes codes.txt --as broker/3104980001
    """
    from tongguan.lodging.movements import declare_all, read_movements, with_access_codes
    from tongguan.progress import progress
    from tongguan.report.movements import movement_line, movements_table
    from tongguan.running.telling import tell_errors

    with opened(file) as texts:
        lines = read_movements(texts)
    # Read after the lines: `convert --access-codes` has written it once its last line has come.
    known = dict(read_access_codes(codes)) if codes is not None else {}
    for each in lines.movements:
        with_access_codes(each, known, access_code)
    made = movements_table()
    refused: list[Movement] = []
    enter, declare = _entering(session, lines), movements(session, BROKER).declare
    with progress(session.output) as bars:
        outcome = declare_all(
            enter, declare, lines, concurrency, bars, lambda line, result: _tell(session, made, refused, line, result)
        )
    if made.row_count:
        session.output.show(made)
    for movement in refused:
        session.output.show(movement_line(movement))
    tell_errors(session.output, outcome)
    return outcome.exit() or (Exit.FAILED if refused else Exit.OK)


@app.command()
@command
def present(
    session: Session, lrn: Annotated[str, typer.Argument(metavar="LRN", help="The broker's own reference.")]
) -> None:
    """Tell that goods which were declared before (提前报关) are here; by a broker."""
    tell(session, movements(session, BROKER).present(lrn))


@app.command()
@command
def amend(
    session: Session,
    mrn: Mrn,
    grn: Annotated[list[str], typer.Option(metavar="GRN", help="Guarantee to use. May be repeated.")],
    access_code: AccessCode = "",
) -> None:
    """Name other guarantees after a refusal; by a broker."""
    tell(session, movements(session, BROKER).amend(mrn, [(each, access_code) for each in grn]))


@app.command()
@command
def show(session: Session, reference: Reference, side: Side = "") -> None:
    """Show a movement: state, guarantee, seals, what happened, and messages that wait for the other side."""
    from tongguan.report.movements import movement_view

    movement = _found(session, reference, side)
    session.output.item(movement)
    session.output.show(*movement_view(movement))


@app.command("list")
@command
def list_(
    session: Session,
    state_filter: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only these, for instance RELEASED; may be repeated.")
    ] = None,
    side: Annotated[str, typer.Option(metavar="SIDE", help="Only departure, destination or transit.")] = "",
    other: Annotated[str, typer.Option("--with", metavar="DISTRICT", help="Only those with this district.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those past a time limit.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Most to list, newest first; 0 lists all.")] = 100,
) -> None:
    """List movements, newest first. Example: tongguan transit list --with hangzhou --state-filter RELEASED"""
    from clearance.gateway.v1.transit_service_pb2 import ListMovementsRequest
    from tongguan.report.movements import movement_row, movements_table, state_number

    request = ListMovementsRequest(
        states=map(state_number, state_filter or ()), side=side_of(side), other_district=other, overdue=overdue
    )
    made = movements_table()
    for movement in movements(session, OPERATOR).list(request, limit):
        session.output.item(movement)
        made.add_row(*movement_row(movement))
    session.output.show(made if made.row_count else "no such movement")


@app.command()
@command
def export(
    session: Session,
    reference: Reference,
    to: Annotated[str, typer.Option("--to", metavar="FORMAT", help="ncts: CC029C once released, else CC015C.")],
    own: Annotated[
        bool, typer.Option("--own", help="What this district holds (MRN, offices, dates) before what the source said.")
    ] = False,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write it there.")] = None,
    side: Side = "",
) -> None:
    """Write a movement as a message of NCTS; one that was converted comes back with the same data, but access codes."""
    from tongguan.convert.ncts.export import to_ncts
    from tongguan.convert.refusals import NotADeclaration

    if to != "ncts":
        raise Misused(f"--to {to} is not known", "write --to ncts")
    try:
        written = to_ncts(_found(session, reference, side), own)
    except NotADeclaration as refusal:
        raise Refused(str(refusal), "wait for its departure's answer, or ask there") from refusal
    with printer(output) as print_line:
        print_line(written.rstrip("\n"))


def _found(session: Session, reference: str, side: str) -> "Movement":
    """A number is looked up by the operator (or --as), a reference by each broker of the state folder in turn."""
    from tongguan.lookup import brokers

    wanted, refused = side_of(side), Refused(f"{reference}: no such movement", "see `tongguan transit list`")
    for identity in [OPERATOR] if MRN.fullmatch(reference) else brokers(session):
        try:
            return movements(session, identity).get(reference, wanted)
        except Refused as failure:
            refused = failure
    raise refused


def _entering(session: Session, lines: "MovementLines") -> "Callable[[Entered], object]":
    """How guarantees and carriers are entered; customs is reached only if there are any."""
    from tongguan.entering import entering

    return entering(session.officer("customs")) if lines.entered else lambda _entered: None


def _tell(session: Session, made: "Table", refused: "list[Movement]", line: int, result: "Result") -> None:
    from google.rpc.status_pb2 import Status

    from clearance.gateway.v1.transit_service_pb2 import Movement
    from tongguan.report.movements import movement_row

    if isinstance(result, Status):
        session.output.error(result, line)
    elif isinstance(result, Movement):
        session.output.item(result)
        made.add_row(*movement_row(result))
        if result.state == Movement.STATE_GUARANTEE_UNDER_AMENDMENT:
            refused.append(result)


def movements(session: Session, identity: str) -> "Movements":
    from tongguan.movements import Movements

    return Movements(session.peer("gateway", identity))


def tell(session: Session, movement: "Movement") -> None:
    from tongguan.report.movements import movement_line

    session.output.item(movement)
    session.output.show(movement_line(movement))


def side_of(name: str) -> "Movement.Side.ValueType":
    from tongguan.report.movements import side_number

    return side_number(name)
