"""slot: room at the port's berths, yards, gates and scanners."""

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from tongguan.as_of import slot_begin
from tongguan.options import command
from tongguan.session import Session

if TYPE_CHECKING:
    from clearance.port.v1.appointment_service_pb2 import Appointment
    from tongguan.slots import Slots

app = typer.Typer(name="slot", help="Room at the port: list, book, move, cancel, booked.", no_args_is_help=True)

PORT, BOOKER = "port", "operator"
Resource = Annotated[str, typer.Argument(metavar="RESOURCE", help="For instance BEILUN-2/GATE or BEILUN-2/SCANNER.")]
Start = Annotated[
    str, typer.Option("--from", metavar="TIME", help="Begin of a slot, as 2026-11-23T08:00Z; +HOURS counts from now.")
]
Id = Annotated[str, typer.Argument(metavar="APPOINTMENT", help="From `slot booked`.")]


@app.command("list")
@command
def list_(
    session: Session,
    resource: Resource,
    start: Start = "+0",
    count: Annotated[int, typer.Option(min=1, max=1000, help="Slots.")] = 24,
) -> None:
    """List a resource's slots with their room."""
    from tongguan.slots import slots_table

    found = _slots(session).list(resource, slot_begin(start), count)
    session.output.item(found)
    session.output.show(slots_table(resource, found))


@app.command()
@command
def book(
    session: Session,
    resource: Resource,
    start: Start,
    slots: Annotated[int, typer.Option(min=1, help="Slots, one after another.")] = 1,
    units: Annotated[int, typer.Option(min=1, help="Trucks, containers or ships.")] = 1,
    document: Annotated[str, typer.Option(help="Transport document; a haulier must state it.")] = "",
    container: Annotated[str, typer.Option(help="Container.")] = "",
    conveyance: Annotated[str, typer.Option(metavar="PLATE", help="Truck, or ship.")] = "",
) -> None:
    """Book room."""
    from clearance.port.v1.appointment_service_pb2 import Booking
    from tongguan.statuses import to_failure

    booking = Booking(
        request_id=str(uuid4()),
        resource_code=resource,
        slots=slots,
        units=units,
        transport_document_number=document,
        container_number=container,
        conveyance_identification=conveyance,
    )
    booking.start_time.FromDatetime(slot_begin(start))
    answer = _slots(session).book(booking)
    if answer.HasField("error"):
        raise to_failure(answer.error, PORT)
    _show(session, answer.appointment)


@app.command()
@command
def move(
    session: Session,
    appointment: Id,
    start: Start,
    resource: Annotated[str, typer.Option(help="Another resource; the same if none.")] = "",
) -> None:
    """Move an appointment; where there is no room it stays where it is."""
    _show(session, _slots(session).move(appointment, resource, slot_begin(start), str(uuid4())))


@app.command()
@command
def cancel(session: Session, appointment: Id) -> None:
    """Cancel an appointment and give its room back."""
    _show(session, _slots(session).cancel(appointment, str(uuid4())))


@app.command()
@command
def booked(
    session: Session, resource: Annotated[str, typer.Option(help="Only at this resource; all if none.")] = ""
) -> None:
    """List appointments: an operator sees all, others their own."""
    from tongguan.slots import appointment_row, appointments_table

    made = appointments_table()
    for one in _slots(session).booked(resource):
        session.output.item(one)
        made.add_row(*appointment_row(one))
    session.output.show(made if made.row_count else "no appointments")


def _show(session: Session, one: "Appointment") -> None:
    from tongguan.slots import appointment_row, appointments_table

    session.output.item(one)
    made = appointments_table()
    made.add_row(*appointment_row(one))
    session.output.show(made)


def _slots(session: Session) -> "Slots":
    from tongguan.slots import Slots

    return Slots(session.peer(PORT, BOOKER))
