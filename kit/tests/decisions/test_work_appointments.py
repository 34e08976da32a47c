"""Joint examinations are proposed to officers with work, and called off."""

import pytest

from agencykit.refusals import NotFound
from agencykit.testing.inline_agency import InlineAgency
from agencykit.testing.running import AGENCY_SERVICE
from clearance.agency.v1 import agency_service_pb2 as pb

from .conftest import Harbour
from .test_work import examined, works

# Seconds since 1970. Reckoned from the clock, the same proposal made again would be another one after the full hour.
TO_COME, LATER, PAST = 4_102_444_800, 4_102_531_200, 1_100_660_400


async def propose(
    harbour: Harbour, office: InlineAgency, number: str, start: int = TO_COME, request_id: str = ""
) -> pb.ExaminationAppointment:
    """Proposes a joint examination that begins then."""
    request = pb.ProposeExaminationRequest(
        request_id=request_id or harbour.runtime.ids.uuid(),
        clearance_number=number,
        container_numbers=["CSQU3054383"],
        place="北仑查验场 3 号",
    )
    request.start_time.FromSeconds(start)
    method = f"{AGENCY_SERVICE}ProposeExamination"
    return (await office.gateway.call(method, request, pb.ProposeExaminationResponse)).appointment


async def call_off(harbour: Harbour, office: InlineAgency, number: str, request_id: str) -> None:
    """Twice, as a gateway does that lost the first answer."""
    request = pb.RecordOutcomesRequest()
    off = request.called_off.add(clearance_number=number, proposal_request_id=request_id)
    off.call_off_time.FromDatetime(harbour.runtime.clock.now())
    for _ in range(2):
        await office.gateway.call(f"{AGENCY_SERVICE}RecordOutcomes", request, pb.RecordOutcomesResponse)


async def test_an_appointment_is_accepted_while_its_time_is_to_come(harbour: Harbour, office: InlineAgency) -> None:
    number, request_id = await examined(harbour, office), harbour.runtime.ids.uuid()
    accepted = await propose(harbour, office, number, request_id=request_id)
    assert (accepted.accepted, accepted.place) == (True, "北仑查验场 3 号")
    assert await propose(harbour, office, number, request_id=request_id) == accepted
    assert not (await propose(harbour, office, number, PAST)).accepted
    with pytest.raises(NotFound):
        await propose(harbour, office, harbour.number())


async def test_officers_see_the_appointment_that_stands_until_it_is_called_off(
    harbour: Harbour, office: InlineAgency
) -> None:
    number, first = await examined(harbour, office), harbour.runtime.ids.uuid()
    [work] = await works(office, number)
    assert not work.HasField("appointment")
    accepted = await propose(harbour, office, number, request_id=first)
    assert [work.appointment for work in await works(office, number)] == [accepted]
    await call_off(harbour, office, number, first)
    [work] = await works(office, number)
    assert not work.HasField("appointment")
    moved = await propose(harbour, office, number, LATER)
    assert [work.appointment for work in await works(office, number)] == [moved]
    acts = await harbour.acts(office, number)
    assert acts == ["work_opened", "examination_proposed", "examination_called_off", "examination_proposed"]


async def test_a_proposal_that_comes_after_it_was_called_off_is_not_accepted(
    harbour: Harbour, office: InlineAgency
) -> None:
    number, request_id = await examined(harbour, office), harbour.runtime.ids.uuid()
    await call_off(harbour, office, number, request_id)
    late = await propose(harbour, office, number, request_id=request_id)
    assert not late.accepted
    assert await propose(harbour, office, number, request_id=request_id) == late
