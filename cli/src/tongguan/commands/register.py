"""register: what customs' registers know of a broker, an enterprise or a carrier."""

from typing import Annotated

import typer

from tongguan.options import command
from tongguan.session import Session

app = typer.Typer(name="register", help="Customs' registers.", no_args_is_help=True)

Customs = Annotated[
    str, typer.Option("--agency", metavar="AGENCY[=HOST:PORT]", help="The customs service that keeps it.")
]
_SERVICE = "/clearance.customs.v1.RegisterService/"


@app.command()
@command
def broker(
    session: Session,
    licence: Annotated[str, typer.Argument(metavar="LICENCE", help="Licence number.")],
    agency: Customs = "customs",
) -> None:
    """Show a broker and the figures of its quality."""
    from clearance.customs.v1 import register_service_pb2 as pb
    from tongguan.report.registers import broker_lines

    request, peer = pb.GetBrokerRequest(licence=licence), session.officer(agency)
    found = peer.call(f"{_SERVICE}GetBroker", request, pb.GetBrokerResponse)
    session.output.item(found)
    session.output.show(broker_lines(found))


@app.command()
@command
def enterprise(
    session: Session,
    identifier: Annotated[str, typer.Argument(metavar="IDENTIFIER", help="Registration number.")],
    agency: Customs = "customs",
) -> None:
    """Show an enterprise, every class it has had, and what was found in its goods."""
    from clearance.customs.v1 import register_service_pb2 as pb
    from tongguan.report.registers import enterprise_lines

    request, peer = pb.GetEnterpriseRequest(identifier=identifier), session.officer(agency)
    found = peer.call(f"{_SERVICE}GetEnterprise", request, pb.GetEnterpriseResponse)
    session.output.item(found)
    session.output.show(enterprise_lines(found))


@app.command()
@command
def carrier(
    session: Session,
    identifier: Annotated[str, typer.Argument(metavar="IDENTIFIER", help="Registration number.")],
    agency: Customs = "customs",
) -> None:
    """Show who may move goods under customs control, and by which vehicles."""
    from clearance.customs.v1 import register_service_pb2 as pb
    from tongguan.report.registers import carrier_lines

    request, peer = pb.GetCarrierRequest(identifier=identifier), session.officer(agency)
    found = peer.call(f"{_SERVICE}GetCarrier", request, pb.GetCarrierResponse)
    session.output.item(found)
    session.output.show(carrier_lines(found))
