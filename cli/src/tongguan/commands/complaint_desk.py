"""What officers do with complaints (投诉): assign, answer, arbitrate; and how agencies learn what binds them."""

from typing import TYPE_CHECKING, Annotated

import typer

from tongguan.failures import Misused
from tongguan.interrupting import until_interrupted
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.gateway.v1.complaint_pb2 import Complaint
    from tongguan.complaints import Complaints

ANSWERS = {"remedied": 1, "explained": 2, "rejected": 3}
RULINGS = {"upheld": 1, "partly-upheld": 2, "dismissed": 3}
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Of the complaint; it begins with C.")]
Text = Annotated[list[str], typer.Option("--text", metavar="TEXT", help="A paragraph, or @FILE; repeat it for more.")]


@command
def assign(
    session: Session, number: Number, agency: Annotated[str, typer.Argument(metavar="AGENCY", help="Or port_office.")]
) -> None:
    """Say who is to answer a complaint; its deadline stays. Example: tongguan complaint assign C31002004… customs"""
    _show(session, _desk(session).assign(number.upper(), agency))


@command
def answer(
    session: Session,
    number: Number,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help=f"One of: {', '.join(ANSWERS)}.")],
    text: Text,
) -> None:
    """Answer a complaint for the agency, or the port office, whose it is.

    Example: tongguan --as officer-customs complaint answer C31002004… remedied --text 已补办,致歉。
    """
    from tongguan.bulletins import text_of

    said = text_of("", text).paragraphs
    _show(session, _desk(session).answer(number.upper(), _number(outcome, ANSWERS), said))


@command
def arbitrate(
    session: Session,
    number: Number,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help=f"{', '.join(RULINGS)}; confirm or withdraw.")],
    reason: Annotated[list[str] | None, typer.Option(metavar="TEXT", help="Why; a paragraph, or @FILE.")] = None,
    measure: Annotated[
        list[str] | None,
        typer.Option(metavar="AGENCY,KIND,TIME,WORDS", help="What an agency has to do: customs,decide,+72,三日内决定"),
    ] = None,
) -> None:
    """Arbitrate a complaint as the port office (口岸办): it binds the agencies, and releases nothing.

    One that upholds it or orders measures takes two officers: the first one's call proposes it, `confirm` by another
    decides it, `withdraw` takes the proposal back. Example:
    tongguan complaint arbitrate C31002004… upheld --reason 查验超过时限 --measure customs,decide,+72,三日内决定
    and then: tongguan --as duty complaint arbitrate C31002004… confirm
    """
    from clearance.gateway.v1.complaint_service_pb2 import ArbitrateComplaintRequest
    from tongguan.bulletins import text_of
    from tongguan.complaints import measure_of

    desk, number = _desk(session), number.upper()
    if outcome in ("confirm", "withdraw"):
        serial = desk.get(number, "").arbitration.serial or 1
        decide = desk.confirm if outcome == "confirm" else desk.take_back
        return _show(session, decide(number, serial))
    request = ArbitrateComplaintRequest(number=number, reasons=text_of("", reason or ()).paragraphs)
    request.outcome = _number(outcome, RULINGS)  # type: ignore[assignment]  # a number of the enum
    request.measures.extend(measure_of(each) for each in measure or ())
    return _show(session, desk.arbitrate(request))


@command
def contact(session: Session, number: Number) -> None:
    """Show how whoever complains can be reached; that you asked is recorded."""
    found = _desk(session).contact(number.upper())
    session.output.item(found)
    session.output.show(f"{found.name}, {found.address}")


@command
def follow(
    session: Session,
    position: Annotated[int, typer.Option(min=0, help="After which position; 0 begins with the first.")] = 0,
    timeout: Annotated[float, typer.Option(min=0, help="End after so many seconds; 0 goes on until Ctrl-C.")] = 0,
) -> None:
    """Print arbitrations as they are decided: an agency's officer those that bind it, the port office all.

    Example: tongguan --as officer-customs complaint follow --json
    """
    from tongguan.report.complaints import arbitration_lines

    with until_interrupted():
        for each in _desk(session).follow(position, timeout):
            session.output.item(each)
            session.output.show("\n".join(arbitration_lines(each)))


@command
def receipt(session: Session, number: Number) -> None:
    """Say that the agency whose officer you are knows of the arbitration that binds it."""
    from tongguan.report.complaints import arbitration_lines

    found = _desk(session).receipt(number.upper())
    session.output.item(found)
    session.output.show("\n".join(arbitration_lines(found)))


def _desk(session: Session) -> "Complaints":
    from tongguan.complaints import Complaints

    return Complaints(session.peer("gateway", "operator"))


def _number(name: str, known: dict[str, int]) -> int:
    if name not in known:
        raise Misused(f"{name}: no such outcome", f"take one of: {', '.join(known)}")
    return known[name]


def _show(session: Session, complaint: "Complaint") -> None:
    from tongguan.report.complaints import complaint_lines

    session.output.item(complaint)
    session.output.show(complaint_lines(complaint))
