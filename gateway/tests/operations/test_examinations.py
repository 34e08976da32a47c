"""Joint examinations: one appointment and one opening for all agencies that want to open the goods."""

from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from agencykit.identity import Identity
from agencykit.refusals import CallerNotListed, NotFound, RequestIdReused, StateForbids, Unavailable, to_status
from agencykit.rpc.call import Call
from agencykit.rpc.layers import Layers
from agencykit.rpc.service import Service
from agencykit.rpc.transport import Unreachable
from agencykit.testing.authority import DISTRICT
from agencykit.testing.inline import InlineTransport
from clearance.agency.v1 import work_service_pb2 as work
from clearance.gateway.v1 import clearance_pb2 as pb
from clearance.gateway.v1.examination_service_pb2 import JointExamination
from clearance.port.v1 import appointment_service_pb2 as slots

OPERATOR = "operator/port-office"
State = JointExamination
SCANNER = "SCAN-H986"


@dataclass
class SlotHouse:
    """The port's slots: each booking once under its request id; `SCAN-FULL` has no room."""

    booked: dict[str, slots.Booking] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)

    async def BookAppointments(self, request: slots.BookAppointmentsRequest, call: Call) -> Any:
        answer = slots.BookingAnswer(request_id=request.bookings[0].request_id)
        if request.bookings[0].resource_code == "SCAN-FULL":
            answer.error.CopyFrom(to_status(NotFound("resource", "SCAN-FULL")))
        else:
            self.booked[answer.request_id] = request.bookings[0]
            answer.appointment.id = answer.request_id
        return slots.BookAppointmentsResponse(answers=[answer])

    async def CancelAppointment(self, request: slots.CancelAppointmentRequest, call: Call) -> Any:
        self.cancelled.append(request.appointment_id)
        return slots.CancelAppointmentResponse()

    async def _none(self, request: Any, call: Call) -> Any:
        raise NotFound("appointment", "")

    ListSlots = MoveAppointment = ListAppointments = _none


@pytest.fixture
def port_slots(district: Any) -> SlotHouse:
    house, office = SlotHouse(), district.offices["port"]
    service = Service(house, slots.DESCRIPTOR.services_by_name["AppointmentService"], ("gateway",))
    services = [*office.app.services, service]
    office.layers = Layers(office.app.parts.settings, district.runtime, services, office.telemetry)
    return house


@pytest.fixture
def office(port_slots: SlotHouse, gateway: Any) -> Any:
    """The port office."""
    return gateway.caller(OPERATOR)


@pytest.fixture
async def number(port_slots: SlotHouse, district: Any, broker: Any, reference: str, make: Any) -> str:
    """A case whose weight customs and inspection want to see for themselves."""
    clearance = await broker.submit(make.sea_import(reference))
    await district.weigh(reference, 2000.0, "customs", "inspection")
    await district.weigh(reference, 1000.0, "border", "port")

    async def to_be_examined() -> Any:
        verdicts = [each.decision.verdict for each in (await broker.get(clearance.number)).agencies]
        return verdicts == [6, 6, 1, 1]

    await make.eventually(to_be_examined)
    return str(clearance.number)


def tomorrow(district: Any) -> Timestamp:
    return Timestamp(seconds=int(district.runtime.clock.now().timestamp()) + 86_400)


async def test_agencies_that_want_the_same_container_get_one_appointment_and_one_opening(
    port_slots: SlotHouse, district: Any, broker: Any, office: Any, number: str, make: Any
) -> None:
    arranged = await office.examine("Arrange", number, resource_code=SCANNER, start_time=tomorrow(district))
    assert (arranged.state, list(arranged.agencies)) == (State.STATE_ARRANGED, ["customs", "inspection"])
    assert list(arranged.container_numbers) == ["CSQU3054383"]
    [booking] = port_slots.booked.values()
    assert (booking.resource_code, booking.units, booking.container_number) == (SCANNER, 1, "CSQU3054383")
    opened = await office.examine(
        "Open", number, open_time=tomorrow(district), found_seals=["HL123"], new_seals=["HG456"], remark="40 cartons"
    )
    assert (opened.state, opened.opener) == (State.STATE_OPENED, "spiffe://ningbo.clearance/operator/port-office")
    assert (list(opened.found_seals), list(opened.new_seals)) == (["HL123"], ["HG456"])
    for agency in opened.agencies:
        await record_result(district, agency, number)

    async def released() -> Any:
        return (await broker.get(number)).state == pb.Clearance.STATE_RELEASED

    await make.eventually(released)


async def record_result(district: Any, agency: str, number: str) -> None:
    """What its officer found at the opening, in his own agency's WorkService."""
    [piece] = (await at_work(district, agency, "ListWork", clearance_number=number)).work
    uuid = district.runtime.ids.uuid
    await at_work(district, agency, "TakeWork", request_id=uuid(), work_id=piece.id)
    result = work.WorkResult(outcome=work.WorkResult.OUTCOME_CLEARED, reason="联合查验无异常")
    await at_work(district, agency, "RecordWork", request_id=uuid(), work_id=piece.id, result=result)


