"""show, list and watch: clearances as the gateway lets the caller see them; describe: an agency's rules."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Misused
from tongguan.interrupting import until_interrupted
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.gateway.v1.clearance_pb2 import Clearance

NUMBER_LENGTH = 20  # 4-digit customs district, 4-digit year, 12 characters
Language = Annotated[str, typer.Option("--language", help="zh, en or both.", metavar="zh|en|both")]
LANGUAGES = ("zh", "en", "both")
GATEWAY = "gateway"


@command
def show(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NUMBER|LRN", help="Its number, or the broker's own reference.")],
    language: Language = "both",
) -> None:
    """Show one clearance: where it stands, who must act, what each agency found and what would be enough."""
    from tongguan.lookup import find
    from tongguan.report.case import case
    from tongguan.report.catalogue import catalogue_by

    _check(language)
    clearance = find(session, name)
    session.output.item(clearance)
    if not session.output.json_lines:
        session.output.show(case(clearance, catalogue_by(session.peer), language))


@command
def list_(
    session: Session,
    state_filter: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help="Only these, for instance RELEASED; may be repeated.")
    ] = None,
    waiting: Annotated[str, typer.Option(metavar="PARTY", help="Only those that wait for it: carrier, broker, …")] = "",
    key_id: Annotated[
        str, typer.Option(metavar="ID", help="Only those of this key port, industry or enterprise.")
    ] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those whose commitment has run out.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="Most to list, newest first; 0 lists all.")] = 100,
) -> None:
    """List clearances, newest first."""
    from clearance.gateway.v1.clearance_service_pb2 import ListClearancesRequest
    from tongguan.report.clocks import overdue_row, overdue_table
    from tongguan.report.rows import clearance_row, clearances_table

    request = ListClearancesRequest(
        states=map(_state, state_filter or ()), waiting_party=waiting, overdue=overdue, key_id=key_id
    )
    made, row = (overdue_table(), overdue_row) if overdue else (clearances_table(), clearance_row)
    for clearance in session.clearances().list(request, limit):
        session.output.item(clearance)
        made.add_row(*row(clearance))
    nothing = "no clearance is overdue" if overdue else "no such clearance"
    session.output.show(made if made.row_count else nothing)


@command
def watch(
    session: Session,
    numbers: Annotated[list[str] | None, typer.Argument(metavar="NUMBER", help="Only these.")] = None,
    timeout: Annotated[float, typer.Option(min=0, help="End after so many seconds; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Print clearances as they change. Those named are printed once as they stand before."""
    client = session.clearances()
    for number in numbers or ():
        _changed(session, client.get(number=number))
    with until_interrupted():  # which is how one stops watching
        for clearance in client.watch(numbers or (), timeout):
            _changed(session, clearance)


def _changed(session: Session, clearance: "Clearance") -> None:
    from tongguan.report.rows import change_line

    session.output.item(clearance)
    session.output.show(change_line(clearance))


@command
def describe(
    session: Session,
    agency: Annotated[str, typer.Argument(metavar="AGENCY", help="customs, inspection, border, port, …; or gateway")],
    language: Language = "both",
) -> None:
    """Describe an agency: its rules, and for each what would be enough; or the gateway: what the district promises."""
    from tongguan.report.catalogue import DESCRIBER
    from tongguan.report.catalogue import describe as ask
    from tongguan.report.promises import promises
    from tongguan.report.rows import description

    _check(language)
    if agency == GATEWAY:
        published = session.clearances().commitments()
        session.output.item(published)
        session.output.show(promises(published, language))
        return
    described = ask(session.peer(agency, DESCRIBER), seconds=10.0)
    session.output.item(described)
    session.output.show(description(described, language))


def _check(language: str) -> None:
    if language not in LANGUAGES:
        raise Misused(f"--language {language} is not known", f"take one of: {', '.join(LANGUAGES)}")


def _state(name: str) -> "Clearance.State.ValueType":
    from clearance.gateway.v1.clearance_pb2 import Clearance

    known = {key.removeprefix("STATE_"): value for key, value in Clearance.State.items() if value}
    if name.upper().removeprefix("STATE_") not in known:
        raise Misused(f"--state-filter {name}: no such state", f"take one of: {', '.join(known)}")
    return known[name.upper().removeprefix("STATE_")]
