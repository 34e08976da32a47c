"""appeal: against refusals of border, within 15 days."""

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from tongguan.failures import Misused
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.border.v1.appeal_service_pb2 import Appeal
    from tongguan.channels import Peer

app = typer.Typer(name="appeal", help="Appeals against border's refusals: lodge, list, decide.", no_args_is_help=True)

BORDER, APPELLANT, OFFICER = "border", "broker", "operator"
_SERVICE = "/clearance.border.v1.AppealService/"


@app.command()
@command
def lodge(
    session: Session,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Number of the clearance that border refused.")],
    grounds: Annotated[str, typer.Option(help="Why the refusal is wrong.")],
) -> None:
    """Appeal against border's refusal of a clearance."""
    from clearance.border.v1.appeal_service_pb2 import LodgeAppealRequest, LodgeAppealResponse
    from tongguan.clearances import request_id

    act = request_id("appeal", number, grounds)
    request = LodgeAppealRequest(request_id=act, clearance_number=number, grounds=grounds)
    _show(session, _peer(session, APPELLANT).call(f"{_SERVICE}LodgeAppeal", request, LodgeAppealResponse).appeal)


@app.command("list")
@command
def list_(session: Session) -> None:
    """List appeals: an operator sees all, a broker its own."""
    from clearance.border.v1.appeal_service_pb2 import ListAppealsRequest, ListAppealsResponse

    border = _peer(session, OFFICER)
    found = border.pages(f"{_SERVICE}ListAppeals", ListAppealsRequest(), ListAppealsResponse, "appeals")
    _show(session, *found)


@app.command()
@command
def decide(
    session: Session,
    appeal: Annotated[str, typer.Argument(metavar="APPEAL", help="From `appeal list`.")],
    outcome: Annotated[str, typer.Option(metavar="upheld|dismissed", help="Whether the refusal is set aside.")],
    reason: Annotated[str, typer.Option(help="The officer's reason.")],
) -> None:
    """Decide an appeal; not by the officer whose result it is about."""
    from clearance.border.v1 import appeal_service_pb2 as service

    states = {"upheld": service.Appeal.STATE_UPHELD, "dismissed": service.Appeal.STATE_DISMISSED}
    if outcome not in states:
        raise Misused(f"--outcome {outcome} is not known", f"take {' or '.join(states)}")
    request = service.DecideAppealRequest(
        request_id=str(uuid4()), appeal_id=appeal, state=states[outcome], reason=reason
    )
    _show(
        session, _peer(session, OFFICER).call(f"{_SERVICE}DecideAppeal", request, service.DecideAppealResponse).appeal
    )


def _peer(session: Session, otherwise: str) -> "Peer":
    return session.peer(BORDER, otherwise)


def _show(session: Session, *appeals: "Appeal") -> None:
    from clearance.border.v1.appeal_service_pb2 import Appeal
    from tongguan.report.names import clock
    from tongguan.report.tables import table

    made = table("", "appeal", "clearance", "version", "revision", "state", "lodged", "officer", "grounds")
    for one in appeals:
        session.output.item(one)
        state, officer = Appeal.State.Name(one.state).removeprefix("STATE_"), one.officer.rpartition("/")[2] or "-"
        places = str(one.version), str(one.revision)
        made.add_row(one.id, one.clearance_number, *places, state, clock(one.lodge_time), officer, one.grounds)
    session.output.show(made if made.row_count else "no appeals")