async def at_work(district: Any, agency: str, method: str, **fields: Any) -> Any:
    """A call of WorkService by an officer of this agency."""
    here = district.offices[agency]
    officer = Identity.of_district(DISTRICT, f"operator/{agency}-7")
    request, answer = getattr(work, f"{method}Request")(**fields), getattr(work, f"{method}Response")
    path = f"/clearance.agency.v1.WorkService/{method}"
    transport = InlineTransport(here.layers, officer, here.telemetry)
    return await transport.unary(path, request, answer, timeout_seconds=10.0)


async def test_where_there_is_no_slot_nothing_is_arranged_and_another_may_be(
    district: Any, office: Any, number: str
) -> None:
    declined = await office.examine("Arrange", number, resource_code="SCAN-FULL", start_time=tomorrow(district))
    assert (declined.state, declined.decline_reason) == (State.STATE_DECLINED, "NOT_FOUND")
    again = await office.examine("Arrange", number, resource_code=SCANNER, start_time=tomorrow(district))
    assert (again.round, again.state) == (2, State.STATE_ARRANGED)
    with pytest.raises(StateForbids):
        await office.examine("Arrange", number, resource_code=SCANNER, start_time=tomorrow(district))


async def test_an_agency_that_does_not_accept_gives_the_slot_back(
    port_slots: SlotHouse, district: Any, office: Any, number: str
) -> None:
    """Agencies accept times that are still to come."""
    declined = await office.examine("Arrange", number, resource_code=SCANNER, start_time=Timestamp(seconds=1))
    assert (declined.state, declined.decline_reason) == (State.STATE_DECLINED, "AGENCY_DECLINED:customs")
    assert port_slots.cancelled == [declined.appointment_id]


async def test_what_an_outage_interrupted_is_resumed_by_the_same_request(
    port_slots: SlotHouse, district: Any, office: Any, number: str
) -> None:
    async def lost(moment: str, method: str) -> None:
        if moment == "answered" and method == "ProposeExamination":
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "cable cut")

    same = {"request_id": district.runtime.ids.uuid(), "resource_code": SCANNER, "start_time": tomorrow(district)}
    district.offices["inspection"].hook = lost
    with pytest.raises(Unavailable):
        await office.examine("Arrange", number, **same)
    district.offices["inspection"].hook = None
    arranged = await office.examine("Arrange", number, **same)
    assert (arranged.round, arranged.state) == (1, State.STATE_ARRANGED)
    assert len(port_slots.booked) == 1
    assert await office.examine("Arrange", number, **same) == arranged
    with pytest.raises(RequestIdReused):
        await office.examine("Arrange", number, **{**same, "resource_code": "SCAN-2"})


async def test_a_cancelled_appointment_gives_the_slot_back_and_cannot_be_opened(
    port_slots: SlotHouse, district: Any, office: Any, number: str
) -> None:
    arranged = await office.examine("Arrange", number, resource_code=SCANNER, start_time=tomorrow(district))
    cancelled = await office.examine("Cancel", number)
    assert (cancelled.state, port_slots.cancelled) == (State.STATE_CANCELLED, [arranged.appointment_id])
    with pytest.raises(StateForbids):
        await office.examine("Open", number, open_time=tomorrow(district))


async def seen_by(district: Any, agency: str, number: str) -> bool:
    """Whether officers of this agency see an appointment with the examination."""
    [piece] = (await at_work(district, agency, "ListWork", clearance_number=number)).work
    return bool(piece.HasField("appointment"))


async def test_agencies_are_told_that_an_appointment_was_cancelled_also_after_a_restart(
    district: Any, office: Any, gateway: Any, number: str, make: Any
) -> None:
    async def away(moment: str, method: str) -> None:
        if moment == "called" and method == "RecordOutcomes":
            raise Unreachable(grpc.StatusCode.UNAVAILABLE, "cable cut")

    await office.examine("Arrange", number, resource_code=SCANNER, start_time=tomorrow(district))
    assert [await seen_by(district, each, number) for each in ("customs", "inspection")] == [True, True]
    district.offices["inspection"].hook = away
    await office.examine("Cancel", number)

    async def told(agency: str) -> bool:
        return not await seen_by(district, agency, number)

    await make.eventually(lambda: told("customs"))
    assert not await told("inspection")
    await gateway.app.stop()
    district.offices["inspection"].hook = None
    again = await district.open_gateway()
    await make.eventually(lambda: told("inspection"))
    moved = await again.caller(OPERATOR).examine(
        "Arrange", number, resource_code=SCANNER, start_time=tomorrow(district)
    )
    assert (moved.round, moved.state) == (2, State.STATE_ARRANGED)
    assert [await seen_by(district, each, number) for each in ("customs", "inspection")] == [True, True]


async def test_nobody_arranges_what_nobody_wants_to_open(
    district: Any, broker: Any, office: Any, reference: str, make: Any
) -> None:
    released = (await broker.submit(make.air_import(reference))).number
    with pytest.raises(StateForbids):
        await office.examine("Arrange", released, resource_code=SCANNER, start_time=tomorrow(district))
    with pytest.raises(NotFound):
        await office.examine("Cancel", released)
    with pytest.raises(CallerNotListed):
        await broker.examine("Cancel", released)
