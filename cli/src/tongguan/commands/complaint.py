"""complaint: complaints (投诉) of brokers and of the public, and what comes of them."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.commands.complaint_desk import answer, arbitrate, assign, contact, follow, receipt
from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.gateway.v1.complaint_pb2 import Complaint
    from tongguan.complaints import Complaints

app = typer.Typer(name="complaint", help="Complaints (投诉), their answers and arbitration.", no_args_is_help=True)

STATES = ("filed", "assigned", "answered", "escalated", "arbitrated", "accepted", "lapsed", "withdrawn")
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Of the complaint; it begins with C.")]
Token = Annotated[str, typer.Option(metavar="TOKEN", help="From filing; a broker needs none for his own.")]
Text = Annotated[list[str], typer.Option("--text", metavar="TEXT", help="A paragraph, or @FILE; repeat it for more.")]


@app.command()
@command
def file(
    session: Session,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="As `tongguan complaint kinds` lists it.")],
    text: Text,
    agency: Annotated[str, typer.Option(metavar="AGENCY", help="Complained of, or port_office.")] = "",
    clearance: Annotated[str, typer.Option(metavar="NUMBER", help="The clearance that it is about.")] = "",
    name: Annotated[str, typer.Option(help="Of whoever complains; kept apart.")] = "",
    reach: Annotated[str, typer.Option(metavar="ADDRESS", help="Where he can be reached; kept apart.")] = "",
    token: Annotated[str, typer.Option(metavar="TOKEN", help="26 characters by chance; made if not given.")] = "",
) -> None:
    """File a complaint. Its token is printed once: with it whoever complains follows it, accepts or escalates.

    Examples: tongguan --as broker/3104980001 complaint file DELAY --clearance 3100… --text 三天无人答复。
    tongguan complaint file CONDUCT --text @letter.txt --name 张先生 --reach 0574-87654321 (by telephone)
    """
    from clearance.gateway.v1.complaint_pb2 import ComplaintContact
    from clearance.gateway.v1.complaint_service_pb2 import FileComplaintRequest
    from tongguan.bulletins import text_of
    from tongguan.complaints import new_token

    request = FileComplaintRequest(
        kind_id=kind.upper(),
        agency=agency,
        clearance_number=clearance.upper(),
        paragraphs=text_of("", text).paragraphs,
        token=token.upper() or new_token(),
    )
    if name or reach:
        request.contact.CopyFrom(ComplaintContact(name=name, address=reach))
    filed = _desk(session).file(request)
    session.output.item(filed)
    session.output.line({"token": request.token})
    session.output.show(f"{filed.number} is acknowledged; its token: {request.token}")
    _show(session, filed, item=False)


@app.command()
@command
def kinds(session: Session) -> None:
    """Show the kinds of complaints, who answers them and within how long."""
    from tongguan.report.complaints import kinds_table

    found = _desk(session).kinds()
    session.output.item(found)
    session.output.show(kinds_table(found))


@app.command("list")
@command
def list_(
    session: Session,
    state_filter: Annotated[
        list[str] | None, typer.Option(metavar="STATE", help=f"Only these: {', '.join(STATES)}.")
    ] = None,
    agency: Annotated[str, typer.Option(metavar="AGENCY", help="Only of this one, or of port_office.")] = "",
    clearance: Annotated[str, typer.Option(metavar="NUMBER", help="Only about this clearance.")] = "",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what was due and goes on.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0 is all.")] = 50,
) -> None:
    """List complaints, the newest first: an agency's officer sees its own, the port office all.

    Example: tongguan --as officer-customs complaint list --state-filter assigned --csv
    """
    from tongguan.report.complaints import complaint_row, complaints_table

    wanted = {"states": [_state(each) for each in state_filter or ()], "agency": agency, "overdue": overdue}
    made = complaints_table()
    for each in _desk(session).list({**wanted, "clearance_number": clearance.upper()}, limit):
        session.output.item(each)
        made.add_row(*complaint_row(each))
    session.output.show(made if made.row_count else "no such complaint")


@app.command()
@command
def show(session: Session, number: Number, token: Token = "") -> None:
    """Show how a complaint stands: who is to answer by when, the answer, and how it was arbitrated."""
    _show(session, _desk(session).get(number.upper(), token.upper()))


@app.command()
@command
def accept(session: Session, number: Number, token: Token = "") -> None:
    """Accept the answer, as whoever complains. Example: tongguan complaint accept C31002004… --token 7K3M…"""
    _show(session, _desk(session).accept(number.upper(), token.upper()))


@app.command()
@command
def escalate(session: Session, number: Number, text: Text, token: Token = "") -> None:
    """Bring it before the port office (口岸办), as whoever complains, while its answer may be contested.

    Example: tongguan --as broker/3104980001 complaint escalate C31002004… --text 没有说明缺什么材料。
    """
    from tongguan.bulletins import text_of

    _show(session, _desk(session).escalate(number.upper(), token.upper(), text_of("", text).paragraphs))


@app.command()
@command
def withdraw(session: Session, number: Number, token: Token = "") -> None:
    """Take a complaint back for good, as whoever complains."""
    _show(session, _desk(session).withdraw(number.upper(), token.upper()))


@app.command()
@command
def figures(
    session: Session,
    months: Annotated[int, typer.Option(min=1, max=120, help="Of so many months, this one included.")] = 12,
) -> None:
    """Show open figures: how many by month, kind and agency, in time or late, escalated, arbitrated.

    Example: tongguan complaint figures --months 3 --csv
    """
    from tongguan.report.complaints import figures_table

    found = _desk(session).figures(months)
    for each in found:
        session.output.item(each)
    session.output.show(figures_table(found) if found else "no complaint was filed")


for desk in (assign, answer, arbitrate, contact, follow, receipt):
    app.command()(desk)


def _desk(session: Session) -> "Complaints":
    from tongguan.complaints import Complaints

    return Complaints(session.peer("gateway", "operator"))


def _state(name: str) -> "Complaint.State.ValueType":
    from clearance.gateway.v1.complaint_pb2 import Complaint

    if name not in STATES:
        raise Misused(f"--state-filter {name}: no such state", f"take one of: {', '.join(STATES)}")
    return Complaint.State.Value(f"STATE_{name.upper()}")


def _show(session: Session, complaint: "Complaint", *, item: bool = True) -> None:
    from tongguan.report.complaints import complaint_lines

    if item:
        session.output.item(complaint)
    session.output.show(complaint_lines(complaint))
