"""Joint examinations over the port's AppointmentService and every agency's AgencyService."""

from collections.abc import Mapping
from dataclasses import dataclass

from agencykit.refusals import NotFound, Refusal, from_status
from agencykit.rpc.transport import Transport, Unreachable
from clearance.agency.v1.agency_service_pb2 import ProposeExaminationRequest, ProposeExaminationResponse
from clearance.port.v1.appointment_service_pb2 import (
    BookAppointmentsRequest,
    BookAppointmentsResponse,
    CancelAppointmentRequest,
    CancelAppointmentResponse,
)
from gateway.domain.examination import PROPOSE as PROPOSAL
from gateway.domain.examination import Examination
from gateway.operations.ports import Booked
from gateway.rpc.answers import failed, reason_of
from gateway.rpc.times import timestamp

SLOTS = "/clearance.port.v1.AppointmentService"
PROPOSE = "/clearance.agency.v1.AgencyService/ProposeExamination"


@dataclass(frozen=True, slots=True)
class TransportSlots:
    """See SlotPort."""

    transport: Transport
    budget_seconds: float

    async def book(self, examination: Examination) -> Booked:
        """See SlotPort."""
        request = BookAppointmentsRequest()
        booking = request.bookings.add(
            request_id=examination.request_id_for("slots", "book"),
            resource_code=examination.resource,
            start_time=timestamp(examination.start_time),
            units=max(len(examination.containers), 1),
        )
        if len(examination.containers) == 1:
            booking.container_number = examination.containers[0]
        try:
            response = await self.transport.unary(
                f"{SLOTS}/BookAppointments", request, BookAppointmentsResponse, timeout_seconds=self.budget_seconds
            )
        except (Refusal, Unreachable) as error:
            raise failed(error) from error
        [answer] = response.answers
        if answer.HasField("appointment"):
            return Booked(answer.appointment.id)
        refusal = from_status(answer.error)
        return Booked("", reason_of(refusal) if refusal is not None else "UNKNOWN")

    async def cancel(self, examination: Examination) -> None:
        """See SlotPort."""
        request = CancelAppointmentRequest(
            request_id=examination.request_id_for("slots", "cancel"), appointment_id=examination.appointment_id
        )
        try:
            await self.transport.unary(
                f"{SLOTS}/CancelAppointment", request, CancelAppointmentResponse, timeout_seconds=self.budget_seconds
            )
        except (Refusal, Unreachable) as error:
            raise failed(error) from error


@dataclass(frozen=True, slots=True)
class TransportExaminer:
    """See ExaminerPort."""

    transport: Transport
    budget_seconds: float

    async def propose(self, agency: str, examination: Examination) -> bool | None:
        """See ExaminerPort."""
        request = ProposeExaminationRequest(
            request_id=examination.request_id_for(agency, PROPOSAL),
            clearance_number=examination.number,
            container_numbers=examination.containers,
            start_time=timestamp(examination.start_time),
            place=examination.resource,
        )
        try:
            response = await self.transport.unary(
                PROPOSE, request, ProposeExaminationResponse, timeout_seconds=self.budget_seconds
            )
        except NotFound:
            return None
        except (Refusal, Unreachable) as error:
            raise failed(error) from error
        return response.appointment.accepted


def examining(
    transports: Mapping[str, Transport], slot_agency: str, budget_seconds: float
) -> tuple[TransportSlots | None, dict[str, TransportExaminer]]:
    """Who keeps slots, None where nobody does; and every agency as one that may examine."""
    keeper = transports.get(slot_agency)
    slots = TransportSlots(keeper, budget_seconds) if keeper is not None else None
    return slots, {name: TransportExaminer(each, budget_seconds) for name, each in transports.items()}
