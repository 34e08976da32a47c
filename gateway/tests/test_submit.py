"""One submission before four agencies at once, and what the broker is told."""

from typing import Any

from clearance.gateway.v1 import clearance_pb2 as pb


async def test_what_no_agency_objects_to_is_released_in_the_answer_itself(
    broker: Any, reference: str, make: Any
) -> None:
    clearance = await broker.submit(make.air_import(reference))
    assert clearance.state == pb.Clearance.STATE_RELEASED
    assert [standing.agency for standing in clearance.agencies] == list(make.agencies)
    assert len(clearance.orders) == 1
    assert len(clearance.orders[0].order.decisions) == 4
    assert not clearance.waiting
