"""AppointmentService by one identity; slots and appointments as rows."""

from collections.abc import Iterator
from datetime import datetime

from rich.table import Table

from clearance.port.v1 import appointment_service_pb2 as service
from tongguan.channels import Peer
from tongguan.report.names import clock
from tongguan.report.tables import table

_SERVICE = "/clearance.port.v1.AppointmentService/"


class Slots:
    """The port's room. Every act may be repeated under its UUID."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    def list(self, resource: str, start: datetime, count: int) -> service.ListSlotsResponse:
        """Slots of a resource from this moment on."""
        request = service.ListSlotsRequest(resource_code=resource, count=count)
        request.start_time.FromDatetime(start)
        return self._peer.call(f"{_SERVICE}ListSlots", request, service.ListSlotsResponse)

    def book(self, booking: service.Booking) -> service.BookingAnswer:
        """Books one."""
        request = service.BookAppointmentsRequest(bookings=[booking])
        return self._peer.call(f"{_SERVICE}BookAppointments", request, service.BookAppointmentsResponse).answers[0]

    def move(self, appointment: str, resource: str, start: datetime, act: str) -> service.Appointment:
        """Moves it; `act` is the UUID of this act."""
        request = service.MoveAppointmentRequest(request_id=act, appointment_id=appointment, resource_code=resource)
        request.start_time.FromDatetime(start)
        return self._peer.call(f"{_SERVICE}MoveAppointment", request, service.MoveAppointmentResponse).appointment

    def cancel(self, appointment: str, act: str) -> service.Appointment:
        """Cancels it; `act` is the UUID of this act."""
        request = service.CancelAppointmentRequest(request_id=act, appointment_id=appointment)
        return self._peer.call(f"{_SERVICE}CancelAppointment", request, service.CancelAppointmentResponse).appointment

    def booked(self, resource: str) -> Iterator[service.Appointment]:
        """Appointments that the identity may see."""
        request = service.ListAppointmentsRequest(resource_code=resource)
        return self._peer.pages(
            f"{_SERVICE}ListAppointments", request, service.ListAppointmentsResponse, "appointments"
        )


def slots_table(resource: str, slots: service.ListSlotsResponse) -> Table:
    """Begin, capacity, booked, free; of a yard also how many containers stand in it."""
    title = f"{resource}, {slots.in_use} in use now" if slots.in_use else resource
    made = table(title, "from", "capacity", "booked", "free", numbers=["capacity", "booked", "free"])
    for slot in slots.slots:
        made.add_row(clock(slot.start_time), str(slot.capacity), str(slot.booked), str(slot.capacity - slot.booked))
    return made


def appointments_table() -> Table:
    """For `appointment_row`."""
    return table("", "appointment", "resource", "from", "to", "units", "goods", "holder", "state", numbers=["units"])


def appointment_row(one: service.Appointment) -> tuple[str, ...]:
    """One appointment."""
    goods = one.container_number or one.transport_document_number or one.conveyance_identification or "-"
    holder = one.holder.partition("://")[2].partition("/")[2]
    state = service.Appointment.State.Name(one.state).removeprefix("STATE_")
    span = clock(one.start_time), clock(one.end_time)
    return one.id, one.resource_code, *span, str(one.units), goods, holder, state
