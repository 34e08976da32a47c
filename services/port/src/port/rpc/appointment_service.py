"""AppointmentService: room at berths, yard, gates and scanners."""

from collections.abc import Mapping

from agencykit.agency import AgencyParts
from agencykit.decisions.messages import claim_of, micros, timestamp
from agencykit.decisions.requests import Claim, content_digest
from agencykit.identity import Identity
from agencykit.refusals import Refusal, to_status
from agencykit.rpc.call import Call
from agencykit.rpc.service import Service
from agencykit.rpc.validation import validate_items
from agencykit.storage.times import to_micros
from clearance.port.v1 import appointment_service_pb2 as pb
from port.domain.capacity import Resource, Wish
from port.domain.identifiers import fold
from port.operations import appointments
from port.operations.appointments import RESOURCE, Booking, Party
from port.storage.appointments import Appointment

CALLERS = ("operator/*", "terminal/*", "haulier/*", "gateway")
SLOTS, PAGE = 24, 100


class AppointmentServicer:
    """`resources` are the port's, by code."""

    def __init__(self, parts: AgencyParts, resources: Mapping[str, Resource]) -> None:
        self._parts, self._resources = parts, resources

    async def ListSlots(self, request: pb.ListSlotsRequest, call: Call) -> pb.ListSlotsResponse:
        found = await self._parts.database.read(
            appointments.room,
            self._resources,
            party_of(call.identity),
            request.resource_code,
            micros(request.start_time),
            request.count or SLOTS,
            self._now(),
        )
        slots = [_slot(found.resource, start, taken) for start, taken in found.slots]
        return pb.ListSlotsResponse(slots=slots, in_use=found.in_use)

    async def BookAppointments(self, request: pb.BookAppointmentsRequest, call: Call) -> pb.BookAppointmentsResponse:
        faults = validate_items(request.bookings)
        sound = [one for one, fault in zip(request.bookings, faults, strict=True) if fault is None]
        bookings = [self._booking(one, call) for one in sound]
        write, party = self._parts.database.write, party_of(call.identity)
        made = iter(await write(appointments.book, self._resources, party, bookings, self._now()) if bookings else ())
        answered = [fault or next(made) for fault in faults]
        ids = [one.request_id for one in request.bookings]
        return pb.BookAppointmentsResponse(answers=list(map(_answer, ids, answered)))

    async def MoveAppointment(self, request: pb.MoveAppointmentRequest, call: Call) -> pb.MoveAppointmentResponse:
        claim = claim_of(request, "appointment_move", call.identity, request.request_id)
        target = (request.appointment_id, request.resource_code, micros(request.start_time))
        write, party = self._parts.database.write, party_of(call.identity)
        moved = await write(appointments.move, self._resources, party, claim, *target, self._now())
        return pb.MoveAppointmentResponse(appointment=_message(moved))

    async def CancelAppointment(self, request: pb.CancelAppointmentRequest, call: Call) -> pb.CancelAppointmentResponse:
        claim, party = (
            claim_of(request, "appointment_cancel", call.identity, request.request_id),
            party_of(call.identity),
        )
        cancelled = await self._parts.database.write(
            appointments.cancel, party, claim, request.appointment_id, self._now()
        )
        return pb.CancelAppointmentResponse(appointment=_message(cancelled))

    async def ListAppointments(self, request: pb.ListAppointmentsRequest, call: Call) -> pb.ListAppointmentsResponse:
        party, size = party_of(call.identity), request.page_size or PAGE
        after = micros(request.after_time) if request.HasField("after_time") else 0
        wanted = (request.resource_code, after, request.page_token, size)
        found = await self._parts.database.read(appointments.seen, self._resources, party, *wanted)
        token = found[-1].id if len(found) == size else ""
        return pb.ListAppointmentsResponse(appointments=list(map(_message, found)), next_page_token=token)

    def _booking(self, one: pb.Booking, call: Call) -> Booking:
        digest = content_digest(one.SerializeToString(deterministic=True))
        return Booking(
            claim=Claim(RESOURCE, str(call.identity), one.request_id, digest),
            resource=one.resource_code,
            wish=Wish(micros(one.start_time), one.slots or 1, one.units or 1),
            document=fold(one.transport_document_number),
            container=fold(one.container_number),
            conveyance=one.conveyance_identification,
            new_id=self._parts.runtime.ids.uuid(),
        )

    def _now(self) -> int:
        return to_micros(self._parts.runtime.clock.now())


def party_of(identity: Identity) -> Party:
    """What a caller may book and see, by his role."""
    name, role = identity.name, identity.role
    return Party(
        str(identity),
        terminal=name if role == "terminal" else "",
        haulier=name if role == "haulier" else "",
        operator=role == "operator",
    )


def _slot(resource: Resource, start: int, booked: int) -> pb.Slot:
    end = timestamp(start + resource.slot)
    return pb.Slot(start_time=timestamp(start), end_time=end, capacity=resource.capacity, booked=booked)


def _answer(request_id: str, answer: Appointment | Refusal) -> pb.BookingAnswer:
    if isinstance(answer, Refusal):
        return pb.BookingAnswer(request_id=request_id, error=to_status(answer))
    return pb.BookingAnswer(request_id=request_id, appointment=_message(answer))


def _message(one: Appointment) -> pb.Appointment:
    return pb.Appointment(
        id=one.id,
        resource_code=one.resource,
        start_time=timestamp(one.start_time),
        end_time=timestamp(one.end_time),
        units=one.units,
        transport_document_number=one.document,
        container_number=one.container,
        conveyance_identification=one.conveyance,
        holder=one.holder,
        state=one.state,  # type: ignore[arg-type]  # stored as the contract's numbers
        create_time=timestamp(one.create_time),
        update_time=timestamp(one.update_time),
    )


def appointment_service(parts: AgencyParts, resources: Mapping[str, Resource]) -> Service:
    """The service with its default callers."""
    descriptor = pb.DESCRIPTOR.services_by_name["AppointmentService"]
    return Service(AppointmentServicer(parts, resources), descriptor, CALLERS)
